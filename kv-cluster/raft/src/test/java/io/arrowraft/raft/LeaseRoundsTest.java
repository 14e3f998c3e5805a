package io.arrowraft.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.raft.core.RaftRole;
import io.arrowraft.raft.core.Ready;
import io.arrowraft.runtime.TimeSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * How long a lease lasts, by itself: a leader that is stopped hears of nothing that would end it.
 */
class LeaseRoundsTest {
  private static final long TERM = 5;
  private static final long DURATION = 900;

  private final Clock clock = new Clock();
  private final LeaderLease lease = new LeaderLease(clock);
  private final LeaseRounds rounds = new LeaseRounds(lease, DURATION);

  /** A clock that is set by hand. */
  private static final class Clock implements TimeSource {
    private long now;

    @Override
    public long nanos() {
      return now;
    }

    @Override
    public long wallMillis() {
      return 0;
    }
  }

  @Test
  void aLeaseEndsItsDurationAfterTheRoundWasSentWheneverItWasAnswered() {
    rounds.onReady(leader(1, 0), 100);
    rounds.onAppliedInTerm(TERM);
    clock.now = 800;
    rounds.onReady(leader(0, 1), clock.now);
    clock.now = 100 + DURATION - 1;
    assertThat(lease.term()).isEqualTo(TERM);
    assertThat(lease.remainingNanos()).isEqualTo(1);
    clock.now = 100 + DURATION;
    assertThat(lease.term()).isZero();
    assertThat(lease.remainingNanos()).isZero();
  }

  @Test
  void aLaterRoundProlongsAndAnEarlierOneDoesNotShorten() {
    rounds.onAppliedInTerm(TERM);
    rounds.onReady(leader(1, 0), 100);
    rounds.onReady(leader(2, 0), 500);
    rounds.onReady(leader(0, 2), 600);
    rounds.onAppliedInTerm(TERM);
    rounds.onReady(leader(0, 1), 700);
    clock.now = 500 + DURATION - 1;
    assertThat(lease.term()).isEqualTo(TERM);
  }

  @Test
  void thereIsNoLeaseBeforeAnEntryOfTheTermIsApplied() {
    rounds.onReady(leader(1, 0), 100);
    rounds.onReady(leader(0, 1), 200);
    clock.now = 200;
    assertThat(lease.term()).isZero();
    rounds.onAppliedInTerm(TERM);
    assertThat(lease.term()).isEqualTo(TERM);
  }

  @Test
  void aRoundOfAnEarlierTermProvesNothing() {
    rounds.onReady(leader(1, 0), 100);
    rounds.onReady(ready(RaftRole.LEADER, TERM + 1, 0, 1), 200);
    rounds.onAppliedInTerm(TERM + 1);
    clock.now = 200;
    assertThat(lease.term()).isZero();
  }

  private static Ready leader(long started, long answered) {
    return ready(RaftRole.LEADER, TERM, started, answered);
  }

  private static Ready ready(RaftRole role, long term, long started, long answered) {
    return new Ready(
        role,
        1,
        term,
        Optional.empty(),
        List.of(),
        Optional.empty(),
        List.of(),
        List.of(),
        Optional.empty(),
        false,
        List.of(),
        List.of(),
        started,
        answered);
  }
}
