package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.pd.client.RegionHeartbeats;
import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.ChangePeer;
import io.arrowraft.proto.pdpb.RegionHeartbeatRequest;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.core.HardState;
import io.arrowraft.raft.core.Message;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.apply.PeerChanges;
import io.arrowraft.server.state.RegionRecords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Correctness rules 17, 18 and 24: messages and memberships that come too early or too late. */
class PastAndFutureReplicasTest {
  private static final Duration STALE_AFTER = Duration.ofSeconds(5);

  private final TestCluster cluster =
      TestCluster.started(
          1, RegionConfig.defaults().withLog(Duration.ofSeconds(1), 10, 50, STALE_AFTER));

  @Test
  void replicaThatIsAskedForItsVoteBeforeItsSplitGivesIt() {
    long child = 77;
    TestCluster.Node late = cluster.followersOf(1).get(0);
    List<Message> answers = new ArrayList<>();
    cluster.tap(
        envelope -> {
          if (envelope.groupId() == child) {
            answers.add(envelope.message());
          }
        });

    late.store
        .receiver()
        .receive(
            new RaftEnvelope(
                child,
                other(late).id,
                late.id,
                new Message.VoteRequest(701, 702, 6, 5, 5, false),
                Bytes.EMPTY));

    cluster.world.until("the answer", Duration.ofSeconds(5), () -> !answers.isEmpty());
    assertThat(((Message.VoteResponse) answers.get(0)).granted()).isTrue();
    assertThat(late.logs.load(child).orElseThrow().hardState())
        .as("it is a promise")
        .isEqualTo(new HardState(6, 701, 0));
    assertThat(late.regions().region(child)).as("without data").isEmpty();
  }

  /**
   * The child of a split reports first, so the placement driver knows no more of its parent, and
   * the child has the key where the parent began: for a replica that has missed the split that
   * looks as if the parent were part of the child.
   */
  @Test
  void replicaThatMissedASplitStaysWhileItsRegionIsForgotten() {
    long region = cluster.split(1, "m").get(0).getId();
    // A neighbour of an older version could be the target of a merge, and would keep the replica.
    cluster.split(1, "t");
    cluster.split(1, "w");
    cluster.mustPut(region, "d", "v");
    cluster.replicasAgree(region);
    TestCluster.Node away = cluster.followersOf(region).get(0);
    cluster.block(away, region);
    cluster.pd.loseReportsOf(region);
    long child = cluster.split(region, "c").get(0).getId();
    cluster.world.until(
        "the report of the child",
        Duration.ofSeconds(30),
        () -> cluster.pd.report(child).isPresent() && cluster.pd.report(region).isEmpty());

    cluster.world.run(STALE_AFTER.multipliedBy(6));

    assertThat(away.regions().region(region)).as("may be the last that has an entry").isPresent();
    cluster.pd.loseNoReports();
    cluster.unblock();
    cluster.replicasAgree(region);
    cluster.replicasAgree(child);
  }

  @Test
  void replicaThatHasLeftIsNotRevivedByAMessageOfThePast() {
    TestCluster.Node gone = cluster.followersOf(1).get(0);
    cluster.mustPut(1, "k", "v");
    Peer removed = cluster.request(gone, 1).peer();
    TestCluster.Node leader = cluster.leaderOf(1);
    change(removed, ConfChangeType.RemoveNode);
    cluster.world.until(
        "the removal",
        Duration.ofSeconds(30),
        () -> gone.regions().region(1).isEmpty() && gone.logs.load(1).isEmpty());
    long term = leader.regions().region(1).orElseThrow().term();
    long sender = leader.regions().region(1).orElseThrow().peer().getId();

    for (Message late :
        List.of(
            new Message.HeartbeatRequest(sender, removed.getId(), term, 0, 1),
            new Message.VoteRequest(sender, removed.getId(), term + 1, 100, term, false))) {
      gone.store.receiver().receive(new RaftEnvelope(1, leader.id, gone.id, late, Bytes.EMPTY));
    }
    cluster.world.run(Duration.ofSeconds(1));

    assertThat(gone.logs.load(1)).as("terms and votes").isEmpty();
    assertThat(RegionRecords.regionState(gone.engine, 1).orElseThrow().getPhase())
        .isEqualTo(RegionPhase.TOMBSTONE);
  }

