package io.arrowraft.simulation.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class CheckersTest {
  @Test
  void bankAcceptsSnapshotsThatHoldAllTheMoney() {
    BankHistory history = new BankHistory(2, 100);
    history.add(new BankHistory.Snapshot(1, new TreeMap<>(java.util.Map.of(1L, 40L, 2L, 60L))));
    assertThat(history.check()).isEmpty();
  }

  @Test
  void bankRejectsMoneyThatVanishedAndAccountsThatAreOverdrawn() {
    BankHistory history = new BankHistory(2, 100);
    history.add(new BankHistory.Snapshot(1, new TreeMap<>(java.util.Map.of(1L, 40L, 2L, 50L))));
    history.add(new BankHistory.Snapshot(2, new TreeMap<>(java.util.Map.of(1L, 101L, 2L, -1L))));
    history.add(new BankHistory.Snapshot(3, new TreeMap<>(java.util.Map.of(1L, 100L))));
    assertThat(history.check()).hasSize(3);
  }

  @Test
  void setAcceptsUnknownOutcomesEitherWay() {
    SetHistory history = new SetHistory();
    history.added(1, 0, 5, Outcome.UNKNOWN);
    history.added(2, 0, 5, Outcome.UNKNOWN);
    history.added(3, 8, 20, Outcome.OK);
    history.read(10, 11, new TreeSet<>(List.of(1L)));
    assertThat(history.check()).isEmpty();
  }

  @Test
  void setRejectsALostWrite() {
    SetHistory history = new SetHistory();
    history.added(1, 0, 5, Outcome.OK);
    history.read(10, 11, new TreeSet<>());
    assertThat(history.check())
        .singleElement()
        .asString()
        .contains("element 1 was acknowledged at 5");
  }

  @Test
  void setRejectsAWriteThatWasRefusedAndOneThatNobodyAskedForYet() {
    SetHistory history = new SetHistory();
    history.added(1, 0, 5, Outcome.FAILED);
    history.added(2, 30, 35, Outcome.OK);
    history.read(10, 11, new TreeSet<>(List.of(1L, 2L)));
    assertThat(history.check()).hasSize(2);
  }

  @Test
  void pairRejectsAWriteSkew() {
    PairHistory history = new PairHistory();
    history.read(1, 7, 50, -20);
    assertThat(history.check()).isEmpty();
    history.read(2, 7, -30, -20);
    assertThat(history.check()).singleElement().asString().contains("pair 7");
  }
}
