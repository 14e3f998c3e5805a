package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.pdpb.ChangePeer;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.server.apply.RegionFixture;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Replicas whose data differs are found and replaced (correctness rules 25 and 55). */
class ConsistencyTest {
  private final TestCluster cluster = TestCluster.started(1, config(Duration.ZERO));

  private static RegionConfig config(Duration background) {
    return RegionConfig.defaults()
        .withLog(Duration.ofSeconds(1), 10, 50, Duration.ofSeconds(5))
        .withSupervision(Supervision.defaults().withConsistencyInterval(background));
  }

  @Test
  void equalReplicasAreConsistentWhileTheyAreWrittenTo() {
    fill(cluster);
    for (int i = 0; i < 20; i++) {
      cluster.put(cluster.leaderOf(1), 1, "more" + i, "v");
    }

    ConsistencyReport report = check();

    assertThat(report.verdict()).isEqualTo(ConsistencyReport.Verdict.CONSISTENT);
    assertThat(report.hashes()).hasSize(3);
    assertThat(report.hashes().values())
        .allMatch(report.hashes().values().iterator().next()::equals);
  }

  @Test
  void rottenReplicaIsFoundStoppedAndReplaced() {
    fill(cluster);
    TestCluster.Node rotten = cluster.followersOf(1).get(0);
    long oldPeer = rotten.regions().region(1).orElseThrow().peer().getId();
    rot(rotten, "k3");

    ConsistencyReport report = check();

    assertThat(report.verdict()).isEqualTo(ConsistencyReport.Verdict.MINORITY_DAMAGED);
    cluster.world.until(
        "the rotten replica stopped",
        Duration.ofSeconds(5),
        () -> rotten.regions().region(1).isEmpty());
    assertThat(rotten.store.takeStatistics().damagedRegions()).containsExactly(1L);
    cluster.world.until(
        "the rotten replica taken out of the region", Duration.ofSeconds(10), () -> peers() == 2);

    addPeer(rotten, 900);

    cluster.world.until(
        "a new replica",
        Duration.ofSeconds(20),
        () -> rotten.regions().region(1).map(view -> view.peer().getId() == 900).orElse(false));
    cluster.replicasAgree(1);
    assertThat(oldPeer).isNotEqualTo(900);
    assertThat(rotten.store.takeStatistics().damagedRegions()).isEmpty();
    assertThat(check().verdict()).isEqualTo(ConsistencyReport.Verdict.CONSISTENT);
    assertThat(cluster.get(cluster.leaderOf(1), 1, "k3")).contains("v3");
  }

  @Test
  void damagedReplicaStaysStoppedAfterARestart() {
    fill(cluster);
    TestCluster.Node rotten = cluster.followersOf(1).get(0);
    rot(rotten, "k3");
    TestCluster.Node other =
        cluster.followersOf(1).stream().filter(node -> node != rotten).findFirst().orElseThrow();
    check();
    cluster.world.until(
        "the rotten replica stopped",
        Duration.ofSeconds(5),
        () -> rotten.regions().region(1).isEmpty());
    // Nobody takes it out: the leader and the other one are away.
    TestCluster.Node leader = cluster.leaderOf(1);
    cluster.isolate(leader);
    cluster.isolate(other);

    cluster.restart(rotten);
    cluster.world.run(Duration.ofSeconds(3));

    assertThat(rotten.regions().region(1)).isEmpty();
    cluster.heal();
    cluster.mustPut(1, "after", "v");
  }

  @Test
  void rottenLeaderHandsOverAndIsReplacedToo() {
    fill(cluster);
    TestCluster.Node rotten = cluster.leaderOf(1);
    rot(rotten, "k5");

    assertThat(check().verdict()).isEqualTo(ConsistencyReport.Verdict.LEADER_DAMAGED);
    cluster.world.until(
        "another leader", Duration.ofSeconds(10), () -> cluster.leaderOf(1) != rotten);
    assertThat(check().verdict()).isEqualTo(ConsistencyReport.Verdict.MINORITY_DAMAGED);

    cluster.world.until(
        "the rotten replica stopped",
        Duration.ofSeconds(5),
        () -> rotten.regions().region(1).isEmpty());
    assertThat(cluster.get(cluster.leaderOf(1), 1, "k5")).contains("v5");
  }

