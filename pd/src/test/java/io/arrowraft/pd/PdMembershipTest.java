package io.arrowraft.pd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.rpc.http.HttpAnswer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Members that come, go, lag, and hand over, on a manual clock. */
class PdMembershipTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PdCluster cluster = new PdCluster(11, 3);

  private JsonNode get(PdCluster.Node node, String path) {
    HttpAnswer answer = node.ask("GET", "/pd/api/v1" + path, "");
    try {
      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      return JSON.readTree(answer.body());
    } catch (JsonProcessingException broken) {
      throw new AssertionError(answer.body(), broken);
    }
  }

  private void bootstrap(PdClient client) {
    assertThat(cluster.await(client.bootstrap(PdHarness.store(1), PdHarness.firstRegion())))
        .isTrue();
  }

  /** More entries than the log keeps for those who lag. */
  private void writeBeyondTheLog(PdClient client) {
    for (int i = 0; i < 2500; i++) {
      Store store = PdHarness.store(7).toBuilder().setVersion("v" + i).build();
      cluster.await(client.putStore(store));
    }
  }

  /** Waits until something holds. */
  private void until(String what, java.util.function.BooleanSupplier condition) {
    for (int i = 0; i < 600; i++) {
      if (condition.getAsBoolean()) {
        return;
      }
      cluster.advance(Duration.ofMillis(100));
    }
    throw new AssertionError(what + " has not come about within a minute");
  }

  private boolean isVoter(String name) {
    for (JsonNode member : get(cluster.leader(), "/members").path("members")) {
      if (member.path("name").asText().equals(name)) {
        return member.path("voter").asBoolean();
      }
    }
    return false;
  }

  @Test
  void aMemberThatIsTooFarBehindGetsAllRecordsAndCanLeadWithThem() {
    cluster.start();
    PdClient client = cluster.client();
    bootstrap(client);
    PdCluster.Node lagging = cluster.followers().get(0);
    lagging.kill();
    writeBeyondTheLog(client);
    Timestamp before = cluster.await(client.timestamp());
    cluster.await(lagging.restart());
    cluster.advance(Duration.ofSeconds(5));
    cluster.nodes.stream().filter(node -> node != lagging).forEach(PdCluster.Node::kill);
    PdCluster.Node other = cluster.nodes.stream().filter(n -> n != lagging).findFirst().get();
    other.restart();
    assertThat(cluster.await(client.store(7)).orElseThrow().meta().getVersion()).isEqualTo("v2499");
    assertThat(cluster.await(client.timestamp())).isGreaterThan(before);
  }

  @Test
  void aSnapshotSurvivesCrashesOfTheReceiverAtAnyMoment() {
    cluster.start();
    PdClient client = cluster.client();
    bootstrap(client);
    PdCluster.Node lagging = cluster.followers().get(0);
    lagging.kill();
    writeBeyondTheLog(client);
    for (int millis = 0; millis < 60; millis++) {
      lagging.restart();
      cluster.advance(Duration.ofMillis(millis * 5L));
      lagging.kill();
    }
    cluster.await(lagging.restart());
    until(
        "all is there",
        () -> get(lagging, "/store/7").at("/store/version").asText().equals("v2499"));
  }

  @Test
  void aNewcomerLearnsFirstAndThenHasAVoteThatCounts() {
    cluster.start();
    PdClient client = cluster.client();
    bootstrap(client);
    writeBeyondTheLog(client);
    PdCluster.Node newcomer = cluster.newcomer("pd-4");
    cluster.await(newcomer.start());
    until("a vote", () -> isVoter("pd-4"));
    PdCluster.Node fifth = cluster.newcomer("pd-5");
    cluster.await(fifth.start());
    until("another vote", () -> isVoter("pd-5"));
    // Of five members two may die, whichever they are.
    cluster.nodes.get(0).kill();
    cluster.nodes.get(1).kill();
    assertThat(cluster.await(client.store(7)).orElseThrow().meta().getVersion()).isEqualTo("v2499");
    cluster.nodes.get(3).kill();
    cluster.await(cluster.nodes.get(3).restart());
    assertThat(cluster.await(client.allocateId())).isPositive();
  }

  @Test
  void aNewcomerThatCrashesBeforeItIsToldItsIdGetsItOnce() {
    cluster.start();
    PdCluster.Node newcomer = cluster.newcomer("pd-4");
    for (int millis = 1; millis < 40; millis++) {
      newcomer.start();
      cluster.advance(Duration.ofMillis(millis));
      newcomer.kill();
      newcomer.machine.boot();
      newcomer.log.crash(newcomer.machine.loop("disk"));
    }
    cluster.await(newcomer.start());
    until("a vote", () -> isVoter("pd-4"));
    assertThat(get(cluster.leader(), "/members").path("members")).hasSize(4);
  }

  @Test
  void aMemberThatHasLostItsDataMayNotComeBackUnderItsName() {
    cluster.start();
    PdCluster.Node impostor = cluster.newcomer("pd-2");
    cluster.nodes.get(1).kill();
    CompletableFuture<Long> started = impostor.start();
    cluster.advance(Duration.ofSeconds(8));
    assertThatThrownBy(started::join).hasMessageContaining("there is a member pd-2 already");
  }

  @Test
  void aRemovedMemberEndsForGoodAndTheOthersGoOn() {
    cluster.start();
    PdClient client = cluster.client();
    bootstrap(client);
    PdCluster.Node leaving = cluster.followers().get(0);
    HttpAnswer removed =
        cluster.leader().ask("DELETE", "/pd/api/v1/members/name/" + leaving.name, "");
    assertThat(removed.status()).as(removed.body()).isEqualTo(200);
    assertThat(get(cluster.leader(), "/members").path("members")).hasSize(2);
    cluster.advance(Duration.ofSeconds(20));
    leaving.kill();
    CompletableFuture<Long> again = leaving.restart();
    cluster.advance(Duration.ofSeconds(30));
    assertThatThrownBy(again::join).hasMessageContaining("removed from its cluster");
    assertThat(cluster.await(client.allocateId())).isPositive();
  }

  @Test
  void aMemberThatWasRemovedWhileItWasAwayIsToldSo() {
    cluster.start();
    PdClient client = cluster.client();
    bootstrap(client);
    PdCluster.Node leaving = cluster.followers().get(0);
    leaving.kill();
    cluster.leader().ask("DELETE", "/pd/api/v1/members/name/" + leaving.name, "");
    CompletableFuture<Long> again = leaving.restart();
    cluster.advance(Duration.ofSeconds(30));
    assertThatThrownBy(again::join).hasMessageContaining("removed from its cluster");
  }

  @Test
  void aLeaderThatIsToGoHandsOverFirst() {
    cluster.start();
    PdCluster.Node leaving = cluster.leader();
    HttpAnswer first = leaving.ask("DELETE", "/pd/api/v1/members/name/" + leaving.name, "");
    assertThat(first.status()).isEqualTo(503);
    until("another leader", () -> cluster.leader() != leaving);
    HttpAnswer second =
        cluster.leader().ask("DELETE", "/pd/api/v1/members/name/" + leaving.name, "");
    assertThat(second.status()).as(second.body()).isEqualTo(200);
  }

  @Test
  void whatOperatorsAskOfAFollowerTheLeaderAnswers() {
    cluster.start();
    bootstrap(cluster.client());
    for (PdCluster.Node node : cluster.nodes) {
      assertThat(get(node, "/store/1").at("/store/id").asInt()).isEqualTo(1);
      assertThat(get(node, "/members").path("members")).hasSize(3);
      assertThat(get(node, "/members").at("/leader/name").asText())
          .isEqualTo(cluster.leader().name);
      assertThat(get(node, "/health").findValuesAsText("health"))
          .containsExactly("true", "true", "true");
    }
    cluster.followers().get(0).kill();
    assertThat(get(cluster.leader(), "/health").findValuesAsText("health"))
        .containsExactlyInAnyOrder("true", "true", "false");
  }

  @Test
  void leadershipGoesWhereItIsSentAndToTheHigherPriority() {
    cluster.start();
    PdCluster.Node follower = cluster.followers().get(0);
    follower.ask("POST", "/pd/api/v1/leader/transfer/" + follower.name, "");
    until("the transfer", follower::leads);
    PdCluster.Node preferred = cluster.followers().get(0);
    HttpAnswer ranked =
        preferred.ask(
            "POST", "/pd/api/v1/members/name/" + preferred.name, "{\"leader-priority\":5}");
    assertThat(ranked.status()).as(ranked.body()).isEqualTo(200);
    until("the preference", preferred::leads);
    preferred.kill();
    cluster.leader();
    cluster.await(preferred.restart());
    until("the preference again", preferred::leads);
    preferred.ask("POST", "/pd/api/v1/leader/resign", "");
    assertThat(cluster.leader()).isNotSameAs(preferred);
  }

  @Test
  void aLeaderThatStopsHandsOverSoThatHardlyAnyTimeIsLost() {
    cluster.start();
    PdClient client = cluster.client();
    Timestamp before = cluster.await(client.timestamp());
    PdCluster.Node stopping = cluster.leader();
    cluster.await(stopping.driver.stop());
    long stopped = cluster.machines.clock.nanos();
    assertThat(cluster.await(client.timestamp())).isGreaterThan(before);
    assertThat(Duration.ofNanos(cluster.machines.clock.nanos() - stopped))
        .isLessThan(Duration.ofMillis(800));
  }
}
