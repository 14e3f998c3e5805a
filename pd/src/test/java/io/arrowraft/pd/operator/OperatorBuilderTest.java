package io.arrowraft.pd.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OperatorBuilderTest {
  private static final Peer ONE = peer(11, 1, PeerRole.Voter);
  private static final Peer TWO = peer(12, 2, PeerRole.Voter);
  private static final Peer THREE = peer(13, 3, PeerRole.Voter);
  private static final Peer FOUR = peer(14, 4, PeerRole.Voter);

  private static Peer peer(long id, long store, PeerRole role) {
    return Peer.newBuilder().setId(id).setStoreId(store).setRole(role).build();
  }

  private static RegionInfo region(Peer leader, Peer... peers) {
    return new RegionInfo(
        Region.newBuilder().setId(1).addAllPeers(List.of(peers)).build(),
        Optional.of(leader),
        1,
        List.of(),
        List.of(),
        1,
        1);
  }

  private static OperatorBuilder change(RegionInfo region) {
    return new OperatorBuilder(region, Operator.Kind.ADMIN, "test");
  }

  private static List<String> steps(OperatorBuilder change) {
    return change.build().steps().stream().map(Step::describe).toList();
  }

  @Test
  void aFollowerIsReplacedThroughOneJointChange() {
    assertThat(steps(change(region(ONE, ONE, TWO, THREE)).add(FOUR).remove(3)))
        .containsExactly(
            "add learner peer 14 on store 4",
            "use joint consensus, promote [peer 14 on store 4], demote [peer 13 on store 3]",
            "leave joint state",
            "remove peer 13 on store 3");
  }

  @Test
  void aLeaderIsReplacedAfterItHasHandedOver() {
    assertThat(steps(change(region(ONE, ONE, TWO, THREE)).add(FOUR).remove(1)))
        .containsExactly(
            "add learner peer 14 on store 4",
            "transfer leader to store 2",
            "use joint consensus, promote [peer 14 on store 4], demote [peer 11 on store 1]",
            "leave joint state",
            "remove peer 11 on store 1");
  }

  @Test
  void theSuccessorIsTheOneThatTheCallerPrefers() {
    assertThat(
            steps(
                change(region(ONE, ONE, TWO, THREE))
                    .leaders(store -> true, Comparator.reverseOrder())
                    .remove(1)))
        .containsExactly("transfer leader to store 3", "remove peer 11 on store 1");
    assertThat(
            steps(
                change(region(ONE, ONE, TWO, THREE))
                    .leaders(store -> store != 2, Comparator.naturalOrder())
                    .remove(1)))
        .containsExactly("transfer leader to store 3", "remove peer 11 on store 1");
  }

  @Test
  void anOnlyReplicaMovesWithoutAJointChange() {
    assertThat(steps(change(region(ONE, ONE)).add(FOUR).remove(1)))
        .containsExactly(
            "add learner peer 14 on store 4",
            "promote learner peer 14 on store 4 to voter",
            "transfer leader to store 4",
            "remove peer 11 on store 1");
  }

  @Test
  void aWholeRegionMoves() {
    assertThat(
            steps(
                change(region(ONE, ONE, TWO, THREE))
                    .add(FOUR)
                    .add(peer(15, 5, PeerRole.Voter))
                    .remove(1)
                    .remove(2)))
        .containsExactly(
            "add learner peer 14 on store 4",
            "add learner peer 15 on store 5",
            "transfer leader to store 3",
            "use joint consensus, promote [peer 14 on store 4, peer 15 on store 5],"
                + " demote [peer 11 on store 1, peer 12 on store 2]",
            "leave joint state",
            "remove peer 11 on store 1",
            "remove peer 12 on store 2");
  }

  @Test
  void withoutJointChangesPeersComeBeforeOthersGo() {
    assertThat(steps(change(region(ONE, ONE, TWO, THREE)).joint(false).add(FOUR).remove(3)))
        .containsExactly(
            "add learner peer 14 on store 4",
            "promote learner peer 14 on store 4 to voter",
            "remove peer 13 on store 3");
  }

  @Test
  void rolesChangeInPlace() {
    assertThat(steps(change(region(ONE, ONE, TWO, THREE)).role(1, PeerRole.Learner)))
        .containsExactly(
            "transfer leader to store 2", "demote voter peer 11 on store 1 to learner");
  }

  @Test
  void whatMakesNoSenseIsRefusedInWords() {
    RegionInfo region = region(ONE, ONE, TWO, THREE);
    assertThatThrownBy(() -> change(region).leader(4).build())
        .hasMessage("region 1 has no voter on store 4 that could lead");
    assertThatThrownBy(() -> change(region).leader(1).build())
        .hasMessageContaining("there is nothing to change");
    assertThatThrownBy(() -> change(region).add(peer(19, 2, PeerRole.Voter)))
        .hasMessage("region 1 has a peer on store 2 already");
    assertThatThrownBy(() -> change(region(ONE, ONE)).remove(1).build())
        .hasMessage("region 1 would be left without a voter");
    RegionInfo joint = region(ONE, ONE, peer(12, 2, PeerRole.IncomingVoter));
    assertThatThrownBy(() -> change(joint).remove(2).build()).hasMessageContaining("try again");
  }
}
