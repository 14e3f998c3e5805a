package io.arrowraft.pd;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.rpc.http.HttpAnswer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every operator that can be asked for over HTTP, and what becomes of it. */
class PdHttpOperatorsTest {
  private final HttpDesk desk = new HttpDesk();
  private final PdHarness harness = desk.harness;

  /** So that nothing but what is asked for happens. */
  @BeforeEach
  void haltScheduling() {
    desk.assertDone("POST", "/config", "{\"halt-scheduling\":true}");
  }

  @Test
  void operatorsAreBegunAndCancelled() {
    desk.assertDone(
        "POST", "/operators", "{\"name\":\"transfer-leader\",\"region_id\":100,\"to_store_id\":2}");
    assertThat(desk.json("/operators/100").at("/steps/0").asText())
        .isEqualTo("transfer leader to store 2");
    assertThat(desk.json("/operators?kind=admin").size()).isEqualTo(1);
    assertThat(desk.json("/operators?kind=leader").size()).isEqualTo(1);
    assertThat(desk.json("/operators?kind=merge").size()).isZero();
    desk.assertRefused(
        "POST",
        "/operators",
        "{\"name\":\"remove-peer\",\"region_id\":100,\"store_id\":3}",
        "another operator runs for region 100: admin-transfer-leader");
    desk.assertDone("DELETE", "/operators/100", "");
    assertThat(desk.json("/operators/100").get("status").asText()).isEqualTo("CANCEL");
    assertThat(desk.json("/operators/records").size()).isEqualTo(1);
  }

  @Test
  void operatorsThatMakeNoSenseAreRefusedInWords() {
    desk.assertRefused("POST", "/operators", "{\"name\":\"fly\"}", "there is no operator 'fly'");
    desk.assertRefused(
        "POST", "/operators", "{\"name\":\"transfer-leader\"}", "the body lacks region_id");
    desk.assertRefused(
        "POST",
        "/operators",
        "{\"name\":\"transfer-leader\",\"region_id\":100,\"to_store_id\":9}",
        "there is no store 9");
    desk.assertRefused(
        "POST",
        "/operators",
        "{\"name\":\"add-peer\",\"region_id\":100,\"store_id\":2}",
        "has a peer on store 2 already");
    desk.assertRefused(
        "POST",
        "/operators",
        "{\"name\":\"split-region\",\"region_id\":7,\"policy\":\"scan\"}",
        "there is no region 7");
  }

  @Test
  void neighboursAreMergedTogether() {
    Region.Builder first =
        Region.newBuilder()
            .setId(100)
            .setEndKey(PdHarness.key("m"))
            .addPeers(HttpDesk.peer(101, 1));
    first.addPeers(HttpDesk.peer(102, 2)).addPeers(HttpDesk.peer(103, 3));
    first.getRegionEpochBuilder().setConfVer(5).setVersion(2);
    Region.Builder second =
        Region.newBuilder()
            .setId(200)
            .setStartKey(PdHarness.key("m"))
            .addPeers(HttpDesk.peer(201, 1));
    second.addPeers(HttpDesk.peer(202, 2)).addPeers(HttpDesk.peer(203, 3));
    second.getRegionEpochBuilder().setConfVer(5).setVersion(2);
    desk.report(first.build());
    desk.report(second.build());

    desk.assertDone(
        "POST",
        "/operators",
        "{\"name\":\"merge-region\",\"source_region_id\":100,\"target_region_id\":200}");
    assertThat(desk.json("/operators/100").at("/steps/0").asText())
        .isEqualTo("merge region 100 into region 200");
    assertThat(desk.json("/operators/200").get("status").asText()).isEqualTo("RUNNING");

    Region.Builder merged = second.clone().clearStartKey();
    merged.getRegionEpochBuilder().setVersion(4);
    desk.report(merged.build());
    harness.loop.advance(Duration.ofSeconds(2));
    assertThat(desk.json("/operators/100").get("status").asText()).isEqualTo("SUCCESS");
    assertThat(desk.json("/operators/200").get("status").asText()).isEqualTo("SUCCESS");
  }

