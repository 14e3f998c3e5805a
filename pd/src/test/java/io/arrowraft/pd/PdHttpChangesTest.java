package io.arrowraft.pd;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.metapb.StoreState;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What people change over HTTP, and what they are told when they cannot. */
class PdHttpChangesTest {
  private final HttpDesk desk = new HttpDesk();
  private final PdHarness harness = desk.harness;

  @Test
  void aStoreThatIsNeededIsNotEmptied() {
    desk.assertRefused(
        "DELETE", "/store/3", "", "store 3 cannot be emptied: regions have 3 replicas, and only 2");

    desk.addFourthStore();
    desk.assertDone("DELETE", "/store/3", "");
    assertThat(desk.json("/store/3").at("/store/state_name").asText()).isEqualTo("Offline");
    desk.assertDone("POST", "/store/3/state?state=Up", "");
    assertThat(desk.json("/store/3").at("/store/state_name").asText()).isEqualTo("Up");
  }

  @Test
  void anEmptiedStoreBecomesATombstoneAndIsForgotten() {
    desk.addFourthStore();
    desk.assertDone("DELETE", "/store/4", "");
    harness.loop.advance(Duration.ofSeconds(1));

    assertThat(desk.json("/store/4").at("/store/state_name").asText()).isEqualTo("Tombstone");
    assertThat(desk.json("/stores").get("count").asInt()).isEqualTo(3);
    desk.assertDone("DELETE", "/stores/remove-tombstone", "");
    assertThat(desk.get("/store/4").status()).isEqualTo(404);
  }

  @Test
  void aStoreThatIsAliveIsNotDestroyed() {
    desk.assertRefused("DELETE", "/store/3?force=true", "", "so it is not destroyed");
    harness.loop.advance(Duration.ofMinutes(1));
    desk.assertDone("DELETE", "/store/3?force=true", "");
    desk.assertRefused("POST", "/store/3/state?state=Up", "", "physically destroyed");
    assertThat(harness.state.store(3).orElseThrow().getState()).isEqualTo(StoreState.Offline);
  }

  @Test
  void storesAreLabelledWeighedAndLimited() {
    desk.assertDone("POST", "/store/1/label", "{\"zone\":\"a\",\"disk\":\"ssd\"}");
    desk.assertDone("POST", "/store/1/label", "{\"Zone\":\"b\"}");
    desk.assertDone("DELETE", "/store/1/label?key=disk", "");
    assertThat(desk.json("/store/1").at("/store/labels").toString())
        .isEqualTo("[{\"key\":\"Zone\",\"value\":\"b\"}]");

    desk.assertDone("POST", "/store/1/weight", "{\"leader\":2}");
    assertThat(desk.json("/store/1").at("/status/leader_weight").asDouble()).isEqualTo(2);
    assertThat(desk.json("/store/1").at("/status/region_weight").asDouble()).isEqualTo(1);

    desk.assertDone("POST", "/store/1/limit", "{\"type\":\"add-peer\",\"rate\":30}");
    desk.assertDone("POST", "/stores/limit", "{\"type\":\"remove-peer\",\"rate\":5}");
    assertThat(desk.json("/stores/limit").get("1").toString())
        .isEqualTo("{\"add-peer\":30.0,\"remove-peer\":5.0}");
    desk.assertRefused(
        "POST", "/stores/limit", "{\"rate\":0}", "must be more than 0 peers a minute");
  }

