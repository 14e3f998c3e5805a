package io.arrowraft.pd;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.arrowraft.pd.http.PdHttp;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.StoreStats;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.rpc.http.Telemetry;
import io.arrowraft.runtime.Async;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** A member that leads three stores and region 100, which has a peer on each, asked over HTTP. */
final class HttpDesk {
  private static final ObjectMapper JSON = new ObjectMapper();

  final PdHarness harness = new PdHarness();
  private final PdHttp http =
      new PdHttp(
          harness.config,
          harness.calls,
          harness.leader,
          harness.loop,
          Runnable::run,
          harness.loop,
          new Telemetry(new SimpleMeterRegistry(), () -> ""));

  HttpDesk() {
    harness.lead().bootstrap();
    harness.loop.advance(Duration.ofMillis(10));
    for (long id = 1; id <= 3; id++) {
      heartbeat(id);
    }
    Region.Builder region =
        Region.newBuilder().setId(100).addPeers(peer(101, 1)).addPeers(peer(102, 2));
    region.addPeers(peer(103, 3)).getRegionEpochBuilder().setConfVer(5).setVersion(1);
    report(region.build());
  }

  /** Its first peer says what a region is like. */
  void report(Region region) {
    harness
        .leader
        .regions()
        .report(
            new RegionInfo(
                region, Optional.of(region.getPeers(0)), 5, List.of(), List.of(), 30L << 20, 10));
  }

  void heartbeat(long id) {
    harness.leader.stores().heartbeat(StoreStats.newBuilder().setStoreId(id).build());
  }

  static Peer peer(long id, long store) {
    return Peer.newBuilder().setId(id).setStoreId(store).build();
  }

  void addFourthStore() {
    harness.state.apply(new PdCommand.PutStore(PdHarness.store(4)));
    heartbeat(4);
  }

  void assertDone(String method, String path, String body) {
    HttpAnswer answer = send(method, path, body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  void assertRefused(String method, String path, String body, String words) {
    HttpAnswer answer;
    try {
      answer = send(method, path, body);
    } catch (IllegalArgumentException refused) {
      // The shell makes status 400 of it.
      assertThat(refused).hasMessageContaining(words);
      return;
    } catch (CompletionException refused) {
      assertThat(Async.cause(refused)).hasMessageContaining(words);
      return;
    }
    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(answer.body()).contains(words);
  }

  JsonNode json(String path) {
    return json("GET", path, "");
  }

  JsonNode json(String method, String path, String body) {
    HttpAnswer answer = send(method, path, body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    try {
      return JSON.readTree(answer.body());
    } catch (JsonProcessingException broken) {
      throw new AssertionError(broken);
    }
  }

  HttpAnswer get(String path) {
    return send("GET", path, "");
  }

  HttpAnswer send(String method, String path, String body) {
    return harness.loop.await(begin(method, path, body));
  }

  /** Asks without waiting for the answer. */
  CompletableFuture<HttpAnswer> begin(String method, String path, String body) {
    return http.handle(HttpRequest.of(method, "/pd/api/v1" + path, body)).toCompletableFuture();
  }
}
