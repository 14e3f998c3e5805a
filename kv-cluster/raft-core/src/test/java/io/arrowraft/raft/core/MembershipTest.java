package io.arrowraft.raft.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.raft.core.MembershipChange.Step;
import io.arrowraft.raft.core.MembershipChange.StepKind;
import io.arrowraft.raft.core.MembershipChange.Transition;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class MembershipTest {
  private static final byte[] CONTEXT = {7, 8};

  @Test
  void changeSurvivesEncoding() {
    MembershipChange change =
        new MembershipChange(
            Transition.ENTER_JOINT,
            List.of(new Step(StepKind.ADD_VOTER, 4), new Step(StepKind.REMOVE, Long.MAX_VALUE)),
            CONTEXT);
    assertThat(MembershipChange.decode(change.encode())).isEqualTo(change);
    assertThat(MembershipChange.decode(MembershipChange.leaveJoint().encode()))
        .isEqualTo(MembershipChange.leaveJoint());
  }

  @Test
  void damagedEncodingIsRefusedAndNeverCrashes() {
    byte[] good = MembershipChange.simple(StepKind.ADD_VOTER, 4, CONTEXT).encode();
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> MembershipChange.decode(cut))
          .isInstanceOf(IllegalArgumentException.class);
    }
    byte[] newer = good.clone();
    newer[0]++;
    assertThatThrownBy(() -> MembershipChange.decode(newer))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("version");
  }

  @Test
  void demotedVoterVotesInTheOutgoingHalfUntilTheJointStateIsLeft() {
    Membership joint =
        Membership.ofVoters(1, 2, 3)
            .after(
                new MembershipChange(
                    Transition.ENTER_JOINT, List.of(new Step(StepKind.ADD_LEARNER, 3)), CONTEXT));
    assertThat(joint.learners()).isEmpty();
    assertThat(joint.isVoter(3)).isTrue();
    Membership left = joint.after(MembershipChange.leaveJoint());
    assertThat(left.learners()).containsExactly(3L);
    assertThat(left.isVoter(3)).isFalse();
  }

  @Test
  void lastVoterCannotBeRemoved() {
    Membership alone = Membership.ofVoters(1);
    MembershipChange change = MembershipChange.simple(StepKind.REMOVE, 1, CONTEXT);
    assertThat(alone.problemWith(change)).isPresent();
    assertThatThrownBy(() -> alone.after(change)).isInstanceOf(IllegalArgumentException.class);
  }
}
