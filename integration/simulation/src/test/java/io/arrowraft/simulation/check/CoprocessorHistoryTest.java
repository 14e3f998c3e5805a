package io.arrowraft.simulation.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.simulation.check.CoprocessorHistory.Sums;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CoprocessorHistoryTest {
  private final CoprocessorHistory history = new CoprocessorHistory("test", 100);

  @Test
  void rowsAndSumsOfOneTimestampAgree() {
    history.rows(7, "a scan", rows(40, 60));
    history.sums(7, "a sum", new Sums(2, 100, 40));
    history.rows(7, "another scan", rows(40, 60));
    history.sums(8, "a sum", new Sums(1, 100, 100));
    assertThat(history.check()).isEmpty();
    assertThat(history.readings()).isEqualTo(4);
  }

  @Test
  void findsMoneyThatIsMissing() {
    history.sums(7, "a sum", new Sums(2, 90, 40));
    assertThat(history.check()).hasSize(1);
  }

  @Test
  void findsARowThatASumHasCountedTwice() {
    history.rows(7, "a scan", rows(40, 60));
    history.sums(7, "a sum", new Sums(3, 100, 40));
    assertThat(history.check()).hasSize(1);
  }

  @Test
  void findsScansOfOneTimestampThatDiffer() {
    history.rows(7, "a scan", rows(40, 60));
    history.rows(7, "another scan", rows(60, 40));
    assertThat(history.check()).hasSize(1);
  }

  @Test
  void findsAnAccountThatIsOverdrawn() {
    history.rows(7, "a scan", rows(110, -10));
    assertThat(history.check()).hasSize(1);
  }

  private static TreeMap<Long, Long> rows(long first, long second) {
    return new TreeMap<>(Map.of(1L, first, 2L, second));
  }
}
