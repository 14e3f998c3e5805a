package io.arrowraft.simulation.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.simulation.check.CounterHistory.Found;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CounterHistoryTest {
  private final CounterHistory history = new CounterHistory();

  @Test
  void valuesThatRiseWithTheCommitsBreakNothing() {
    commit(1, 10, Map.of(0, 1L, 1, 1L));
    commit(2, 20, Map.of(0, 2L));
    read(5, Map.of(0, Found.NOTHING, 1, Found.NOTHING));
    read(10, Map.of(0, new Found(1, 1), 1, new Found(1, 1)));
    read(19, Map.of(0, new Found(1, 1)));
    read(25, Map.of(0, new Found(2, 2), 1, new Found(1, 1)));
    assertThat(history.check()).isEmpty();
  }

  @Test
  void aHigherValueThatWasCommittedEarlierIsFound() {
    commit(1, 20, Map.of(0, 1L));
    commit(2, 10, Map.of(0, 2L));
    assertBroken("1 was committed at 20 and the higher 2 at 10");
  }

  @Test
  void twoCommitsAtOneTimestampAreFound() {
    commit(1, 20, Map.of(0, 1L));
    commit(2, 20, Map.of(0, 2L));
    assertBroken("1 was committed at 20 and the higher 2 at 20");
  }

  @Test
  void twoWhoMadeTheSameValueAreALostUpdate() {
    commit(1, 10, Map.of(0, 1L));
    commit(2, 20, Map.of(0, 1L));
    assertBroken("T1 and T2 have both made 1");
  }

  @Test
  void aReadingThatShowsTheLostUpdateOfAnUnknownTransactionIsFound() {
    history.invoked(1, new TreeMap<>(Map.of(0, 1L)));
    commit(2, 20, Map.of(0, 1L));
    read(10, Map.of(0, new Found(1, 1)));
    assertBroken("both made 1");
  }

  @Test
  void aCommitThatNobodyFindsIsFound() {
    commit(1, 10, Map.of(0, 1L));
    read(10, Map.of(0, Found.NOTHING));
    assertBroken("the reading at 10 finds 0, but 1 was committed at 10");
  }

  @Test
  void aValueFromTheFutureIsFound() {
    commit(1, 10, Map.of(0, 1L));
    read(9, Map.of(0, new Found(1, 1)));
    assertBroken("the reading at 9 finds 1, which was committed at 10");
  }

  @Test
  void aValueOfARefusedTransactionIsFound() {
    history.invoked(1, new TreeMap<>(Map.of(0, 1L)));
    history.failed(1);
    read(9, Map.of(0, new Found(1, 1)));
    assertBroken("finds 1 of T1, which has not made it");
  }

  @Test
  void aValueThatItsWriterHasNotMadeIsFound() {
    commit(1, 5, Map.of(1, 1L));
    read(9, Map.of(0, new Found(1, 1)));
    assertBroken("finds 1 of T1, which has not made it");
  }

  @Test
  void halfATransactionIsFoundAlsoIfItsOutcomeIsUnknown() {
    history.invoked(1, new TreeMap<>(Map.of(0, 1L, 1, 1L)));
    read(9, Map.of(0, new Found(1, 1), 1, Found.NOTHING));
    assertBroken("sees part of T1: 1 here, but only 0 of counter 1");
  }

  @Test
  void aCounterThatStepsBackIsFoundAlsoIfNobodyKnowsWhatCommitted() {
    history.invoked(1, new TreeMap<>(Map.of(0, 1L)));
    read(9, Map.of(0, new Found(1, 1)));
    read(10, Map.of(0, Found.NOTHING));
    assertBroken("it was read as 1 at 9 and as 0 at 10");
  }

  @Test
  void twoReadingsAtOneTimestampThatDifferAreFound() {
    history.invoked(1, new TreeMap<>(Map.of(0, 1L)));
    read(9, Map.of(0, Found.NOTHING));
    read(9, Map.of(0, new Found(1, 1)));
    assertBroken("it was read as 0 at 9 and as 1 at 9");
  }

  @Test
  void anUnknownTransactionMayOrMayNotHaveHappened() {
    history.invoked(1, new TreeMap<>(Map.of(0, 1L)));
    history.invoked(2, new TreeMap<>(Map.of(0, 1L)));
    read(9, Map.of(0, Found.NOTHING));
    read(12, Map.of(0, new Found(1, 2)));
    commit(3, 13, Map.of(0, 2L));
    read(14, Map.of(0, new Found(2, 3)));
    assertThat(history.check()).isEmpty();
  }

  private void commit(long writer, long timestamp, Map<Integer, Long> made) {
    history.invoked(writer, new TreeMap<>(made));
    history.committed(writer, timestamp);
  }

  private void read(long timestamp, Map<Integer, Found> found) {
    history.read(timestamp, new TreeMap<>(found));
  }

  private void assertBroken(String text) {
    assertThat(history.check()).anySatisfy(each -> assertThat(each.text()).contains(text));
  }
}
