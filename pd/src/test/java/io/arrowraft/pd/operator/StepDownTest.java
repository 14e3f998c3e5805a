package io.arrowraft.pd.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A peer that is to go has been elected since its region's operator was planned. */
class StepDownTest {
  private static final Peer ONE = peer(11, 1, PeerRole.Voter);
  private static final Peer TWO = peer(12, 2, PeerRole.Voter);
  private static final Peer NEW = peer(13, 3, PeerRole.Learner);

  @Test
  void eachStepThatTakesAVoteHandsLeadershipOverFirst() {
    List<Step> steps =
        List.of(
            new Step.EnterJoint(List.of(NEW), List.of(ONE)),
            new Step.Demote(ONE),
            new Step.RemovePeer(ONE));
    for (Step step : steps) {
      RegionHeartbeatResponse order = step.order(region(ONE, List.of())).orElseThrow().build();
      assertThat(order.getTransferLeader().getPeer()).as(step.describe()).isEqualTo(TWO);
      assertThat(step.order(region(TWO, List.of())).orElseThrow().hasTransferLeader())
          .as(step.describe())
          .isFalse();
    }
  }

  @Test
  void itWaitsWhileNobodyWhoStaysIsWell() {
    assertThat(new Step.RemovePeer(ONE).order(region(ONE, List.of(TWO)))).isEmpty();
  }

  private static Peer peer(long id, long store, PeerRole role) {
    return Peer.newBuilder().setId(id).setStoreId(store).setRole(role).build();
  }

  private static RegionInfo region(Peer leader, List<Peer> pending) {
    return new RegionInfo(
        Region.newBuilder().setId(1).addAllPeers(List.of(ONE, TWO, NEW)).build(),
        Optional.of(leader),
        1,
        List.of(),
        pending,
        1,
        1);
  }
}