  @Test
  void replicaThatCannotBeReadIsTakenOutThoughNobodyComparesByItself() {
    fill(cluster);
    TestCluster.Node unreadable = cluster.leaderOf(1);

    unreadable.regions().damaged(1, "a read failed");

    cluster.world.until(
        "another leader", Duration.ofSeconds(10), () -> cluster.leaderOf(1) != unreadable);
    cluster.world.until(
        "the unreadable replica taken out", Duration.ofSeconds(20), () -> peers() == 2);
    cluster.world.until(
        "the unreadable replica destroyed",
        Duration.ofSeconds(20),
        () -> unreadable.store.takeStatistics().damagedRegions().isEmpty());
    assertThat(cluster.get(cluster.leaderOf(1), 1, "k5")).contains("v5");
  }

  @Test
  void nothingIsDoneWithoutAMajority() {
    fill(cluster);
    int nth = 0;
    for (TestCluster.Node node : cluster.followersOf(1)) {
      rot(node, "k" + nth++);
    }

    assertThat(check().verdict()).isEqualTo(ConsistencyReport.Verdict.UNDECIDED);

    cluster.world.run(Duration.ofSeconds(5));
    assertThat(peers()).isEqualTo(3);
    for (TestCluster.Node node : cluster.nodes.values()) {
      assertThat(node.store.takeStatistics().damagedRegions()).isEmpty();
    }
  }

  @Test
  void silentReplicaIsNotTakenForADamagedOne() {
    fill(cluster);
    cluster.isolate(cluster.followersOf(1).get(0));

    ConsistencyReport report = check();

    assertThat(report.verdict()).isEqualTo(ConsistencyReport.Verdict.CONSISTENT);
    assertThat(peers()).isEqualTo(3);
  }

  @Test
  void rotIsFoundInTheBackgroundToo() {
    TestCluster watched = TestCluster.started(3, config(Duration.ofSeconds(2)));
    fill(watched);
    TestCluster.Node rotten = watched.followersOf(1).get(0);
    rot(rotten, "k1");

    watched.world.until(
        "the rotten replica stopped",
        Duration.ofSeconds(20),
        () -> rotten.regions().region(1).isEmpty());
  }

  private static void fill(TestCluster cluster) {
    for (int i = 0; i < 10; i++) {
      cluster.mustPut(1, "k" + i, "v" + i);
    }
    cluster.replicasAgree(1);
  }

  private static void rot(TestCluster.Node node, String key) {
    WriteBatch batch = new WriteBatch();
    batch.put(ColumnFamily.RAW, RegionFixture.bytes(key), RegionFixture.bytes("rotten"));
    node.engine.write(batch, true);
  }

  private ConsistencyReport check() {
    return cluster.world.await(cluster.leaderOf(1).store.checkConsistency(1));
  }

  private int peers() {
    return cluster.leaderOf(1).regions().region(1).orElseThrow().region().getPeersCount();
  }

  private void addPeer(TestCluster.Node node, long peerId) {
    for (int attempt = 0; attempt < 20 && peers() < 3; attempt++) {
      Optional<RegionView> view = cluster.leaderOf(1).regions().region(1);
      cluster.pd.order(
          RegionHeartbeatResponse.newBuilder()
              .setRegionId(1)
              .setRegionEpoch(view.orElseThrow().region().getRegionEpoch())
              .setChangePeer(
                  ChangePeer.newBuilder()
                      .setPeer(Peer.newBuilder().setId(peerId).setStoreId(node.id))
                      .setChangeType(ConfChangeType.AddNode))
              .build());
      cluster.world.run(Duration.ofSeconds(1));
    }
  }
}
