package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.pdpb.TransferLeader;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Regions that nobody uses fall asleep, and wake for whatever is asked of them (rule 56). */
class RegionRestTest {
  /** Detection takes a heartbeat and an election timeout, the election up to another two. */
  private static final Duration FAILOVER = Duration.ofMillis(4500);

  private final TestCluster cluster = TestCluster.started(1, RegionConfig.defaults());

  @Test
  void idleRegionSendsNothingButTheBeatsOfItsStores() {
    asleep();
    int before = cluster.groupMessages();

    // The comparison of replicas in the background is not due yet.
    cluster.world.run(Duration.ofMinutes(4));

    assertThat(cluster.groupMessages()).isEqualTo(before);
  }

  @Test
  void regionThatIsReadUnderItsLeaseStaysAwake() {
    cluster.mustPut(1, "a", "1");
    TestCluster.Node leader = cluster.leaderOf(1);
    for (int i = 0; i < 100; i++) {
      assertThat(cluster.get(leader, 1, "a")).contains("1");
      cluster.world.run(Duration.ofMillis(100));
    }

    CompletionStage<RegionSnapshot> read = leader.regions().snapshot(cluster.request(leader, 1));

    assertThat(read.toCompletableFuture()).isCompleted();
    read.toCompletableFuture().join().close();
  }

  @Test
  void sleepingLeaderHoldsNoLeaseAndServesAfterAskingItsPeers() {
    cluster.mustPut(1, "a", "1");
    asleep();
    cluster.world.run(Duration.ofSeconds(2));
    TestCluster.Node leader = cluster.leaderOf(1);

    CompletionStage<RegionSnapshot> read = leader.regions().snapshot(cluster.request(leader, 1));

    assertThat(read.toCompletableFuture()).isNotCompleted();
    long since = cluster.world.nanos();
    cluster.world.await(read).close();
    assertThat(Duration.ofNanos(cluster.world.nanos() - since)).isLessThan(Duration.ofMillis(20));
  }

  @Test
  void writeWakesTheWholeRegion() {
    asleep();

    cluster.mustPut(1, "a", "1");

    assertThat(cluster.get(cluster.leaderOf(1), 1, "a")).contains("1");
    cluster.replicasAgree(1);
    asleep();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void firstRequestAfterTheDeathOfTheLeadersStoreIsServedInTime(long seed) {
    TestCluster other = TestCluster.started(seed, RegionConfig.defaults());
    other.mustPut(1, "a", "1");
    asleep(other);
    TestCluster.Node dead = other.leaderOf(1);
    other.world.run(Duration.ofSeconds(60 + seed));
    other.crash(dead);
    long since = other.world.nanos();

    other.mustPut(1, "a", "2");

    assertThat(Duration.ofNanos(other.world.nanos() - since)).isLessThan(FAILOVER);
  }

  @Test
  void restartOfTheLeadersStoreEndsTheRest() {
    cluster.mustPut(1, "a", "1");
    asleep();
    cluster.world.run(Duration.ofSeconds(10));
    long since = cluster.world.nanos();

    cluster.restart(cluster.leaderOf(1));
    cluster.mustPut(1, "a", "2");

    assertThat(Duration.ofNanos(cluster.world.nanos() - since)).isLessThan(FAILOVER);
    cluster.replicasAgree(1);
  }

  @Test
  void sleepingLeaderThatIsCutOffServesNoStaleRead() {
    cluster.mustPut(1, "a", "old");
    asleep();
    TestCluster.Node cut = cluster.leaderOf(1);
    RegionRequest request = cluster.request(cut, 1);
    cluster.isolate(cut);
    cluster.mustPut(1, "a", "new");

    CompletionStage<RegionSnapshot> read = cut.regions().snapshot(request);

    assertThatThrownBy(() -> cluster.world.await(read))
        .hasCauseInstanceOf(RegionErrorException.class);
    cluster.heal();
    cluster.replicasAgree(1);
    assertThat(cluster.get(cluster.leaderOf(1), 1, "a")).contains("new");
  }

  @Test
  void followerThatIsCutOffDisturbsNobodyWhenItIsBack() {
    asleep();
    TestCluster.Node leader = cluster.leaderOf(1);
    long term = leader.regions().region(1).orElseThrow().term();
    TestCluster.Node away = cluster.followersOf(1).get(0);
    cluster.isolate(away);
    cluster.world.until(
        "a report of the missing peer",
        Duration.ofSeconds(10),
        () -> cluster.pd.report(1).orElseThrow().getPendingPeersCount() == 1);

    cluster.heal();
    asleep();

    assertThat(cluster.leaderOf(1)).isSameAs(leader);
    assertThat(leader.regions().region(1).orElseThrow().term()).isEqualTo(term);
  }

  @Test
  void requestToASleepingFollowerIsServedOrNamesTheLeader() {
    cluster.mustPut(1, "a", "1");
    asleep();
    TestCluster.Node follower = cluster.followersOf(1).get(0);
    RegionRequest plain = cluster.request(follower, 1);
    RegionRequest replica =
        new RegionRequest(1, plain.epoch(), plain.peer(), 0, true, false, plain.deadline());

    cluster.world.await(follower.regions().snapshot(replica)).close();

    asleep();
    assertThatThrownBy(() -> cluster.world.await(follower.regions().snapshot(plain)))
        .hasMessageContaining("not led here");
  }

  @Test
  void orderOfThePlacementDriverReachesASleepingLeader() {
    asleep();
    TestCluster.Node target = cluster.followersOf(1).get(0);
    Peer peer = cluster.request(target, 1).peer();

    cluster.pd.order(
        RegionHeartbeatResponse.newBuilder()
            .setRegionId(1)
            .setTransferLeader(TransferLeader.newBuilder().setPeer(peer))
            .build());

    cluster.world.until("the transfer", Duration.ofSeconds(2), () -> cluster.leaderOf(1) == target);
  }

  @Test
  void splitOfASleepingRegionMakesRegionsThatSleepToo() {
    asleep();
    List<io.arrowraft.proto.metapb.Region> parts = cluster.split(1, "m");

    cluster.mustPut(parts.get(0).getId(), "a", "1");
    cluster.mustPut(1, "z", "1");
    asleep();
  }

  private void asleep() {
    asleep(cluster);
  }

  private static void asleep(TestCluster cluster) {
    cluster.leaderOf(1);
    cluster.world.until(
        "all replicas asleep",
        Duration.ofSeconds(20),
        () ->
            cluster.nodes.values().stream()
                .filter(TestCluster.Node::isUp)
                .allMatch(node -> node.store.awakeReplicas() == 0));
  }
}
