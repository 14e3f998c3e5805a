package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.runtime.TimeSource;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SnapshotBudgetTest {
  private long nanos = 5;
  private final SnapshotBudget budget =
      new SnapshotBudget(
          new SnapshotLimits(2, 1, 1_000_000, 1_000),
          new TimeSource() {
            @Override
            public long nanos() {
              return nanos;
            }

            @Override
            public long wallMillis() {
              return 0;
            }
          });

  @Test
  void noMoreAreUnderWayThanAllowedEachWay() {
    assertThat(budget.beginSending()).isTrue();
    assertThat(budget.beginSending()).isTrue();
    assertThat(budget.beginSending()).isFalse();
    assertThat(budget.beginReceiving()).isTrue();
    assertThat(budget.beginReceiving()).isFalse();
    budget.endSending();
    budget.endReceiving();
    assertThat(budget.beginSending()).isTrue();
    assertThat(budget.beginReceiving()).isTrue();
    assertThat(budget.sending()).isEqualTo(2);
    assertThat(budget.receiving()).isEqualTo(1);
  }

  @Test
  void piecesKeepToTheRateInEachDirection() {
    assertThat(budget.paceOut(500_000)).isZero();
    assertThat(budget.paceOut(500_000)).isEqualTo(Duration.ofMillis(500));
    assertThat(budget.paceIn(1)).as("the other direction").isZero();
    nanos += Duration.ofSeconds(3).toNanos();
    assertThat(budget.paceOut(1)).as("what was not used is not saved up").isZero();
    assertThat(budget.paceOut(1)).isPositive();
  }

  @Test
  void theRateMayChangeWhileSnapshotsAreUnderWay() {
    budget.use(budget.limits().withBytesPerSecond(1_000));
    budget.paceOut(1_000);

    assertThat(budget.paceOut(1)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void aRegionNeedsRoomTwice() {
    assertThat(budget.hasRoomFor(Long.MAX_VALUE / 4)).isTrue();
    budget.observeRoom(2_000);
    assertThat(budget.hasRoomFor(1_000)).isTrue();
    assertThat(budget.hasRoomFor(1_001)).isFalse();
  }

  @Test
  void limitsThatCannotBeAreRefusedByName() {
    assertThatThrownBy(() -> new SnapshotLimits(0, 1, 10, 1)).hasMessageContaining("sentMax");
    assertThatThrownBy(() -> new SnapshotLimits(1, 1, 10, 11))
        .hasMessage("need 1 <= chunkBytes <= bytesPerSecond: 11, 10");
  }
}