  @Test
  void settingsAreCheckedAppliedAndKept() {
    desk.assertDone("POST", "/config", "{\"leader-schedule-limit\":2}");
    desk.assertDone("POST", "/config", "{\"schedule\":{\"max-store-down-time\":\"1h\"}}");
    desk.assertDone("POST", "/config", "{\"replication.max-replicas\":5}");
    assertThat(desk.json("/config").at("/schedule/leader-schedule-limit").asInt()).isEqualTo(2);
    assertThat(desk.json("/config/schedule").get("max-store-down-time").asText())
        .isEqualTo("1h0m0s");
    assertThat(desk.json("/config/replicate").get("max-replicas").asInt()).isEqualTo(5);

    PdHarness next = new PdHarness();
    harness.state.records().forEach(r -> next.state.load(r.key(), r.value()));
    assertThat(next.leader.scheduling().settings().config().downAfter())
        .isEqualTo(Duration.ofHours(1));

    desk.assertRefused(
        "POST", "/config", "{\"leader-schedule\":2}", "did you mean leader-schedule-limit");
    desk.assertRefused(
        "POST", "/config", "{\"low-space-ratio\":0.5}", "high-space-ratio (0.7) must not");
    desk.assertRefused(
        "POST", "/config", "{\"max-store-down-time\":\"soon\"}", "a time span, such as");
    desk.assertRefused(
        "POST", "/config", "{\"isolation-level\":\"zone\"}", "one of the location-labels");
  }

  @Test
  void schedulersComeGoAndRest() {
    desk.assertRefused(
        "POST", "/schedulers", "{\"name\":\"evict-leader-scheduler\"}", "needs the id of a store");
    desk.assertDone("POST", "/schedulers", "{\"name\":\"evict-leader-scheduler\",\"store_id\":1}");
    assertThat(desk.json("/scheduler-config/evict-leader-scheduler").get("store_id").asInt())
        .isEqualTo(1);
    harness.loop.advance(Duration.ofSeconds(1));
    assertThat(desk.json("/operators/100").get("desc").asText()).isEqualTo("evict-leader");

    desk.assertDone("DELETE", "/schedulers/evict-leader-scheduler", "");
    desk.assertRefused("DELETE", "/schedulers/evict-leader-scheduler", "", "no scheduler");
    desk.assertDone("POST", "/schedulers/balance-leader-scheduler", "{\"delay\":60}");
    assertThat(desk.json("/schedulers?status=paused").toString())
        .isEqualTo("[\"balance-leader-scheduler\"]");
    desk.assertDone("DELETE", "/schedulers/balance-region-scheduler", "");
    assertThat(desk.json("/schedulers").toString()).doesNotContain("balance-region-scheduler");
  }

  @Test
  void placementRulesAreSetAndHold() {
    assertThat(desk.json("/config/rules").at("/0/count").asInt()).isEqualTo(3);
    desk.assertDone(
        "POST",
        "/config/rule",
        "{\"group_id\":\"pd\",\"id\":\"default\",\"role\":\"voter\",\"count\":1}");
    assertThat(desk.json("/config/rules/region/100").at("/0/count").asInt()).isEqualTo(1);
    harness.loop.advance(Duration.ofSeconds(1));
    assertThat(desk.json("/operators/100").get("desc").asText()).isEqualTo("remove-extra-replica");
    desk.assertRefused("DELETE", "/config/rule/pd/default", "", "without anyone to lead");
    desk.assertRefused("DELETE", "/config/rule/pd/other", "", "there is no rule pd/other");
    desk.assertRefused(
        "POST", "/config/rule", "{\"id\":\"x\",\"role\":\"boss\",\"count\":1}", "a role is one of");
  }

  @Test
  void regionsWithSomethingWrongAreFound() {
    assertThat(desk.json("/regions/check/miss-peer").get("count").asInt()).isZero();
    desk.assertDone("POST", "/config", "{\"max-replicas\":5}");
    assertThat(desk.json("/regions/check/miss-peer").get("count").asInt()).isEqualTo(1);
    desk.assertRefused("GET", "/regions/check/weather", "", "there is no check 'weather'");
    assertThat(desk.json("/regions/size?limit=1").at("/regions/0/id").asInt()).isEqualTo(100);
    assertThat(desk.json("/regions/sibling/100").get("count").asInt()).isZero();
    assertThat(desk.json("/cluster/status").get("is_initialized").asBoolean()).isTrue();
    assertThat(desk.json("/hotspot/regions/write").has("as_leader")).isTrue();
    assertThat(desk.json("/hotspot/stores").has("bytes-read-rate")).isTrue();
  }
}
