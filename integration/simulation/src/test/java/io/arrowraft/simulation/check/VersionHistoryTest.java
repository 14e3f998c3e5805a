package io.arrowraft.simulation.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class VersionHistoryTest {
  private static final long ABSENT = VersionHistory.ABSENT;

  private final VersionHistory history = new VersionHistory();

  @Test
  void readingsOfThePastFindWhatWasThereThen() {
    put(1, 10);
    put(2, 20);
    delete(3, 30);
    read(35, ABSENT);
    read(9, ABSENT);
    read(10, 1);
    read(19, 1);
    read(20, 2);
    read(30, ABSENT);
    assertThat(history.check()).isEmpty();
  }

  @Test
  void aVersionThatWasCollectedTooEarlyIsMissed() {
    put(1, 10);
    read(15, ABSENT);
    assertBroken("the reading at 15 finds nothing under key 0, but T1 put it at 10");
  }

  @Test
  void aVersionThatOutlivesItsDeletionIsFound() {
    put(1, 10);
    delete(2, 20);
    read(25, 1);
    assertBroken("the reading at 25 finds the value of T1 under key 0, but T2 changed it at 20");
  }

  @Test
  void anOlderVersionInPlaceOfTheNewestIsFound() {
    put(1, 10);
    put(2, 20);
    read(20, 1);
    assertBroken("T2 changed it at 20");
  }

  @Test
  void aVersionFromTheFutureIsFound() {
    put(1, 10);
    put(2, 20);
    read(19, 2);
    assertBroken("that was committed at 20");
  }

  @Test
  void aVersionOfARefusedTransactionAndOneOfNobodyAreFound() {
    history.invoked(1, new TreeSet<>(List.of(0)), new TreeSet<>());
    history.failed(1);
    read(10, 1);
    read(11, 7);
    assertBroken("T1 has not put it");
    assertBroken("T7 has not put it");
  }

  @Test
  void twoReadingsAtOneTimestampThatDifferAreFound() {
    history.invoked(1, new TreeSet<>(List.of(0)), new TreeSet<>());
    read(10, 1);
    read(10, ABSENT);
    assertBroken("two readings at 10 differ");
  }

  @Test
  void anUnknownDeletionMayOrMayNotHaveHappened() {
    put(1, 10);
    history.invoked(2, new TreeSet<>(), new TreeSet<>(List.of(0)));
    read(20, 1);
    read(21, ABSENT);
    assertThat(history.check()).isEmpty();
  }

  @Test
  void anUnknownPutHidesNoDeletionOfItsOwnKey() {
    put(1, 10);
    history.invoked(2, new TreeSet<>(List.of(0)), new TreeSet<>(List.of(1)));
    read(21, 2);
    read(22, ABSENT);
    assertBroken("the reading at 22 finds nothing under key 0");
  }

  private void put(long writer, long timestamp) {
    history.invoked(writer, new TreeSet<>(List.of(0)), new TreeSet<>());
    history.committed(writer, timestamp);
  }

  private void delete(long writer, long timestamp) {
    history.invoked(writer, new TreeSet<>(), new TreeSet<>(List.of(0)));
    history.committed(writer, timestamp);
  }

  private void read(long timestamp, long found) {
    history.read(timestamp, new TreeMap<>(Map.of(0, found)));
  }

  private void assertBroken(String text) {
    assertThat(history.check()).anySatisfy(each -> assertThat(each.text()).contains(text));
  }
}
