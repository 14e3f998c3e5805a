package io.arrowraft.raft;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PendingReadsTest {
  private final List<ReadOutcome> outcomes = new ArrayList<>();

  @Test
  void answerToAReadFromBeforeARestartConfirmsNothing() {
    byte[] before = new PendingReads(1_000).add(0, new byte[0], outcomes::add);
    PendingReads restarted = new PendingReads(2_000);
    restarted.add(0, new byte[0], outcomes::add);
    restarted.confirmed(before, 3, 9);
    assertThat(outcomes).isEmpty();
    assertThat(restarted.size()).isOne();
  }

  @Test
  void confirmedReadWaitsUntilItsIndexIsApplied() {
    PendingReads reads = new PendingReads(7);
    reads.confirmed(reads.add(0, new byte[0], outcomes::add), 50, 48);
    reads.applied(49);
    assertThat(outcomes).isEmpty();
    reads.applied(50);
    assertThat(outcomes).containsExactly(new ReadOutcome.Ready(50));
  }

  @Test
  void answerBehindTheAttemptEndsTheRead() {
    PendingReads reads = new PendingReads(7);
    byte[] asked = reads.add(0, new byte[] {1, 2}, outcomes::add);
    assertThat(PendingReads.restOf(asked)).containsExactly(1, 2);

    reads.confirmed(PendingReads.withRest(asked, new byte[] {9}), 3, 1);

    assertThat(outcomes).singleElement().isInstanceOf(ReadOutcome.Blocked.class);
    assertThat(((ReadOutcome.Blocked) outcomes.get(0)).answer()).containsExactly(9);
    assertThat(reads.size()).isZero();
  }

  @Test
  void confirmedReadThatExpiresIsForgotten() {
    PendingReads reads = new PendingReads(7);
    for (int i = 0; i < 10; i++) {
      reads.confirmed(reads.add(i, new byte[0], outcomes::add), 50, 9);
    }
    assertThat(reads.waitingForApply()).isEqualTo(10);
    reads.expire(6);
    assertThat(reads.waitingForApply()).isEqualTo(4);
    assertThat(outcomes).hasSize(6).allMatch(ReadOutcome.TimedOut.class::isInstance);
    reads.applied(50);
    assertThat(outcomes.subList(6, 10)).allMatch(ReadOutcome.Ready.class::isInstance);
    assertThat(reads.waitingForApply()).isZero();
  }
}
