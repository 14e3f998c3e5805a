package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.pdpb.ChangePeer;
import io.arrowraft.proto.pdpb.Merge;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.raft.core.Message;
import io.arrowraft.server.apply.RegionFixture;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.CorruptDataException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Wherever damage is met, it ends one replica, which neither votes nor answers any more and is
 * replaced; the store goes on (correctness rule 55). That a store stops is a failure of the world
 * that these tests run in.
 */
class DamageTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final TestCluster cluster =
      TestCluster.started(
          4, RegionConfig.defaults().withLog(SECOND, 10, 50, Duration.ofSeconds(5)));

  @Test
  void replicaThatHasForgottenItsVoteNeverVotesAgain() {
    fill(10);
    TestCluster.Node leader = cluster.leaderOf(1);
    TestCluster.Node forgetful = cluster.followersOf(1).get(0);
    List<Message> answers = new ArrayList<>();
    cluster.crash(forgetful);
    cluster.crash(leader);
    forgetful.logs.loseState(1);
    cluster.tap(
        envelope -> {
          if (envelope.groupId() == 1 && envelope.message().from() == 10 + forgetful.id) {
            answers.add(envelope.message());
          }
        });

    cluster.start(forgetful);
    cluster.world.run(Duration.ofSeconds(10));

    // The third one asks for votes all the time, and two of three would be enough.
    assertThat(answers).isEmpty();
    untilGivenUp(forgetful, 1);
    cluster.restart(forgetful);
    untilGivenUp(forgetful, 1);

    cluster.start(leader);
    cluster.mustPut(1, "after", "v");
    untilReplaced(forgetful);
    assertThat(answers).isEmpty();
  }

  @Test
  void replicaWhoseEntryCannotBeReadForApplyingIsReplaced() {
    fill(10);
    TestCluster.Node follower = cluster.followersOf(1).get(0);
    long last = follower.regions().region(1).orElseThrow().appliedIndex();
    follower.life.end();
    // All that was not synced is lost, so the log has to be applied again.
    follower.engine = follower.engine.crash(new Nothing());
    follower.logs.loseEntry(1, last);

    cluster.start(follower);
    untilGivenUp(follower, 1);

    cluster.mustPut(1, "after", "v");
    untilReplaced(follower);
  }

  @Test
  void replicaWhoseLogEndsInDamageIsNotEvenOpened() {
    fill(10);
    TestCluster.Node follower = cluster.followersOf(1).get(0);
    long last = follower.regions().region(1).orElseThrow().appliedIndex();
    follower.engine.sync();
    cluster.crash(follower);
    follower.logs.loseEntry(1, last);

    cluster.start(follower);

    untilGivenUp(follower, 1);
    untilReplaced(follower);
  }

  @Test
  void damageMetWhileApplyingEndsTheReplicaAndNotItsNeighbours() {
    fill(10);
    TestCluster.Node follower = cluster.followersOf(1).get(0);
    long neighbour = cluster.split(1, "a").get(0).getId();
    cluster.replicasAgree(neighbour);
    // Whether the next new region is known here cannot be told.
    follower.damage(
        ColumnFamily.RAFT, record(neighbour + 1), new byte[] {RegionRecordsKeys.REGION + 1});

    long child = cluster.split(1, "m").get(0).getId();
    untilGivenUp(follower, 1);

    cluster.mustPut(neighbour, "0", "goes on");
    cluster.replicasAgree(neighbour);
    assertThat(cluster.get(cluster.leaderOf(child), child, "k5")).contains("v5");
    assertThat(follower.regions().region(child)).isEmpty();
    follower.repair();
    untilReplaced(follower);
    cluster.replicasAgree(child);
  }

  @Test
  void leaderThatCannotMakeASnapshotLetsAnotherMakeIt() {
    fill(100);
    TestCluster.Node rotten = cluster.leaderOf(1);
    rotten.damage(ColumnFamily.RAW, RegionFixture.bytes("k5"), RegionFixture.bytes("k6"));
    TestCluster.Node fourth = cluster.addStore(4);

    addPeer(fourth, 14);
    cluster.world.until(
        "the fourth replica",
        Duration.ofSeconds(30),
        () -> fourth.regions().region(1).map(view -> view.appliedIndex() > 0).orElse(false));

    assertThat(cluster.leaderOf(1)).isNotSameAs(rotten);
    cluster.world.until(
        "the rotten replica taken out",
        Duration.ofSeconds(30),
        () ->
            peers().stream().noneMatch(peer -> peer.getStoreId() == rotten.id)
                && rotten.store.takeStatistics().damagedRegions().isEmpty());
    cluster.replicasAgree(
        1,
        cluster.nodes.values().stream().filter(n -> n != rotten).toArray(TestCluster.Node[]::new));
  }

  @Test
  void replicaWhoseHalfInstalledSnapshotCannotBeReadIsReplaced() {
    TestCluster.Node away = cluster.followersOf(1).get(0);
    cluster.isolate(away);
    fill(200);
    cluster.world.run(Duration.ofSeconds(10));
    cluster.heal();
    cluster.world.until(
        "a snapshot about to be installed",
        Duration.ofSeconds(30),
        () ->
            RegionRecords.regionState(away.engine, 1)
                .map(state -> state.getPhase() == RegionPhase.APPLYING)
                .orElse(false));
    byte[] chunks = ByteBuffer.allocate(10).put(record(1)).put((byte) 3).array();
    away.damage(ColumnFamily.RAFT, chunks, record(2));

    cluster.restart(away);

    untilGivenUp(away, 1);
    cluster.restart(away);
    untilGivenUp(away, 1);
    away.repair();
    untilReplaced(away);
  }

  @Test
  void damagedSourceDoesNotBecomePartOfItsTarget() {
    fill(10);
    cluster.mustPut(1, "z", "right");
    long left = cluster.split(1, "m").get(0).getId();
    cluster.replicasAgree(left);
    cluster.world.run(SECOND);
    TestCluster.Node rotten =
        cluster.nodes.values().stream()
            .filter(n -> n != cluster.leaderOf(1) && n != cluster.leaderOf(left))
            .findFirst()
            .orElseThrow();
    // Its store hears of the merge by the target's log alone.
    rotten.regions().damaged(left, "a read failed");
    cluster.world.until(
        "the source given up", SECOND, () -> rotten.regions().region(left).isEmpty());

    cluster.pd.order(
        RegionHeartbeatResponse.newBuilder()
            .setRegionId(left)
            .setMerge(Merge.newBuilder().setTarget(view(1).region()))
            .build());

    untilGivenUp(rotten, 1);
    cluster.world.until(
        "the merge",
        Duration.ofSeconds(10),
        () -> view(1).region().getStartKey().isEmpty() && view(1).region().getEndKey().isEmpty());
    assertThat(cluster.get(cluster.leaderOf(1), 1, "k5")).contains("v5");
    untilReplaced(rotten);
    cluster.world.until(
        "the source ended",
        Duration.ofSeconds(30),
        () -> rotten.store.takeStatistics().damagedRegions().isEmpty());
    RegionState end = RegionRecords.regionState(rotten.engine, left).orElseThrow();
    assertThat(end.getPhase()).isEqualTo(RegionPhase.TOMBSTONE);
    cluster.replicasAgree(1);
  }

  @Test
  void viewThatCannotBeOpenedEndsTheReplica() {
    fill(10);
    TestCluster.Node leader = cluster.leaderOf(1);
    leader.damage(ColumnFamily.RAFT, record(1), record(2));

    assertThat(leader.regions().snapshot(cluster.request(leader, 1)).toCompletableFuture())
        .isCompletedExceptionally();
    untilGivenUp(leader, 1);

    assertThat(cluster.get(cluster.leaderOf(1), 1, "k5")).contains("v5");
    leader.repair();
    untilReplaced(leader);
  }

  @Test
  void damageWithoutAPlaceIsTheWholeNodes() {
    byte[] none = {};
    assertThat(DamagedReplicas.isOfOneReplica(CorruptDataException.unplaced("a write", null)))
        .isFalse();
    assertThat(isOfOneReplica(ColumnFamily.RAFT, record(1), record(3))).isFalse();
    assertThat(isOfOneReplica(ColumnFamily.RAFT, record(1), none)).isFalse();
    assertThat(isOfOneReplica(ColumnFamily.RAFT, new byte[] {1}, new byte[] {2})).isFalse();
    assertThat(isOfOneReplica(ColumnFamily.RAFT, record(1), record(2))).isTrue();
    assertThat(isOfOneReplica(ColumnFamily.WRITE, none, none)).isTrue();
    assertThat(DamagedReplicas.isOfOneReplica(CorruptDataException.ofGroup(1, "its log"))).isTrue();
  }

  private static boolean isOfOneReplica(ColumnFamily family, byte[] start, byte[] end) {
    return DamagedReplicas.isOfOneReplica(
        CorruptDataException.at(
            new CorruptDataException.Damage(family, start, end), "a read failed", null));
  }

  /** Keeps nothing of what was not synced. */
  private static final class Nothing extends Random {
    private static final long serialVersionUID = 1L;

    @Override
    public int nextInt(int bound) {
      return 0;
    }
  }

  /** How the store's own records begin. */
  private static final class RegionRecordsKeys {
    private static final byte REGION = 3;
  }

  private static byte[] record(long regionId) {
    return ByteBuffer.allocate(9).put(RegionRecordsKeys.REGION).putLong(regionId).array();
  }

  private void fill(int keys) {
    for (int i = 0; i < keys; i++) {
      cluster.mustPut(1, "k" + i, "v" + i);
    }
  }

  private static boolean isGivenUp(TestCluster.Node node, long regionId) {
    return node.regions().region(regionId).isEmpty()
        && node.store.takeStatistics().damagedRegions().contains(regionId);
  }

  private void untilGivenUp(TestCluster.Node node, long regionId) {
    cluster.world.until(
        "replica of region " + regionId + " given up",
        SECOND.multipliedBy(20),
        () -> isGivenUp(node, regionId));
  }

  /** The damaged replica of region 1 is taken out, and a new one takes its place. */
  private void untilReplaced(TestCluster.Node node) {
    cluster.world.until(
        "the damaged replica taken out",
        Duration.ofSeconds(30),
        () -> peers().stream().noneMatch(peer -> peer.getStoreId() == node.id));
    addPeer(node, 900);
    cluster.world.until(
        "a new replica",
        Duration.ofSeconds(30),
        () -> node.regions().region(1).map(view -> view.peer().getId() == 900).orElse(false));
    cluster.replicasAgree(1);
    assertThat(node.store.takeStatistics().damagedRegions()).doesNotContain(1L);
  }

  private RegionView view(long regionId) {
    return cluster.leaderOf(regionId).regions().region(regionId).orElseThrow();
  }

  private List<Peer> peers() {
    return view(1).region().getPeersList();
  }

  private void addPeer(TestCluster.Node node, long peerId) {
    for (int attempt = 0; attempt < 20; attempt++) {
      if (peers().stream().anyMatch(peer -> peer.getId() == peerId)) {
        return;
      }
      cluster.pd.order(
          RegionHeartbeatResponse.newBuilder()
              .setRegionId(1)
              .setRegionEpoch(view(1).region().getRegionEpoch())
              .setChangePeer(
                  ChangePeer.newBuilder()
                      .setPeer(Peer.newBuilder().setId(peerId).setStoreId(node.id))
                      .setChangeType(ConfChangeType.AddNode))
              .build());
      cluster.world.run(SECOND);
    }
    throw new AssertionError("peer " + peerId + " was not added");
  }
}
