package io.arrowraft.simulation.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What was read of accounts next to the data and from it: all snapshots hold the whole money, and
 * whatever was read at one timestamp, as rows or as sums, by one way or by another, agrees.
 */
public final class CoprocessorHistory {
  /**
   * What an aggregation says.
   *
   * @param least the lowest balance; meaningless without rows
   */
  public record Sums(long rows, long total, long least) {
    private static Sums of(SortedMap<Long, Long> balances) {
      return new Sums(
          balances.size(),
          balances.values().stream().mapToLong(Long::longValue).sum(),
          balances.values().stream().mapToLong(Long::longValue).min().orElse(0));
    }
  }

  private record Rows(SortedMap<Long, Long> balances, String by) {}

  private record Summed(Sums sums, String by) {}

  private final String name;
  private final long total;
  private final Map<Long, Rows> rowsAt = new TreeMap<>();
  private final Map<Long, Summed> sumsAt = new TreeMap<>();
  private final List<Violation> violations = new ArrayList<>();
  private int readings;

  /**
   * @param name of the workload
   * @param total of all balances, at all times
   */
  public CoprocessorHistory(String name, long total) {
    this.name = name;
    this.total = total;
  }

  /** How much was read. */
  public int readings() {
    return readings;
  }

  /** All rows as of a timestamp. */
  public void rows(long timestamp, String by, SortedMap<Long, Long> balances) {
    Rows read = new Rows(new TreeMap<>(balances), by);
    Rows before = rowsAt.putIfAbsent(timestamp, read);
    if (before != null && !before.balances().equals(read.balances())) {
      broken(
          "at %d %s reads %s, but %s reads %s",
          timestamp, before.by(), before.balances(), by, balances);
    }
    sums(timestamp, by, Sums.of(balances));
  }

  /** What an aggregation over all rows says. */
  public void sums(long timestamp, String by, Sums sums) {
    readings++;
    if (sums.total() != total) {
      broken("at %d %s adds up to %d, not to %d: %s", timestamp, by, sums.total(), total, sums);
    }
    if (sums.least() < 0) {
      broken("at %d %s finds an account that is overdrawn: %s", timestamp, by, sums);
    }
    Summed before = sumsAt.putIfAbsent(timestamp, new Summed(sums, by));
    if (before != null && !before.sums().equals(sums)) {
      broken("at %d %s finds %s, but %s finds %s", timestamp, before.by(), before.sums(), by, sums);
    }
  }

  /** Something that cannot be, whatever was read. */
  public void broken(String format, Object... values) {
    violations.add(new Violation(name, format.formatted(values)));
  }

  /** What the history breaks; empty if nothing. */
  public List<Violation> check() {
    return List.copyOf(violations);
  }
}