  @Test
  void eachOperatorTakesTheStepsThatItsNamePromises() {
    desk.addFourthStore();

    assertThat(steps("'transfer-leader','region_id':100,'to_store_id':3"))
        .containsExactly("transfer leader to store 3");
    assertThat(steps("'add-peer','region_id':100,'store_id':4"))
        .containsExactly(
            "add learner peer # on store 4", "promote learner peer # on store 4 to voter");
    assertThat(steps("'add-learner','region_id':100,'store_id':4"))
        .containsExactly("add learner peer # on store 4");
    assertThat(steps("'remove-peer','region_id':100,'store_id':3"))
        .containsExactly("remove peer # on store 3");
    assertThat(steps("'remove-peer','region_id':100,'store_id':1"))
        .containsExactly("transfer leader to store 2", "remove peer # on store 1");
    assertThat(steps("'transfer-peer','region_id':100,'from_store_id':3,'to_store_id':4"))
        .containsExactly(
            "add learner peer # on store 4",
            "use joint consensus, promote [peer # on store 4], demote [peer # on store 3]",
            "leave joint state",
            "remove peer # on store 3");
  }

  @Test
  void aRegionIsTransferredWithTheRolesThatAreNamed() {
    desk.addFourthStore();

    assertThat(
            steps(
                "'transfer-region','region_id':100,'to_store_ids':[2,3,4],"
                    + "'peer_roles':['voter','leader','learner']"))
        .containsExactly(
            "add learner peer # on store 4",
            "transfer leader to store 3",
            "remove peer # on store 1");
    assertThat(
            steps(
                "'transfer-region','region_id':100,'to_store_ids':[1,2,3],"
                    + "'peer_roles':['follower','voter','follower']"))
        .containsExactly("transfer leader to store 2");
    refused(
        "'transfer-region','region_id':100,'to_store_ids':[1,2],'peer_roles':['boss']",
        "one is 'boss'");
  }

  @Test
  void aLearnerIsPromotedAndNobodyElse() {
    Region.Builder region = region(100, "", "");
    region
        .addPeers(HttpDesk.peer(104, 4).toBuilder().setRole(PeerRole.Learner))
        .getRegionEpochBuilder()
        .setConfVer(6);
    desk.addFourthStore();
    desk.report(region.build());

    assertThat(steps("'promote-learner','region_id':100,'store_id':4"))
        .containsExactly("promote learner peer # on store 4 to voter");
    refused("'promote-learner','region_id':100,'store_id':2", "has no learner on store 2");
  }

  @Test
  void aRegionIsSplitByEachPolicy() {
    assertThat(steps("'split-region','region_id':100,'policy':'scan'"))
        .containsExactly("split region with policy SCAN");
    assertThat(steps("'split-region','region_id':100,'policy':'approximate'"))
        .containsExactly("split region with policy APPROXIMATE");
    assertThat(steps("'split-region','region_id':100,'policy':'usekey','keys':['6D','6E']"))
        .containsExactly("split region at 2 keys");
    refused("'split-region','region_id':100,'policy':'usekey'", "policy usekey needs keys");
    refused("'split-region','region_id':100,'policy':'half'", "scan, approximate or usekey");
    desk.report(region(100, "", "m").build());
    refused("'split-region','region_id':100,'policy':'usekey','keys':['6E']", "not lie inside");
  }

  @Test
  void anOperatorEndsWhenTheRegionIsAsItWanted() {
    desk.addFourthStore();
    begin("'add-peer','region_id':100,'store_id':4");
    Region.Builder region = region(100, "", "");
    region.addPeers(added().setRole(PeerRole.Learner)).getRegionEpochBuilder().setConfVer(6);
    desk.report(region.build());
    harness.loop.advance(Duration.ofSeconds(2));
    assertThat(desk.json("/operators/100").get("current_step").asInt()).isEqualTo(1);

    region.getPeersBuilder(3).setRole(PeerRole.Voter);
    region.getRegionEpochBuilder().setConfVer(7);
    desk.report(region.build());
    harness.loop.advance(Duration.ofSeconds(2));

    assertThat(desk.json("/operators/100").get("status").asText()).isEqualTo("SUCCESS");
  }

