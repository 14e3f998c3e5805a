package io.arrowraft.simulation.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ForkHistoryTest {
  private final ForkHistory history = new ForkHistory();

  @Test
  void readingsThatSeeEverMoreBreakNothing() {
    write(0, 10);
    write(1, 20);
    read(5);
    read(10, 0);
    read(15, 0);
    read(20, 0, 1);
    read(20, 0, 1);
    assertThat(history.check()).isEmpty();
  }

  /** The anomaly by which long forks are defined: nobody knows when the two were committed. */
  @Test
  void twoReadingsThatSawTwoWritesInOppositeOrdersAreALongFork() {
    history.invoked(1, 0);
    history.invoked(1, 1);
    read(10, 0);
    read(11, 1);
    assertBroken(
        "writes in opposite orders: the reading at 10 sees [0], the reading at 11 sees [1]");
  }

  @Test
  void aForkIsFoundBesideReadingsThatSawBoth() {
    history.invoked(1, 0);
    history.invoked(1, 1);
    history.invoked(1, 2);
    read(9);
    read(10, 0);
    read(11, 1, 2);
    read(12, 0, 1, 2);
    assertBroken("writes in opposite orders");
  }

  @Test
  void oppositeOrdersInTwoGroupsAreNone() {
    history.invoked(1, 0);
    history.invoked(1, 1);
    history.invoked(2, 0);
    history.invoked(2, 1);
    history.read(1, 10, new TreeSet<>(List.of(0)));
    history.read(2, 10, new TreeSet<>(List.of(1)));
    assertThat(history.check()).isEmpty();
  }

  @Test
  void aLaterReadingThatSeesLessIsFound() {
    history.invoked(1, 0);
    read(10, 0);
    read(11);
    assertBroken("a later reading sees less");
  }

  @Test
  void twoReadingsAtOneTimestampThatDifferAreFound() {
    history.invoked(1, 0);
    read(10);
    read(10, 0);
    assertBroken("a later reading sees less");
  }

  @Test
  void aReadingBeforeAnUnknownWriteAndOneAfterItAgree() {
    history.invoked(1, 0);
    read(11, 0);
    read(10);
    assertThat(history.check()).isEmpty();
  }

  @Test
  void aReadingThatMissesAnEarlierCommitIsFound() {
    write(0, 10);
    read(10);
    assertBroken("but 0 was committed at 10");
  }

  @Test
  void aReadingThatSeesALaterCommitIsFound() {
    write(0, 10);
    read(9, 0);
    assertBroken("but 0 was committed at 10");
  }

  @Test
  void aReadingOfARefusedWriteAndOfOneThatNeverBeganAreFound() {
    history.invoked(1, 0);
    history.failed(1, 0);
    read(10, 0, 3);
    assertBroken("but the write of 0 was refused");
    assertBroken("but the write of 3 never began");
  }

  private void write(int member, long committedAt) {
    history.invoked(1, member);
    history.committed(1, member, committedAt);
  }

  private void read(long timestamp, Integer... seen) {
    history.read(1, timestamp, new TreeSet<>(List.of(seen)));
  }

  private void assertBroken(String text) {
    assertThat(history.check()).anySatisfy(each -> assertThat(each.text()).contains(text));
  }
}
