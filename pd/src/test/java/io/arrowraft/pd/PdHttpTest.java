package io.arrowraft.pd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.arrowraft.pd.flow.FlowBook;
import io.arrowraft.pd.http.PdHttp;
import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.operator.Step;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.StoreStats;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.rpc.http.Telemetry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class PdHttpTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PdHarness harness = new PdHarness();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private Executor pool = Runnable::run;
  private final PdHttp http =
      new PdHttp(
          harness.config,
          harness.calls,
          harness.leader,
          harness.loop,
          task -> pool.execute(task),
          harness.loop,
          new Telemetry(meters, () -> "exposition"));

  @Test
  void aMemberThatDoesNotLeadKnowsMembersAndHealthAlone() {
    assertThat(get("/pd/api/v1/stores").status()).isEqualTo(503);
    assertThat(json("/pd/api/v1/members").has("leader")).isFalse();
    assertThat(json("/pd/api/v1/health").at("/0/health").asBoolean()).isFalse();

    harness.lead();

    assertThat(json("/pd/api/v1/members").at("/leader/client_urls/0").asText())
        .isEqualTo("http://127.0.0.1:2379");
    assertThat(json("/pd/api/v1/members").at("/header/cluster_id").bigIntegerValue().toString())
        .isEqualTo(Long.toUnsignedString(harness.state.clusterId()));
    assertThat(json("/health").get("health").asText()).isEqualTo("true");
  }

  @Test
  void storesComeWithTheirStateAndLoad() {
    bootstrap();
    harness
        .leader
        .stores()
        .heartbeat(
            StoreStats.newBuilder()
                .setStoreId(1)
                .setCapacity(1L << 40)
                .setAvailable(1_000_000_000_000L)
                .build());

    JsonNode stores = json("/pd/api/v1/stores");
    assertThat(stores.get("count").asInt()).isEqualTo(3);
    JsonNode first = stores.at("/stores/0");
    assertThat(first.at("/store/id").asInt()).isEqualTo(1);
    assertThat(first.at("/store/state_name").asText()).isEqualTo("Up");
    assertThat(first.at("/status/capacity").asText()).isEqualTo("1TiB");
    assertThat(first.at("/status/available").asText()).isEqualTo("931.3GiB");
    assertThat(first.at("/status/leader_count").asInt()).isEqualTo(1);
    assertThat(first.at("/status/region_size").asInt()).isEqualTo(3);
    assertThat(json("/pd/api/v1/store/2").at("/store/id").asInt()).isEqualTo(2);
    assertThat(get("/pd/api/v1/store/9").status()).isEqualTo(404);
    assertThatThrownBy(() -> get("/pd/api/v1/store/x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("store id must be a number, not 'x'");

    harness.loop.advance(Duration.ofSeconds(25));
    assertThat(json("/pd/api/v1/store/1").at("/store/state_name").asText())
        .isEqualTo("Disconnected");
  }

  @Test
  void aRegionIsFoundByItsIdAndByAnyKeyInIt() {
    bootstrap();

    JsonNode region = json("/pd/api/v1/region/id/100");
    assertThat(region.get("end_key").asText()).isEqualTo("6DFF");
    assertThat(region.at("/leader/store_id").asInt()).isEqualTo(1);
    assertThat(region.at("/epoch/conf_ver").asInt()).isEqualTo(2);
    assertThat(region.at("/peers/1/is_learner").asBoolean()).isTrue();
    assertThat(region.get("approximate_size").asInt()).isEqualTo(3);
    assertThat(json("/pd/api/v1/region/key/a%00").get("id").asInt()).isEqualTo(100);
    assertThat(json("/pd/api/v1/region/key/6DFE?format=hex").get("id").asInt()).isEqualTo(100);
    assertThat(json("/pd/api/v1/region/key/%6d%FF").isNull()).isTrue();
    assertThat(json("/pd/api/v1/region/id/7").isNull()).isTrue();
    assertThat(json("/pd/api/v1/regions?limit=1").at("/regions/0/id").asInt()).isEqualTo(100);
    assertThat(json("/pd/api/v1/regions/store/3").get("count").asInt()).isZero();
    assertThat(json("/pd/api/v1/regions/key?key=zz").get("count").asInt()).isZero();
  }

  @Test
  void howFarGarbageCollectionIsAndWhoHoldsItBack() {
    bootstrap();
    harness.loop.await(
        harness.log.propose(
            new PdCommand.HoldSafePoint(ByteString.copyFromUtf8("backup"), 77, Long.MAX_VALUE, 1)));
    harness.leader.gc().round();
    harness.loop.advance(Duration.ofMillis(50));

    JsonNode gc = json("/pd/api/v1/gc/safepoint");

    assertThat(gc.get("gc_safe_point").asLong()).isZero();
    assertThat(gc.get("gc_target").asLong()).isEqualTo(77);
    assertThat(gc.get("life_time").asText()).isEqualTo("10m0s");
    assertThat(gc.at("/service_gc_safe_points/0/service_id").asText()).isEqualTo("backup");
    assertThat(gc.get("min_service_gc_safe_point").asLong()).isEqualTo(77);
    assertThat(gc.at("/lagging/0/resolved").asLong()).isZero();
    assertThat(gc.at("/lagging/0/region_id").asInt()).isEqualTo(100);
  }

  @Test
  void operatorsAreSentencesOrObjects() {
    bootstrap();
    Peer target = Peer.newBuilder().setId(102).setStoreId(2).build();
    harness
        .leader
        .board()
        .begin(
            new Operator(
                100,
                Operator.Kind.LEADER,
                "balance-leader",
                List.of(new Step.TransferLeader(target))));

    assertThat(json("/pd/api/v1/operators").get(0).asText())
        .isEqualTo(
            "balance-leader {transfer leader to store 2} (kind:leader, region:100, steps:1)");
    assertThat(json("/pd/api/v1/operators?object=1").at("/0/region_id").asInt()).isEqualTo(100);
    assertThat(json("/pd/api/v1/operators/100").get("status").asText()).isEqualTo("RUNNING");
    assertThat(get("/pd/api/v1/operators/5").status()).isEqualTo(404);
    assertThat(json("/pd/api/v1/schedulers").toString()).contains("balance-leader-scheduler");
  }

  @Test
  void readsAreShownByTheStoreThatServesThem() {
    bootstrap();
    FlowBook flow = harness.leader.scheduling().flow();
    flow.report(harness.leader.regions().find(100).orElseThrow());
    for (long idle = 501; idle <= 509; idle++) {
      flow.report(RegionInfo.shape(Region.newBuilder().setId(idle).build(), Optional.empty()));
    }
    StoreStats.Builder stats = StoreStats.newBuilder().setStoreId(2);
    stats.getIntervalBuilder().setStartTimestamp(10).setEndTimestamp(20);
    stats.addPeerStatsBuilder().setRegionId(100).getQueryStatsBuilder().setGet(50_000);
    for (int i = 0; i < 3; i++) {
      flow.report(stats.build());
    }

    JsonNode hot = json("/pd/api/v1/hotspot/regions/read");
    assertThat(hot.at("/as_peer/2/statistics/0/region_id").asInt()).isEqualTo(100);
    assertThat(hot.get("as_leader").isEmpty()).isTrue();
    assertThat(json("/pd/api/v1/hotspot/stores").at("/query-read-rate/2").asDouble()).isPositive();
  }

  @Test
  void aPausedMergeCheckerResumesByItself() {
    harness.lead();
    assertThat(json("/pd/api/v1/checker/merge").get("paused").asBoolean()).isFalse();

    assertThat(post("/pd/api/v1/checker/merge", "{\"delay\":300}").status()).isEqualTo(200);

    assertThat(get("/pd/api/v1/checker/merge").body()).isEqualTo("{\"paused\":true}");
    harness.loop.advance(Duration.ofSeconds(301));
    assertThat(get("/pd/api/v1/checker/merge").body()).isEqualTo("{\"paused\":false}");
    assertThatThrownBy(() -> post("/pd/api/v1/checker/merge", "no JSON"))
        .hasMessageContaining("{\"delay\":300}");
  }

  @Test
  void metricsShowTheClusterAsItIsAtTheScrape() {
    bootstrap();

    assertThat(get("/metrics").body()).isEqualTo("exposition");

    assertThat(gauge("arrowraft_pd_leads")).isEqualTo(1);
    assertThat(gauge("arrowraft_pd_regions")).isEqualTo(1);
    assertThat(gauge("arrowraft_pd_missing_peer_regions")).isEqualTo(1);
    assertThat(meters.get("arrowraft_pd_stores").tag("state", "up").gauge().value()).isEqualTo(3);
  }

  @Test
  void tooManyQuestionsAreRefused() {
    harness.lead();
    pool =
        task -> {
          throw new RejectedExecutionException("full");
        };

    assertThat(get("/pd/api/v1/stores").status()).isEqualTo(503);
  }

  @Test
  void configUsesTheNamesThatOperatorsKnow() {
    harness.lead();

    assertThat(json("/pd/api/v1/config").at("/replication/max-replicas").asInt()).isEqualTo(3);
    assertThat(json("/pd/api/v1/config").at("/schedule/max-store-down-time").asText())
        .isEqualTo("30m0s");
  }

  private void bootstrap() {
    harness.lead().bootstrap();
    Peer leader = Peer.newBuilder().setId(101).setStoreId(1).build();
    Region.Builder region =
        Region.newBuilder()
            .setId(100)
            .setEndKey(com.google.protobuf.ByteString.copyFrom(new byte[] {0x6d, (byte) 0xff}))
            .addPeers(leader)
            .addPeers(Peer.newBuilder().setId(102).setStoreId(2).setRole(PeerRole.Learner).build());
    region.getRegionEpochBuilder().setConfVer(2).setVersion(2);
    harness
        .leader
        .regions()
        .report(
            new RegionInfo(
                region.build(), Optional.of(leader), 5, List.of(), List.of(), 3L << 20, 10));
  }

  private double gauge(String name) {
    return meters.get(name).gauge().value();
  }

  private JsonNode json(String uri) {
    HttpAnswer answer = get(uri);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    try {
      return JSON.readTree(answer.body());
    } catch (JsonProcessingException broken) {
      throw new AssertionError(broken);
    }
  }

  private HttpAnswer get(String uri) {
    return ask(HttpRequest.of("GET", uri, ""));
  }

  private HttpAnswer post(String uri, String body) {
    return ask(HttpRequest.of("POST", uri, body));
  }

  private HttpAnswer ask(HttpRequest request) {
    try {
      return harness.loop.await(http.handle(request).toCompletableFuture());
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof IllegalArgumentException invalid) {
        throw invalid;
      }
      throw failed;
    }
  }
}