  @Test
  void regionsAreScatteredByIdAndByRange() {
    desk.addFourthStore();
    desk.assertDone("POST", "/store/4/limit", "{\"type\":\"add-peer\",\"rate\":600}");
    desk.report(region(100, "", "g").build());
    desk.report(region(200, "g", "m").build());
    desk.report(region(300, "m", "").build());

    assertThat(scattered("'region_ids':[100,200],'group':'t'").toString())
        .isEqualTo("{\"processed-percentage\":100,\"error\":\"\"}");
    assertThat(desk.json("/operators/100").get("desc").asText()).isEqualTo("scatter-region");
    assertThat(desk.json("/operators/200").get("desc").asText()).isEqualTo("scatter-region");
    assertThat(desk.get("/operators/300").status()).isEqualTo(404);

    assertThat(scattered("'start_key':'6D','end_key':'','group':'t'").toString())
        .contains("percentage\":100");
    assertThat(desk.json("/operators/300").get("desc").asText()).isEqualTo("scatter-region");
    refused("'scatter-regions','region_ids':[]", "between 1 and 10000 regions");
    refused("'scatter-regions','region_ids':[100],'retry_limit':99", "between 0 and 8");
    refused("'scatter-regions','start_key':'x'", "not a key in hexadecimal");
  }

  @Test
  void whatCannotBeScatteredNowIsTriedAgainAndThenNamed() {
    desk.report(region(100, "", "g").build());
    desk.report(region(200, "g", "").build());
    begin("'transfer-leader','region_id':200,'to_store_id':2");

    JsonNode given = scattered("'region_ids':[100,200,7],'retry_limit':1");
    assertThat(given.get("processed-percentage").asInt()).isEqualTo(33);
    assertThat(given.get("error").asText()).isEqualTo("there is no region 7");

    CompletableFuture<HttpAnswer> later =
        desk.begin("POST", "/operators", body("'scatter-regions','region_ids':[100,200]"));
    harness.loop.advance(Duration.ofMillis(50));
    assertThat(later).isNotDone();
    desk.assertDone("DELETE", "/operators/200", "");
    assertThat(harness.loop.await(later).body()).contains("percentage\":100");
  }

  /** What an operator would do, with # for the ids of peers; it is cancelled at once. */
  private List<String> steps(String wish) {
    begin(wish);
    List<String> steps = new ArrayList<>();
    desk.json("/operators/100")
        .get("steps")
        .forEach(step -> steps.add(step.asText().replaceAll("peer \\d+", "peer #")));
    desk.assertDone("DELETE", "/operators/100", "");
    return steps;
  }

  private void begin(String wish) {
    desk.assertDone("POST", "/operators", body(wish));
  }

  private void refused(String wish, String words) {
    desk.assertRefused("POST", "/operators", body(wish), words);
  }

  private JsonNode scattered(String wish) {
    return desk.json("POST", "/operators", body("'scatter-regions'," + wish));
  }

  private static String body(String wish) {
    return ("{'name':" + wish + "}").replace('\'', '"');
  }

  /** The peer that the operator of region 100 adds. */
  private Peer.Builder added() {
    String step = desk.json("/operators/100").at("/steps/0").asText();
    return Peer.newBuilder()
        .setId(Long.parseLong(step.replaceAll("\\D*(\\d+) on store.*", "$1")))
        .setStoreId(4);
  }

  private static Region.Builder region(long id, String start, String end) {
    Region.Builder region =
        Region.newBuilder()
            .setId(id)
            .setStartKey(ByteString.copyFromUtf8(start))
            .setEndKey(ByteString.copyFromUtf8(end));
    for (long store = 1; store <= 3; store++) {
      region.addPeers(HttpDesk.peer(id + store, store));
    }
    region.getRegionEpochBuilder().setConfVer(5).setVersion(start.isEmpty() ? 2 : 3);
    return region;
  }
}
