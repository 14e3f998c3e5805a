package io.arrowraft.simulation.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ReplicationHistoryTest {
  private final ReplicationHistory history = new ReplicationHistory();

  @Test
  void twoLeadersOfOneTermAreFound() {
    history.leads("store-1", "7", 3);
    history.leads("store-1", "7", 3);
    history.leads("store-2", "7", 4);
    history.leads("store-2", "8", 3);
    assertThat(history.check()).isEmpty();
    history.leads("store-3", "7", 4);
    assertThat(history.check()).singleElement().asString().contains("both led in term 4");
  }

  @Test
  void twoEntriesOfOneTermAtOneIndexAreFound() {
    history.logged("store-1", "7", 10, 3, 111);
    history.logged("store-2", "7", 10, 2, 222);
    history.logged("store-3", "7", 10, 3, 111);
    assertThat(history.check()).isEmpty();
    history.logged("store-2", "7", 10, 3, 333);
    assertThat(history.check()).hasSize(1);
  }

  @Test
  void aCommittedEntryThatAnotherReplicaCommitsDifferentlyIsFound() {
    history.committed("store-1", "7", 10, 3, 111);
    history.committed("store-2", "7", 10, 3, 111);
    assertThat(history.check()).isEmpty();
    assertThat(history.contradictsCommitted("7", 10, 4, 111)).isTrue();
    history.committed("store-2", "7", 10, 4, 111);
    assertThat(history.check()).hasSize(1);
  }

  @Test
  void replicasThatApplyDifferentlyAreFound() {
    history.applied("store-1", "7", 10, 3, 111);
    history.applied("store-2", "7", 10, 3, 112);
    assertThat(history.check()).hasSize(1);
  }

  @Test
  void regionsOfOneStoreThatOverlapAreFound() {
    TreeMap<String, String> here = new TreeMap<>();
    history.holds("store-1", 1, 2, "", "40", here);
    history.holds("store-1", 2, 2, "40", "", here);
    assertThat(history.check()).isEmpty();
    history.holds("store-1", 3, 2, "30", "50", here);
    assertThat(history.check()).hasSize(1);
  }

  @Test
  void oneVersionOfARegionWithTwoRangesIsFound() {
    history.holds("store-1", 1, 2, "", "40", new TreeMap<>());
    history.holds("store-2", 1, 3, "", "30", new TreeMap<>());
    assertThat(history.check()).isEmpty();
    history.holds("store-2", 1, 2, "", "30", new TreeMap<>());
    assertThat(history.check()).hasSize(1);
  }
}
