package io.arrowraft.pd.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Votes that were to change hands in one step, while an order of the operator that ran before was
 * still on its way.
 */
class JointChangeTest {
  private static final Peer ONE = peer(11, PeerRole.Voter);
  private static final Peer TWO = peer(12, PeerRole.Voter);
  private static final Peer THREE = peer(13, PeerRole.Voter);
  private static final Peer NEW = peer(14, PeerRole.Learner);

  private final Step change = new Step.EnterJoint(List.of(NEW), List.of(ONE));

  @Test
  void itIsGivenUpWhenAPartOfItHasHappenedOtherwise() {
    assertThat(obstacle(ONE, TWO, as(THREE, PeerRole.Learner), as(NEW, PeerRole.Voter)))
        .contains("peer 14 has been given its new role by another change");
    assertThat(obstacle(as(ONE, PeerRole.Learner), TWO, THREE, NEW))
        .contains("peer 11 has been given its new role by another change");
  }

  @Test
  void itWaitsForAnotherChangeToEnd() {
    Peer[] peers = {ONE, TWO, as(THREE, PeerRole.DemotingVoter), as(NEW, PeerRole.IncomingVoter)};
    assertThat(obstacle(peers)).isEmpty();
    assertThat(change.order(region(peers))).isEmpty();
    assertThat(change.isDone(region(peers))).isFalse();
  }

  @Test
  void itGoesAheadWhileNothingHasHappened() {
    assertThat(obstacle(ONE, TWO, THREE, NEW)).isEmpty();
    assertThat(change.order(region(ONE, TWO, THREE, NEW))).isPresent();
  }

  @Test
  void itIsDoneOnceItHasHappened() {
    assertThat(
            change.isDone(region(as(ONE, PeerRole.Learner), TWO, THREE, as(NEW, PeerRole.Voter))))
        .isTrue();
  }

  private Optional<String> obstacle(Peer... peers) {
    return change.obstacle(region(peers), store -> true);
  }

  private static Peer peer(long id, PeerRole role) {
    return Peer.newBuilder().setId(id).setStoreId(id - 10).setRole(role).build();
  }

  private static Peer as(Peer peer, PeerRole role) {
    return peer.toBuilder().setRole(role).build();
  }

  private static RegionInfo region(Peer... peers) {
    return new RegionInfo(
        Region.newBuilder().setId(1).addAllPeers(List.of(peers)).build(),
        Optional.of(TWO),
        1,
        List.of(),
        List.of(),
        1,
        1);
  }
}
