package io.arrowraft.simulation.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Keys that transactions write and delete over and over, and readings of all of them at timestamps
 * of the present and of the past. Whenever it happens, a reading finds for each key what was
 * committed last up to its timestamp: never more, which is what stays when a deletion is collected
 * before the versions that it hides, and never less.
 */
public final class VersionHistory {
  /** A key without value. */
  public static final long ABSENT = 0;

  private static final class Change {
    private final SortedSet<Integer> put;
    private final SortedSet<Integer> deleted;
    private Outcome outcome = Outcome.UNKNOWN;
    private long committedAt;

    private Change(SortedSet<Integer> put, SortedSet<Integer> deleted) {
      this.put = new TreeSet<>(put);
      this.deleted = new TreeSet<>(deleted);
    }

    private boolean touches(int key) {
      return put.contains(key) || deleted.contains(key);
    }
  }

  private record Reading(long timestamp, SortedMap<Integer, Long> found) {}

  private final SortedMap<Long, Change> changes = new TreeMap<>();
  private final List<Reading> readings = new ArrayList<>();

  /**
   * A transaction is about to commit. Until it is said how it ended, its outcome is unknown.
   *
   * @param writer names it, and is the value that it puts; not {@link #ABSENT}
   */
  public void invoked(long writer, SortedSet<Integer> put, SortedSet<Integer> deleted) {
    if (writer == ABSENT || changes.putIfAbsent(writer, new Change(put, deleted)) != null) {
      throw new IllegalArgumentException("transaction " + writer + " cannot be told apart");
    }
  }

  /** A transaction was acknowledged. */
  public void committed(long writer, long timestamp) {
    Change change = changes.get(writer);
    change.outcome = Outcome.OK;
    change.committedAt = timestamp;
  }

  /** A transaction was refused. */
  public void failed(long writer) {
    changes.get(writer).outcome = Outcome.FAILED;
  }

  /**
   * A reading.
   *
   * @param found the value of each key, or {@link #ABSENT}
   */
  public void read(long timestamp, SortedMap<Integer, Long> found) {
    readings.add(new Reading(timestamp, new TreeMap<>(found)));
  }

  public int readings() {
    return readings.size();
  }

  /** What the history breaks; empty if nothing. */
  public List<Violation> check() {
    List<Violation> violations = new ArrayList<>();
    Map<Long, Reading> first = new TreeMap<>();
    for (Reading reading : readings) {
      Reading earlier = first.putIfAbsent(reading.timestamp(), reading);
      if (earlier != null && !earlier.equals(reading)) {
        violations.add(
            new Violation(
                "garbage",
                "two readings at %d differ: %s and later %s"
                    .formatted(reading.timestamp(), earlier.found(), reading.found())));
      }
      reading
          .found()
          .forEach(
              (key, value) -> {
                String problem = problem(reading.timestamp(), key, value);
                if (!problem.isEmpty()) {
                  violations.add(
                      new Violation(
                          "garbage",
                          "the reading at %d finds %s under key %d, but %s"
                              .formatted(
                                  reading.timestamp(),
                                  value == ABSENT ? "nothing" : "the value of T" + value,
                                  key,
                                  problem)));
                }
              });
    }
    return violations;
  }

  private String problem(long timestamp, int key, long value) {
    long newest = newestBefore(timestamp, key);
    if (value == ABSENT) {
      boolean isRight = newest == ABSENT || changes.get(newest).deleted.contains(key);
      return isRight || mayHaveBeenDeleted(key)
          ? ""
          : "T%d put it at %d".formatted(newest, changes.get(newest).committedAt);
    }
    Change writer = changes.get(value);
    if (writer == null || !writer.put.contains(key) || writer.outcome == Outcome.FAILED) {
      return "T%d has not put it".formatted(value);
    }
    if (writer.outcome == Outcome.UNKNOWN || value == newest) {
      return "";
    }
    return writer.committedAt > timestamp
        ? "that was committed at " + writer.committedAt
        : "T%d changed it at %d".formatted(newest, changes.get(newest).committedAt);
  }

  /** Who is known to have changed the key last up to a timestamp. */
  private long newestBefore(long timestamp, int key) {
    long newest = ABSENT;
    long newestAt = 0;
    for (Map.Entry<Long, Change> entry : changes.entrySet()) {
      Change change = entry.getValue();
      if (change.outcome == Outcome.OK
          && change.touches(key)
          && change.committedAt <= timestamp
          && change.committedAt > newestAt) {
        newest = entry.getKey();
        newestAt = change.committedAt;
      }
    }
    return newest;
  }

  private boolean mayHaveBeenDeleted(int key) {
    return changes.values().stream()
        .anyMatch(change -> change.outcome == Outcome.UNKNOWN && change.deleted.contains(key));
  }
}
