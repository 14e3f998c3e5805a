package io.arrowraft.pd.tso;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TimestampOracleTest {
  private static final TimestampWindow WINDOW = TimestampWindow.defaults();

  /**
   * Whatever the clock does, with restarts and lost saves, timestamps grow and stay below what is
   * durable.
   */
  @Property(tries = 300)
  void timestampsGrowAcrossRestartsAndClockSteps(
      @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 0, max = 9) Integer> moves,
      @ForAll @LongRange(min = -20_000, max = 20_000) long step) {
    long now = 1_000_000;
    long durable = 0;
    long last = 0;
    TimestampOracle oracle = new TimestampOracle(WINDOW);
    OptionalLong asked = OptionalLong.of(oracle.lead(durable, now));
    for (int move : moves) {
      switch (move) {
        case 0 -> now += step;
        case 1 -> {
          // A crash: what was asked for may or may not have become durable.
          if (step % 2 == 0 && asked.isPresent()) {
            durable = Math.max(durable, asked.getAsLong());
          }
          oracle = new TimestampOracle(WINDOW);
          asked = OptionalLong.of(oracle.lead(durable, now));
        }
        case 2, 3 -> {
          if (asked.isPresent()) {
            durable = Math.max(durable, asked.getAsLong());
            oracle.saved(durable);
            asked = OptionalLong.empty();
          }
        }
        case 4 -> {
          oracle.saveFailed();
          asked = OptionalLong.empty();
        }
        default -> {
          now += 50;
          OptionalLong wanted = oracle.tick(now);
          asked = wanted.isPresent() ? wanted : asked;
        }
      }
      for (int count : new int[] {1, 7, 200_000}) {
        OptionalLong given = oracle.allocate(count);
        if (given.isPresent()) {
          long first = given.getAsLong() - count + 1;
          assertThat(first).isGreaterThan(last);
          last = given.getAsLong();
          assertThat(last >>> TimestampOracle.LOGICAL_BITS).isLessThan(durable);
          assertThat(first >>> TimestampOracle.LOGICAL_BITS)
              .isEqualTo(last >>> TimestampOracle.LOGICAL_BITS);
        }
      }
    }
  }

  @Test
  void nothingIsGivenBeforeTheWindowIsDurable() {
    TimestampOracle oracle = new TimestampOracle(WINDOW);
    long limit = oracle.lead(5000, 1000);
    assertThat(oracle.allocate(1)).isEmpty();
    oracle.saved(limit);
    assertThat(oracle.allocate(1).getAsLong() >>> TimestampOracle.LOGICAL_BITS).isEqualTo(5000);
  }

  @Test
  void usedUpLogicalPartMovesThePhysicalPartOn() {
    TimestampOracle oracle = new TimestampOracle(WINDOW);
    oracle.saved(oracle.lead(0, 1000));
    assertThat(oracle.allocate(TimestampOracle.LOGICAL_COUNT).getAsLong())
        .isEqualTo((1000L << 18) | (TimestampOracle.LOGICAL_COUNT - 1));
    assertThat(oracle.allocate(1).getAsLong()).isEqualTo(1001L << 18);
  }

  @Test
  void aMillionTimestampsFitIntoOneTick() {
    TimestampOracle oracle = new TimestampOracle(WINDOW);
    oracle.saved(oracle.lead(0, 1000));
    for (int i = 0; i < 1_000_000; i++) {
      assertThat(oracle.allocate(1).isPresent()).isTrue();
    }
  }

  @Test
  void windowRunsDryWithoutSaves() {
    TimestampOracle oracle = new TimestampOracle(WINDOW);
    oracle.saved(oracle.lead(0, 1000));
    int given = 0;
    while (oracle.allocate(TimestampOracle.LOGICAL_COUNT).isPresent()) {
      given++;
    }
    assertThat(given).isEqualTo(WINDOW.ahead().toMillis());
  }

  @Test
  void resignationEndsAllocationAtOnce() {
    TimestampOracle oracle = new TimestampOracle(WINDOW);
    oracle.saved(oracle.lead(0, 1000));
    oracle.resign();
    assertThatThrownBy(() -> oracle.allocate(1)).hasMessageContaining("does not lead");
  }
}
