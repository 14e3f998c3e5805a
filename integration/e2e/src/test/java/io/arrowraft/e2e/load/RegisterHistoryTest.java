package io.arrowraft.e2e.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The judge of registers against one that tries every order. */
class RegisterHistoryTest {
  private static final int HISTORIES = 20_000;

  private enum Kind {
    SAW,
    SWAPPED,
    UNKNOWN
  }

  /** {@code expected} is null of reads; a swap with an unknown end returns never. */
  private record Operation(Kind kind, String expected, String value, long invoked, long returned) {}

  @Test
  void staleReadIsFound() {
    RegisterHistory history = new RegisterHistory("r");
    history.swapped("a", RegisterHistory.ABSENT, "1", 0, 10);
    history.swapped("a", "1", "2", 20, 30);
    history.saw("b", "1", 40, 50);

    assertThat(history.violation()).hasValueSatisfying(text -> assertThat(text).contains("saw"));
  }

  @Test
  void lostSwapIsFound() {
    RegisterHistory history = new RegisterHistory("r");
    history.swapped("a", RegisterHistory.ABSENT, "1", 0, 10);
    history.swapped("b", RegisterHistory.ABSENT, "2", 0, 10);

    assertThat(history.violation())
        .hasValueSatisfying(text -> assertThat(text).contains("replaced by both"));
  }

  @Test
  void swapThatNobodyAcknowledgedMayHappenLate() {
    RegisterHistory history = new RegisterHistory("r");
    history.swapUnknown(RegisterHistory.ABSENT, "1", 0);
    history.saw("a", RegisterHistory.ABSENT, 10, 20);
    history.saw("a", "1", 30, 40);

    assertThat(history.violation()).isEmpty();
  }

  @Test
  void agreesWithTryingEveryOrder() {
    SplittableRandom random = new SplittableRandom(7);
    int good = 0;
    for (int i = 0; i < HISTORIES; i++) {
      List<Operation> operations = operations(random);
      boolean possible = isPossible(operations, RegisterHistory.ABSENT);
      assertThat(judged(operations)).as("%s", operations).isEqualTo(possible);
      good += possible ? 1 : 0;
    }
    assertThat(good).isBetween(HISTORIES / 20, HISTORIES * 19 / 20);
  }

  /** Swaps with values 1, 2, ... from any value that there may be, and reads of any. */
  private static List<Operation> operations(SplittableRandom random) {
    List<Operation> operations = new ArrayList<>();
    int swaps = 1 + random.nextInt(3);
    for (int i = 1; i <= swaps; i++) {
      boolean isUnknown = random.nextInt(3) == 0;
      long invoked = random.nextInt(12);
      operations.add(
          new Operation(
              isUnknown ? Kind.UNKNOWN : Kind.SWAPPED,
              random.nextInt(4) > 0 ? value(i - 1) : value(random.nextInt(i)),
              value(i),
              invoked,
              isUnknown ? Long.MAX_VALUE : invoked + 1 + random.nextInt(8)));
    }
    int reads = random.nextInt(4);
    for (int i = 0; i < reads; i++) {
      long invoked = random.nextInt(16);
      operations.add(
          new Operation(
              Kind.SAW,
              null,
              value(random.nextInt(swaps + 1)),
              invoked,
              invoked + 1 + random.nextInt(6)));
    }
    return operations;
  }

  private static String value(int number) {
    return number == 0 ? RegisterHistory.ABSENT : Integer.toString(number);
  }

  private static boolean judged(List<Operation> operations) {
    RegisterHistory history = new RegisterHistory("r");
    for (Operation each : operations) {
      switch (each.kind()) {
        case SAW -> history.saw("a", each.value(), each.invoked(), each.returned());
        case SWAPPED ->
            history.swapped("a", each.expected(), each.value(), each.invoked(), each.returned());
        case UNKNOWN -> history.swapUnknown(each.expected(), each.value(), each.invoked());
      }
    }
    return history.violation().isEmpty();
  }

  /** Whether what is left can be put in an order when the register holds {@code held}. */
  private static boolean isPossible(List<Operation> left, String held) {
    if (left.stream().allMatch(each -> each.kind() == Kind.UNKNOWN)) {
      return true;
    }
    for (Operation next : left) {
      boolean mayBeNext =
          left.stream().allMatch(other -> other.equals(next) || other.returned() >= next.invoked());
      String needed = next.kind() == Kind.SAW ? next.value() : next.expected();
      if (mayBeNext && needed.equals(held)) {
        List<Operation> rest = new ArrayList<>(left);
        rest.remove(next);
        if (isPossible(rest, next.value())) {
          return true;
        }
      }
    }
    return false;
  }
}
