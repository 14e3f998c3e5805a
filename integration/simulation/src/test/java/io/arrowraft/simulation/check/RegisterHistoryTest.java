package io.arrowraft.simulation.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class RegisterHistoryTest {
  private final RegisterHistory history = new RegisterHistory();

  @Test
  void operationsThatOverlapMayComeInAnyOrder() {
    history.swapped("r", 0, 10, "", "a");
    history.read("r", 1, 9, "");
    history.read("r", 2, 8, "a");
    history.swapped("r", 5, 20, "a", "b");
    history.read("r", 11, 19, "a");
    history.read("r", 12, 18, "b");
    assertThat(history.check()).isEmpty();
  }

  @Test
  void aReadingOfWhatWasReplacedBeforeItBeganIsFound() {
    history.swapped("r", 0, 10, "", "a");
    history.swapped("r", 11, 20, "a", "b");
    history.read("r", 21, 30, "a");
    assertThat(history.check()).singleElement().asString().contains("r: no order", "read a 21..30");
  }

  @Test
  void twoReadingsThatGoBackInTimeAreFoundEvenDuringTheSwap() {
    history.swapped("r", 0, 100, "", "a");
    history.read("r", 10, 20, "a");
    history.read("r", 30, 40, "");
    assertThat(history.check()).hasSize(1);
  }

  @Test
  void twoSwapsOfOneValueAreFound() {
    history.swapped("r", 0, 10, "", "a");
    history.swapped("r", 20, 30, "a", "b");
    history.swapped("r", 20, 30, "a", "c");
    assertThat(history.check()).hasSize(1);
  }

  @Test
  void aSwapWithoutAnswerMayHaveHappenedAtAnyTimeOrNever() {
    history.unknown("r", 0, "", "a");
    history.read("r", 50, 60, "");
    history.read("r", 70, 80, "a");
    history.unknown("r", 90, "a", "b");
    history.read("r", 100, 110, "a");
    assertThat(history.check()).isEmpty();
  }

  @Test
  void aLostWriteIsFound() {
    history.swapped("r", 0, 10, "", "a");
    history.read("r", 20, 30, "");
    assertThat(history.check()).hasSize(1);
  }

  @Test
  void registersAreJudgedEachForItself() {
    history.swapped("one", 0, 10, "", "a");
    history.read("other", 20, 30, "");
    assertThat(history.check()).isEmpty();
  }

  @Test
  void aLongHistoryOfManyClientsIsJudgedQuickly() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
    String value = "";
    long now = 0;
    for (int i = 0; i < 4_000; i++) {
      now += 10;
      // Each takes effect at its own instant, but is open for much longer.
      long from = Math.max(0, now - random.nextInt(80));
      long to = now + random.nextInt(80);
      if (random.nextInt(3) == 0) {
        String next = "v" + i;
        history.swapped("r", from, to, value, next);
        value = next;
      } else if (random.nextInt(10) == 0) {
        history.unknown("r", from, "never", "x" + i);
      } else {
        history.read("r", from, to, value);
      }
    }
    assertThat(history.check()).isEmpty();
    history.read("r", now + 200, now + 210, "v1");
    assertThat(history.check()).hasSize(1);
  }
}
