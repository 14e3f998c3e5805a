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
import io.arrowraft.proto.metapb.StoreState;
import io.arrowraft.proto.pdpb.StoreStats;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.rpc.http.Telemetry;
import io.arrowraft.runtime.Async;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people change over HTTP, and what they are told when they cannot. */
class PdHttpChangesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PdHarness harness = new PdHarness();
  private final PdHttp http =
      new PdHttp(
          harness.config,
          harness.calls,
          harness.leader,
          harness.loop,
          Runnable::run,
          harness.loop,
          new Telemetry(new SimpleMeterRegistry(), () -> ""));

  @BeforeEach
  void bootstrap() {
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

  private void report(Region region) {
    harness
        .leader
        .regions()
        .report(
            new RegionInfo(
                region, Optional.of(region.getPeers(0)), 5, List.of(), List.of(), 30L << 20, 10));
  }

  private void heartbeat(long id) {
    harness.leader.stores().heartbeat(StoreStats.newBuilder().setStoreId(id).build());
  }

  private static Peer peer(long id, long store) {
    return Peer.newBuilder().setId(id).setStoreId(store).build();
  }

  private void addFourthStore() {
    harness.state.apply(new PdCommand.PutStore(PdHarness.store(4)));
    heartbeat(4);
  }

  @Test
  void aStoreThatIsNeededIsNotEmptied() {
    assertRefused(
        "DELETE", "/store/3", "", "store 3 cannot be emptied: regions have 3 replicas, and only 2");

    addFourthStore();
    assertDone("DELETE", "/store/3", "");
    assertThat(json("/store/3").at("/store/state_name").asText()).isEqualTo("Offline");
    assertDone("POST", "/store/3/state?state=Up", "");
    assertThat(json("/store/3").at("/store/state_name").asText()).isEqualTo("Up");
  }

  @Test
  void anEmptiedStoreBecomesATombstoneAndIsForgotten() {
    addFourthStore();
    assertDone("DELETE", "/store/4", "");
    harness.loop.advance(Duration.ofSeconds(1));

    assertThat(json("/store/4").at("/store/state_name").asText()).isEqualTo("Tombstone");
    assertThat(json("/stores").get("count").asInt()).isEqualTo(3);
    assertDone("DELETE", "/stores/remove-tombstone", "");
    assertThat(get("/store/4").status()).isEqualTo(404);
  }

  @Test
  void aStoreThatIsAliveIsNotDestroyed() {
    assertRefused("DELETE", "/store/3?force=true", "", "so it is not destroyed");
    harness.loop.advance(Duration.ofMinutes(1));
    assertDone("DELETE", "/store/3?force=true", "");
    assertRefused("POST", "/store/3/state?state=Up", "", "physically destroyed");
    assertThat(harness.state.store(3).orElseThrow().getState()).isEqualTo(StoreState.Offline);
  }

  @Test
  void storesAreLabelledWeighedAndLimited() {
    assertDone("POST", "/store/1/label", "{\"zone\":\"a\",\"disk\":\"ssd\"}");
    assertDone("POST", "/store/1/label", "{\"Zone\":\"b\"}");
    assertDone("DELETE", "/store/1/label?key=disk", "");
    assertThat(json("/store/1").at("/store/labels").toString())
        .isEqualTo("[{\"key\":\"Zone\",\"value\":\"b\"}]");

    assertDone("POST", "/store/1/weight", "{\"leader\":2}");
    assertThat(json("/store/1").at("/status/leader_weight").asDouble()).isEqualTo(2);
    assertThat(json("/store/1").at("/status/region_weight").asDouble()).isEqualTo(1);

    assertDone("POST", "/store/1/limit", "{\"type\":\"add-peer\",\"rate\":30}");
    assertDone("POST", "/stores/limit", "{\"type\":\"remove-peer\",\"rate\":5}");
    assertThat(json("/stores/limit").get("1").toString())
        .isEqualTo("{\"add-peer\":30.0,\"remove-peer\":5.0}");
    assertRefused("POST", "/stores/limit", "{\"rate\":0}", "must be more than 0 peers a minute");
  }

  @Test
  void settingsAreCheckedAppliedAndKept() {
    assertDone("POST", "/config", "{\"leader-schedule-limit\":2}");
    assertDone("POST", "/config", "{\"schedule\":{\"max-store-down-time\":\"1h\"}}");
    assertDone("POST", "/config", "{\"replication.max-replicas\":5}");
    assertThat(json("/config").at("/schedule/leader-schedule-limit").asInt()).isEqualTo(2);
    assertThat(json("/config/schedule").get("max-store-down-time").asText()).isEqualTo("1h0m0s");
    assertThat(json("/config/replicate").get("max-replicas").asInt()).isEqualTo(5);

    PdHarness next = new PdHarness();
    harness.state.records().forEach(r -> next.state.load(r.key(), r.value()));
    assertThat(next.leader.scheduling().settings().config().downAfter())
        .isEqualTo(Duration.ofHours(1));

    assertRefused(
        "POST", "/config", "{\"leader-schedule\":2}", "did you mean leader-schedule-limit");
    assertRefused(
        "POST", "/config", "{\"low-space-ratio\":0.5}", "high-space-ratio (0.7) must not");
    assertRefused("POST", "/config", "{\"max-store-down-time\":\"soon\"}", "a time span, such as");
    assertRefused(
        "POST", "/config", "{\"isolation-level\":\"zone\"}", "one of the location-labels");
  }

  @Test
  void operatorsAreBegunAndCancelled() {
    assertDone(
        "POST", "/operators", "{\"name\":\"transfer-leader\",\"region_id\":100,\"to_store_id\":2}");
    assertThat(json("/operators/100").at("/steps/0").asText())
        .isEqualTo("transfer leader to store 2");
    assertThat(json("/operators?kind=admin").size()).isEqualTo(1);
    assertThat(json("/operators?kind=leader").size()).isEqualTo(1);
    assertThat(json("/operators?kind=merge").size()).isZero();
    assertRefused(
        "POST",
        "/operators",
        "{\"name\":\"remove-peer\",\"region_id\":100,\"store_id\":3}",
        "another operator runs for region 100: admin-transfer-leader");
    assertDone("DELETE", "/operators/100", "");
    assertThat(json("/operators/100").get("status").asText()).isEqualTo("CANCEL");
    assertThat(json("/operators/records").size()).isEqualTo(1);
  }

  @Test
  void operatorsThatMakeNoSenseAreRefusedInWords() {
    assertRefused("POST", "/operators", "{\"name\":\"fly\"}", "there is no operator 'fly'");
    assertRefused(
        "POST", "/operators", "{\"name\":\"transfer-leader\"}", "the body lacks region_id");
    assertRefused(
        "POST",
        "/operators",
        "{\"name\":\"transfer-leader\",\"region_id\":100,\"to_store_id\":9}",
        "there is no store 9");
    assertRefused(
        "POST",
        "/operators",
        "{\"name\":\"add-peer\",\"region_id\":100,\"store_id\":2}",
        "has a peer on store 2 already");
    assertRefused(
        "POST",
        "/operators",
        "{\"name\":\"split-region\",\"region_id\":7,\"policy\":\"scan\"}",
        "there is no region 7");
  }

  @Test
  void neighboursAreMergedTogether() {
    Region.Builder first =
        Region.newBuilder().setId(100).setEndKey(PdHarness.key("m")).addPeers(peer(101, 1));
    first.addPeers(peer(102, 2)).addPeers(peer(103, 3));
    first.getRegionEpochBuilder().setConfVer(5).setVersion(2);
    Region.Builder second =
        Region.newBuilder().setId(200).setStartKey(PdHarness.key("m")).addPeers(peer(201, 1));
    second.addPeers(peer(202, 2)).addPeers(peer(203, 3));
    second.getRegionEpochBuilder().setConfVer(5).setVersion(2);
    report(first.build());
    report(second.build());

    assertDone(
        "POST",
        "/operators",
        "{\"name\":\"merge-region\",\"source_region_id\":100,\"target_region_id\":200}");
    assertThat(json("/operators/100").at("/steps/0").asText())
        .isEqualTo("merge region 100 into region 200");
    assertThat(json("/operators/200").get("status").asText()).isEqualTo("RUNNING");

    Region.Builder merged = second.clone().clearStartKey();
    merged.getRegionEpochBuilder().setVersion(4);
    report(merged.build());
    harness.loop.advance(Duration.ofSeconds(2));
    assertThat(json("/operators/100").get("status").asText()).isEqualTo("SUCCESS");
    assertThat(json("/operators/200").get("status").asText()).isEqualTo("SUCCESS");
  }

  @Test
  void schedulersComeGoAndRest() {
    assertRefused(
        "POST", "/schedulers", "{\"name\":\"evict-leader-scheduler\"}", "needs the id of a store");
    assertDone("POST", "/schedulers", "{\"name\":\"evict-leader-scheduler\",\"store_id\":1}");
    assertThat(json("/scheduler-config/evict-leader-scheduler").get("store_id").asInt())
        .isEqualTo(1);
    harness.loop.advance(Duration.ofSeconds(1));
    assertThat(json("/operators/100").get("desc").asText()).isEqualTo("evict-leader");

    assertDone("DELETE", "/schedulers/evict-leader-scheduler", "");
    assertRefused("DELETE", "/schedulers/evict-leader-scheduler", "", "no scheduler");
    assertDone("POST", "/schedulers/balance-leader-scheduler", "{\"delay\":60}");
    assertThat(json("/schedulers?status=paused").toString())
        .isEqualTo("[\"balance-leader-scheduler\"]");
    assertDone("DELETE", "/schedulers/balance-region-scheduler", "");
    assertThat(json("/schedulers").toString()).doesNotContain("balance-region-scheduler");
  }

  @Test
  void placementRulesAreSetAndHold() {
    assertThat(json("/config/rules").at("/0/count").asInt()).isEqualTo(3);
    assertDone(
        "POST",
        "/config/rule",
        "{\"group_id\":\"pd\",\"id\":\"default\",\"role\":\"voter\",\"count\":1}");
    assertThat(json("/config/rules/region/100").at("/0/count").asInt()).isEqualTo(1);
    harness.loop.advance(Duration.ofSeconds(1));
    assertThat(json("/operators/100").get("desc").asText()).isEqualTo("remove-extra-replica");
    assertRefused("DELETE", "/config/rule/pd/default", "", "without anyone to lead");
    assertRefused("DELETE", "/config/rule/pd/other", "", "there is no rule pd/other");
    assertRefused(
        "POST", "/config/rule", "{\"id\":\"x\",\"role\":\"boss\",\"count\":1}", "a role is one of");
  }

  @Test
  void regionsWithSomethingWrongAreFound() {
    assertThat(json("/regions/check/miss-peer").get("count").asInt()).isZero();
    assertDone("POST", "/config", "{\"max-replicas\":5}");
    assertThat(json("/regions/check/miss-peer").get("count").asInt()).isEqualTo(1);
    assertRefused("GET", "/regions/check/weather", "", "there is no check 'weather'");
    assertThat(json("/regions/size?limit=1").at("/regions/0/id").asInt()).isEqualTo(100);
    assertThat(json("/regions/sibling/100").get("count").asInt()).isZero();
    assertThat(json("/cluster/status").get("is_initialized").asBoolean()).isTrue();
    assertThat(json("/hotspot/regions/write").has("as_leader")).isTrue();
    assertThat(json("/hotspot/stores").has("bytes-read-rate")).isTrue();
  }

  private void assertDone(String method, String path, String body) {
    HttpAnswer answer = send(method, path, body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  private void assertRefused(String method, String path, String body, String words) {
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

  private JsonNode json(String path) {
    HttpAnswer answer = get(path);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    try {
      return JSON.readTree(answer.body());
    } catch (JsonProcessingException broken) {
      throw new AssertionError(broken);
    }
  }

  private HttpAnswer get(String path) {
    return send("GET", path, "");
  }

  private HttpAnswer send(String method, String path, String body) {
    return harness.loop.await(
        http.handle(HttpRequest.of(method, "/pd/api/v1" + path, body)).toCompletableFuture());
  }
}
