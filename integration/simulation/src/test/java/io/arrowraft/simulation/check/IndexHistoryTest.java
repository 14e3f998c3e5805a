package io.arrowraft.simulation.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class IndexHistoryTest {
  private final IndexHistory history = new IndexHistory();

  @Test
  void aCompleteIndexHasWhatItsRowsSay() {
    read(true, Map.of("a", "1", "b", "2"), Map.of("a", "1", "b", "2"));
    read(true, Map.of(), Map.of());
    assertThat(history.check()).isEmpty();
  }

  @Test
  void anIndexThatIsBeingBuiltMayLackEntries() {
    read(false, Map.of("a", "1", "b", "2"), Map.of("b", "2"));
    assertThat(history.check()).isEmpty();
  }

  @Test
  void aMissingEntryOfACompleteIndexIsFound() {
    read(true, Map.of("a", "1", "b", "2"), Map.of("b", "2"));
    assertBroken("entry a of a row is missing");
  }

  /** What a writer leaves that deletes a row and does not know the index. */
  @Test
  void anEntryWithoutARowIsFoundAlsoBeforeTheIndexIsComplete() {
    read(false, Map.of("a", "1"), Map.of("a", "1", "c", "3"));
    assertBroken("entry c belongs to no row");
  }

  @Test
  void anEntryOfAnotherRowIsFound() {
    read(false, Map.of("a", "1"), Map.of("a", "2"));
    assertBroken("entry a holds 2 instead of 1");
  }

  @Test
  void whatADroppedIndexLeavesIsFound() {
    history.readDropped(7, "3", new TreeMap<>());
    assertThat(history.check()).isEmpty();
    history.readDropped(8, "3", new TreeMap<>(Map.of("a", "1")));
    assertBroken("index 3 at 8: entry a has outlived the index");
  }

  private void read(boolean complete, Map<String, String> due, Map<String, String> stored) {
    history.read(5, "by_tag", complete, new TreeMap<>(due), new TreeMap<>(stored));
  }

  private void assertBroken(String text) {
    assertThat(history.check()).singleElement().asString().contains(text);
  }
}
