package io.arrowraft.server.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.server.store.StoreConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class StoreStatusHttpTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private Optional<StoreStatusHttp.Serving> store = Optional.empty();
  private Executor pool = Runnable::run;
  private final StoreStatusHttp http =
      new StoreStatusHttp(
          StoreConfig.defaults("127.0.0.1", 20160),
          "6.5.0",
          () -> store,
          meters,
          () -> "regions " + meters.get("arrowraft_store_regions").gauge().value(),
          task -> pool.execute(task));

  @Test
  void configSaysWhatClientsOfRawDataLookFor() throws Exception {
    JsonNode config = json(ask("/config"));

    assertThat(config.at("/storage/api-version").asInt()).isEqualTo(1);
    assertThat(config.at("/storage/enable-ttl").asBoolean()).isTrue();
  }

  @Test
  void statusIsRefusedBeforeTheStoreServes() throws Exception {
    assertThat(ask("/status").status()).isEqualTo(503);
    store = Optional.of(serving());
    JsonNode status = json(ask("/status"));

    assertThat(status.get("store_id").asLong()).isEqualTo(7);
    assertThat(status.get("cluster_id").asText()).isEqualTo("18446744073709551615");
    assertThat(status.get("region_count").asInt()).isEqualTo(2);
    assertThat(status.get("leader_count").asInt()).isEqualTo(1);
  }

  @Test
  void regionsAreListedWithTheirKeysInHex() throws Exception {
    store = Optional.of(serving());

    JsonNode regions = json(ask("/regions")).get("regions");

    assertThat(regions.get(0).get("end_key").asText()).isEqualTo("6D");
    assertThat(regions.get(0).get("leads").asBoolean()).isTrue();
    assertThat(regions.get(1).get("leader_peer_id").asLong()).isZero();
  }

  @Test
  void metricsCountRegionsBeforeTheyAreShown() {
    assertThat(ask("/metrics").body()).isEqualTo("regions 0.0");
    store = Optional.of(serving());
    assertThat(ask("/metrics").body()).isEqualTo("regions 2.0");
    assertThat(meters.get("arrowraft_store_leaderless_regions").gauge().value()).isEqualTo(1);
    assertThat(meters.get("arrowraft_store_data_bytes").gauge().value()).isEqualTo(30);
  }

  @Test
  void tooManyQuestionsAreRefused() {
    pool =
        task -> {
          throw new RejectedExecutionException("full");
        };

    assertThat(ask("/metrics").status()).isEqualTo(503);
  }

  private HttpAnswer ask(String path) {
    return http.handle(HttpRequest.of("GET", path, "")).toCompletableFuture().join();
  }

  private static JsonNode json(HttpAnswer answer) throws Exception {
    assertThat(answer.status()).isEqualTo(200);
    return new ObjectMapper().readTree(answer.body());
  }

  private static StoreStatusHttp.Serving serving() {
    Peer first = Peer.newBuilder().setId(11).setStoreId(7).build();
    Peer second = Peer.newBuilder().setId(12).setStoreId(7).build();
    ByteString middle = ByteString.copyFromUtf8("m");
    return new StoreStatusHttp.Serving(
        -1,
        7,
        "127.0.0.1:20160",
        List.of(
            new RegionView(
                Region.newBuilder().setId(1).setEndKey(middle).addPeers(first).build(),
                first,
                Optional.of(first),
                5,
                6,
                10,
                1),
            new RegionView(
                Region.newBuilder().setId(2).setStartKey(middle).addPeers(second).build(),
                second,
                Optional.empty(),
                5,
                6,
                20,
                2)));
  }
}