  @Test
  void replicaIsNotDestroyedOnTheWordOfAMembershipFromBeforeItJoined() {
    cluster.mustPut(1, "k", "v");
    Region before = cluster.pd.report(1).orElseThrow().getRegion();
    TestCluster.Node joined = cluster.addStore(4);
    Peer peer = Peer.newBuilder().setId(500).setStoreId(4).build();
    change(peer, ConfChangeType.AddLearnerNode);
    cluster.replicasAgree(1);
    change(peer, ConfChangeType.AddNode);
    cluster.replicasAgree(1);
    cluster.isolate(joined);
    // A leader that was deposed meanwhile is the last to be heard.
    RegionHeartbeatRequest late =
        cluster.pd.report(1).orElseThrow().toBuilder().setRegion(before).build();

    try (RegionHeartbeats line = cluster.pd.client().openRegionHeartbeats(new Deaf())) {
      for (int i = 0; i < 200; i++) {
        line.report(late);
        cluster.world.run(STALE_AFTER.dividedBy(50));
      }
    }

    assertThat(joined.regions().region(1)).isPresent();
    cluster.heal();
    cluster.mustPut(1, "k", "w");
    cluster.replicasAgree(1);
  }

  @Test
  void learnerThatWasRemovedWhileAwayAsksAndDestroysItself() {
    cluster.mustPut(1, "k", "v");
    TestCluster.Node away = cluster.addStore(4);
    Peer peer = Peer.newBuilder().setId(500).setStoreId(4).build();
    change(peer, ConfChangeType.AddLearnerNode);
    cluster.replicasAgree(1);
    cluster.isolate(away);
    change(peer, ConfChangeType.RemoveNode);
    cluster.heal();

    cluster.world.until(
        "the stale learner's end",
        Duration.ofSeconds(60),
        () -> away.regions().region(1).isEmpty());
  }

  @Test
  void sleepingReplicaThatHeardNothingOfItsRemovalFindsOut() {
    TestCluster.Node away = cluster.followersOf(1).get(0);
    cluster.mustPut(1, "k", "v");
    cluster.split(1, "a");
    cluster.world.until(
        "sleep",
        Duration.ofSeconds(20),
        () -> cluster.nodes.values().stream().allMatch(node -> node.store.awakeReplicas() == 0));
    // Its leader's store lives, and another region is watched there.
    cluster.block(away, 1);
    change(cluster.request(away, 1).peer(), ConfChangeType.RemoveNode);
    cluster.world.run(Duration.ofSeconds(10));
    cluster.unblock();

    cluster.world.until(
        "the stale replica's end",
        STALE_AFTER.multipliedBy(20),
        () -> away.regions().region(1).isEmpty());
  }

  private TestCluster.Node other(TestCluster.Node node) {
    return cluster.nodes.get(node.id % 3 + 1);
  }

  private void change(Peer peer, ConfChangeType type) {
    Optional<PeerRole> role =
        switch (type) {
          case RemoveNode -> Optional.empty();
          case AddNode -> Optional.of(PeerRole.Voter);
          default -> Optional.of(PeerRole.Learner);
        };
    cluster.pd.order(
        RegionHeartbeatResponse.newBuilder()
            .setRegionId(1)
            .setChangePeer(ChangePeer.newBuilder().setPeer(peer).setChangeType(type))
            .build());
    cluster.world.until(
        type + " of " + peer.getId(),
        Duration.ofSeconds(30),
        () -> {
          Region now = cluster.leaderOf(1).regions().region(1).orElseThrow().region();
          return PeerChanges.byId(now, peer.getId()).map(Peer::getRole).equals(role);
        });
  }

  /** A line on which nothing is ordered. */
  private static final class Deaf implements RegionHeartbeats.Listener {
    @Override
    public void onConnected() {}

    @Override
    public void onOrder(RegionHeartbeatResponse order) {}
  }
}
