package io.arrowraft.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SlowScoreTest {
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final SlowScore score = new SlowScore();

  @Test
  void quickStoreHasTheLowestScore() {
    assertThat(score.update(1000, 0, INTERVAL)).isEqualTo(1);
  }

  @Test
  void slowStoreReachesTheHighestScoreWithinAMinuteOrTwo() {
    int last = 1;
    for (int i = 0; i < 8; i++) {
      int next = score.update(100, 50, INTERVAL);
      assertThat(next).isGreaterThanOrEqualTo(last);
      last = next;
    }
    assertThat(last).isEqualTo(100);
  }

  @Test
  void rareSlownessWeighsLittle() {
    score.update(1000, 10, INTERVAL);

    assertThat(score.update(1000, 0, INTERVAL)).isEqualTo(1);
  }

  @Test
  void operationsThatNeverEndedCountAlone() {
    assertThat(score.update(0, 3, INTERVAL)).isEqualTo(2);
  }

  @Test
  void recoveryTakesFiveMinutes() {
    for (int i = 0; i < 10; i++) {
      score.update(10, 10, INTERVAL);
    }

    assertThat(score.update(10, 0, Duration.ofSeconds(150))).isEqualTo(50);
    assertThat(score.update(10, 0, Duration.ofSeconds(150))).isEqualTo(1);
  }
}
