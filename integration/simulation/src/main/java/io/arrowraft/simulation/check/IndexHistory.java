package io.arrowraft.simulation.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Entries of indexes, key by key as they are stored, beside those that the rows of the same instant
 * should have. A complete index has these and no others. One that is being built or dropped may
 * lack some, but has none that a row does not account for.
 */
public final class IndexHistory {
  private static final int VIOLATIONS_MAX = 10;

  private final List<Violation> violations = new ArrayList<>();
  private int readings;

  /**
   * A reading.
   *
   * @param complete whether readers may rely on the index
   * @param due what the rows say, by key
   * @param stored what is there
   */
  public void read(
      long timestamp,
      String index,
      boolean complete,
      SortedMap<String, String> due,
      SortedMap<String, String> stored) {
    readings++;
    stored.forEach(
        (key, value) -> {
          if (!due.containsKey(key)) {
            report(timestamp, index, "entry " + key + " belongs to no row");
          } else if (!due.get(key).equals(value)) {
            report(
                timestamp,
                index,
                "entry %s holds %s instead of %s".formatted(key, value, due.get(key)));
          }
        });
    if (complete) {
      for (Map.Entry<String, String> entry : due.entrySet()) {
        if (!stored.containsKey(entry.getKey())) {
          report(timestamp, index, "entry " + entry.getKey() + " of a row is missing");
        }
      }
    }
  }

  /** A reading of an index that was dropped, after whatever it left has been deleted. */
  public void readDropped(long timestamp, String index, SortedMap<String, String> stored) {
    readings++;
    stored.forEach(
        (key, value) -> report(timestamp, index, "entry " + key + " has outlived the index"));
  }

  public int readings() {
    return readings;
  }

  /** What the history breaks; empty if nothing. */
  public List<Violation> check() {
    return List.copyOf(violations);
  }

  private void report(long timestamp, String index, String text) {
    if (violations.size() < VIOLATIONS_MAX) {
      violations.add(
          new Violation("schema", "index %s at %d: %s".formatted(index, timestamp, text)));
    }
  }
}
