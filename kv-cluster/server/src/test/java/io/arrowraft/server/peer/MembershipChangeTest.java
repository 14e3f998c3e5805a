package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.ChangePeer;
import io.arrowraft.proto.pdpb.ChangePeerV2;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.core.Message;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.region.RegionEvent;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.server.state.RegionRecords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Changes of several peers at once, and what a leader refuses. */
class MembershipChangeTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final long NEWCOMER = 500;

  private TestCluster cluster =
      TestCluster.started(
          3, RegionConfig.defaults().withLog(SECOND, 10, 50, Duration.ofSeconds(5)));

  @Test
  void severalChangesGoThroughAJointStateThatTheLeaderLeaves() {
    TestCluster.Node added = withLearnerOnStore4();
    TestCluster.Node demoted = followerAmong(1, 2, 3);
    Peer leaving = peerOn(demoted.id);

    order(
        change(ConfChangeType.AddNode, newcomer()), change(ConfChangeType.AddLearnerNode, leaving));
    untilRoles(added.id, PeerRole.Voter, demoted.id, PeerRole.Learner);

    assertThat(rolesSeenBy(cluster.leaderOf(1), 4))
        .containsExactly(PeerRole.Learner, PeerRole.IncomingVoter, PeerRole.Voter);
    assertThat(rolesSeenBy(cluster.leaderOf(1), demoted.id))
        .contains(PeerRole.DemotingVoter)
        .endsWith(PeerRole.Learner);
    // One for the learner, two to go in, two to come out.
    assertThat(region().getRegionEpoch().getConfVer()).isEqualTo(6);
    assertThat(cluster.pd.report(1).orElseThrow().getRegion()).isEqualTo(region());
    order(change(ConfChangeType.RemoveNode, leaving));
    cluster.world.until(
        "the removal", SECOND.multipliedBy(20), () -> demoted.regions().region(1).isEmpty());
    cluster.mustPut(1, "last", "v");
    cluster.replicasAgree(1, stores(demoted));
  }

  @Test
  void leaderThatIsToLoseItsVoteHandsOverFirst() {
    TestCluster.Node added = withLearnerOnStore4();
    TestCluster.Node leading = cluster.leaderOf(1);
    Peer leaving = peerOn(leading.id);
    ChangePeer[] changes = {
      change(ConfChangeType.AddNode, newcomer()), change(ConfChangeType.AddLearnerNode, leaving)
    };

    order(changes);
    cluster.world.until(
        "another leader", SECOND.multipliedBy(5), () -> cluster.leaderOf(1) != leading);
    cluster.world.run(SECOND);
    assertThat(PeerRole.Learner).isEqualTo(peerOn(added.id).getRole());
    order(changes);

    untilRoles(added.id, PeerRole.Voter, leading.id, PeerRole.Learner);
    cluster.mustPut(1, "last", "v");
    cluster.replicasAgree(1);
  }

  @Test
  void jointStateSurvivesPowerLossOfAllStoresAtAnyMoment() {
    for (int round = 0; round < 12; round++) {
      cluster =
          TestCluster.started(
              50 + round, RegionConfig.defaults().withLog(SECOND, 10, 50, SECOND.multipliedBy(5)));
      TestCluster.Node added = withLearnerOnStore4();
      TestCluster.Node demoted = followerAmong(1, 2, 3);
      ChangePeer[] changes = {
        change(ConfChangeType.AddNode, newcomer()),
        change(ConfChangeType.AddLearnerNode, peerOn(demoted.id))
      };
      order(changes);
      cluster.world.run(Duration.ofNanos(700_000L * round));
      cluster.nodes.values().forEach(cluster::crash);
      cluster.nodes.values().forEach(cluster::start);

      // Whether the change got through before or not, it ends; and a leader never stays in between.
      cluster.leaderOf(1);
      cluster.world.run(SECOND.multipliedBy(3));
      if (peerOn(demoted.id).getRole() == PeerRole.Voter) {
        assertThat(peerOn(added.id).getRole()).isEqualTo(PeerRole.Learner);
        if (cluster.leaderOf(1) == demoted) {
          order(changes);
          cluster.world.run(SECOND.multipliedBy(2));
        }
        order(changes);
      }
      untilRoles(added.id, PeerRole.Voter, demoted.id, PeerRole.Learner);
      cluster.mustPut(1, "last", "v");
      cluster.replicasAgree(1);
    }
  }

  @Test
  void jointStateThatItsLeaderDoesNotSeeTheEndOfIsLeftByTheNext() {
    TestCluster.Node added = withLearnerOnStore4();
    TestCluster.Node leading = cluster.leaderOf(1);
    TestCluster.Node demoted = followerAmong(1, 2, 3);
    order(
        change(ConfChangeType.AddNode, newcomer()),
        change(ConfChangeType.AddLearnerNode, peerOn(demoted.id)));
    cluster.world.until(
        "the joint state on the leader's store",
        SECOND,
        () -> roleOn(leading, added.id) == PeerRole.IncomingVoter);
    cluster.isolate(leading);

    untilRoles(added.id, PeerRole.Voter, demoted.id, PeerRole.Learner);
    cluster.heal();
    cluster.replicasAgree(1);
  }

  @Test
  void orderToLeaveWhatIsNotJointChangesNothing() {
    Region before = region();

    order();
    cluster.world.run(SECOND);

    assertThat(region()).isEqualTo(before);
  }

  @Test
  void changesThatWouldLoseTheQuorumAreRefused() {
    List<TestCluster.Node> followers = cluster.followersOf(1);
    cluster.isolate(followers.get(0));
    cluster.world.run(SECOND.multipliedBy(3));
    Region before = region();

    order(change(ConfChangeType.RemoveNode, peerOn(followers.get(1).id)));
    cluster.world.run(SECOND.multipliedBy(2));

    assertThat(region()).isEqualTo(before);
  }

  @Test
  void votersWithoutTheLogDoNotMakeAMajority() {
    for (int i = 0; i < 100; i++) {
      cluster.mustPut(1, "k" + i, "v");
    }
    TestCluster.Node away = followerAmong(1, 2, 3);
    cluster.isolate(away);
    for (int i = 0; i < 100; i++) {
      cluster.mustPut(1, "k" + i, "w");
    }
    cluster.world.run(SECOND.multipliedBy(3));
    cluster.addStore(4);
    Region before = region();

    order(change(ConfChangeType.AddNode, newcomer()));
    cluster.world.run(SECOND.multipliedBy(2));

    assertThat(region()).isEqualTo(before);
  }

  @Test
  void changesThatDoNotFitAreRefused() {
    TestCluster.Node follower = followerAmong(1, 2, 3);
    Region before = region();
    Peer present = peerOn(follower.id);
    Peer elsewhere = present.toBuilder().setStoreId(9).build();
    Peer learner = Peer.newBuilder().setId(600).setStoreId(8).build();

    // A voter that others are to be changed with, roles that are there, ids that are taken.
    order(
        change(ConfChangeType.AddLearnerNode, newcomer()),
        change(ConfChangeType.RemoveNode, present));
    order(change(ConfChangeType.AddNode, present));
    order(change(ConfChangeType.AddLearnerNode, elsewhere));
    order(change(ConfChangeType.RemoveNode, learner));
    order(
        change(ConfChangeType.AddLearnerNode, newcomer()),
        change(ConfChangeType.AddLearnerNode, learner));
    order(change(ConfChangeType.AddLearnerNode, present), change(ConfChangeType.AddNode, present));
    cluster.world.run(SECOND.multipliedBy(2));

    assertThat(region()).isEqualTo(before);
  }

  @Test
  void removedReplicaAnswersRequestsForItsVoteWithWhatItKnowsToBeCommitted() {
    TestCluster.Node gone = followerAmong(1, 2, 3);
    Peer removed = peerOn(gone.id);
    cluster.mustPut(1, "a", "1");
    order(change(ConfChangeType.RemoveNode, removed));
    cluster.world.until(
        "the removal", SECOND.multipliedBy(20), () -> gone.regions().region(1).isEmpty());
    RegionState end = RegionRecords.regionState(gone.engine, 1).orElseThrow();
    assertThat(end.getPhase()).isEqualTo(RegionPhase.TOMBSTONE);
    cluster.restart(gone);
    TestCluster.Node other = cluster.leaderOf(1);
    List<Message> answers = new ArrayList<>();
    cluster.tap(
        envelope -> {
          if (envelope.fromStore() == gone.id) {
            answers.add(envelope.message());
          }
        });

    gone.store
        .receiver()
        .receive(
            new RaftEnvelope(
                1,
                other.id,
                gone.id,
                new Message.PreVoteRequest(11, removed.getId(), 9, 7, 6),
                Bytes.EMPTY));
    cluster.world.run(SECOND);

    assertThat(answers)
        .containsExactly(
            new Message.PreVoteResponse(
                removed.getId(), 11, 8, false, end.getRemovedIndex(), end.getRemovedTerm()));
    assertThat(end.getRemovedIndex()).isPositive();
  }

  private static Peer newcomer() {
    return Peer.newBuilder().setId(NEWCOMER).setStoreId(4).build();
  }

  private TestCluster.Node withLearnerOnStore4() {
    TestCluster.Node node = cluster.addStore(4);
    cluster.mustPut(1, "a", "1");
    order(change(ConfChangeType.AddLearnerNode, newcomer()));
    cluster.world.until(
        "the learner's data",
        SECOND.multipliedBy(20),
        () ->
            cluster.leaderOf(1).regions().region(1).orElseThrow().region().getPeersCount() == 4
                && cluster.isCaughtUp(node));
    cluster.world.run(SECOND);
    return node;
  }

  private static ChangePeer change(ConfChangeType type, Peer peer) {
    return ChangePeer.newBuilder()
        .setChangeType(type)
        .setPeer(peer.toBuilder().clearRole())
        .build();
  }

  private void order(ChangePeer... changes) {
    cluster.pd.order(
        RegionHeartbeatResponse.newBuilder()
            .setRegionId(1)
            .setChangePeerV2(ChangePeerV2.newBuilder().addAllChanges(List.of(changes)))
            .build());
  }

  private Region region() {
    return cluster.leaderOf(1).regions().region(1).orElseThrow().region();
  }

  private Peer peerOn(long store) {
    return region().getPeersList().stream()
        .filter(peer -> peer.getStoreId() == store)
        .findFirst()
        .orElseThrow();
  }

  private TestCluster.Node followerAmong(long... stores) {
    TestCluster.Node leader = cluster.leaderOf(1);
    for (long store : stores) {
      if (store != leader.id) {
        return cluster.nodes.get(store);
      }
    }
    throw new AssertionError("no follower");
  }

  private TestCluster.Node[] stores(TestCluster.Node except) {
    return cluster.nodes.values().stream()
        .filter(node -> node != except)
        .toArray(TestCluster.Node[]::new);
  }

  private static PeerRole roleOn(TestCluster.Node node, long store) {
    Optional<RegionView> view = node.regions().region(1);
    return view.stream()
        .flatMap(each -> each.region().getPeersList().stream())
        .filter(peer -> peer.getStoreId() == store)
        .map(Peer::getRole)
        .findFirst()
        .orElse(PeerRole.UNRECOGNIZED);
  }

  private void untilRoles(long one, PeerRole itsRole, long other, PeerRole otherRole) {
    cluster.world.until(
        "roles " + itsRole + " and " + otherRole,
        SECOND.multipliedBy(30),
        () -> peerOn(one).getRole() == itsRole && peerOn(other).getRole() == otherRole);
  }

  /** The roles that a store saw the peer on another store take, in order. */
  private static List<PeerRole> rolesSeenBy(TestCluster.Node node, long store) {
    TreeMap<Long, PeerRole> byConfVersion = new TreeMap<>();
    for (RegionEvent event : node.events) {
      if (event instanceof RegionEvent.PeersChanged changed) {
        for (Peer peer : changed.region().getPeersList()) {
          if (peer.getStoreId() == store) {
            byConfVersion.put(changed.region().getRegionEpoch().getConfVer(), peer.getRole());
          }
        }
      }
    }
    return List.copyOf(byConfVersion.values());
  }
}
