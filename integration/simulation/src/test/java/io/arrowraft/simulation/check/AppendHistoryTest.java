package io.arrowraft.simulation.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.simulation.check.AppendHistory.Access;
import io.arrowraft.simulation.check.AppendHistory.Append;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Histories with known anomalies, named as in the literature. */
class AppendHistoryTest {
  private final AppendHistory history = new AppendHistory();
  private long now;

  @Test
  void transactionsOneAfterTheOtherBreakNothing() {
    commit(append(1, 10), append(2, 20));
    commit(read(1, 10), append(2, 21, 20));
    commit(read(1, 10), read(2, 20, 21));
    assertThat(history.check()).isEmpty();
  }

  @Test
  void twoThatReplaceTheSameVersionAreALostUpdate() {
    together(Outcome.OK, append(1, 10));
    together(Outcome.OK, append(1, 11));
    commit(read(1, 11));
    assertBroken("element 10 is lost, 11 stands in its place");
  }

  @Test
  void aListThatFollowsFromNoOrderIsFound() {
    commit(append(1, 10));
    commit(append(1, 11, 10));
    commit(read(1, 10, 11));
    commit(read(1, 11));
    assertBroken("follows from no order");
  }

  @Test
  void anElementOfAFailedTransactionIsAnAbortedRead() {
    together(Outcome.FAILED, append(1, 10));
    commit(read(1, 10));
    assertBroken("element 10 is of");
  }

  @Test
  void anElementOfNobodyIsFound() {
    commit(read(1, 99));
    assertBroken("appended by nobody");
  }

  @Test
  void anAcknowledgedElementThatIsGoneIsLost() {
    commit(append(1, 10));
    commit(read(1));
    assertBroken("does not see element 10");
  }

  /** G1c: each has read what the other wrote. */
  @Test
  void aCircleOfReadingsIsFound() {
    together(Outcome.OK, append(1, 10), read(2, 20));
    together(Outcome.OK, append(2, 20), read(1, 10));
    assertBroken("each depends on the one before");
  }

  /** G-single: half of a transaction is seen. */
  @Test
  void aFracturedReadingIsFound() {
    together(Outcome.OK, append(1, 10), append(2, 20));
    together(Outcome.OK, read(1, 10), read(2));
    together(Outcome.OK, read(1, 10), read(2, 20));
    assertBroken("list 2 was read without what came before");
  }

  /** G-single through a third transaction: a long fork, seen from one side. */
  @Test
  void aReaderThatSeesTheLaterButNotTheEarlierIsFound() {
    together(Outcome.OK, append(1, 10));
    together(Outcome.OK, read(1, 10), append(2, 20));
    together(Outcome.OK, read(2, 20), read(1));
    assertBroken("list 1 was read without what came before");
  }

  /** G2: allowed under snapshot isolation. */
  @Test
  void aWriteSkewIsNone() {
    together(Outcome.OK, read(1), append(2, 20));
    together(Outcome.OK, read(2), append(1, 10));
    together(Outcome.OK, read(1, 10), read(2, 20));
    assertThat(history.check()).isEmpty();
  }

  @Test
  void anUnknownTransactionMayOrMayNotHaveHappened() {
    together(Outcome.UNKNOWN, append(1, 10), append(2, 20));
    commit(read(1), read(2));
    commit(read(1, 10), read(2, 20));
    assertThat(history.check()).isEmpty();
    together(Outcome.OK, read(1, 10), read(2));
    assertBroken("list 2 was read without what came before");
  }

  private void assertBroken(String text) {
    assertThat(history.check()).anySatisfy(each -> assertThat(each.text()).contains(text));
  }

  /** After all that came before. */
  private void commit(Access... accesses) {
    long invoked = ++now;
    history.add(new Append(now, invoked, ++now, Outcome.OK, List.of(accesses)));
  }

  /** At the same time as everything else. */
  private void together(Outcome outcome, Access... accesses) {
    history.add(new Append(++now, 0, Long.MAX_VALUE, outcome, List.of(accesses)));
  }

  private static Access append(int list, long element, long... found) {
    return new Access(list, elements(found), Optional.of(element));
  }

  private static Access read(int list, long... found) {
    return new Access(list, elements(found), Optional.empty());
  }

  private static List<Long> elements(long... found) {
    return Arrays.stream(found).boxed().toList();
  }
}
