package io.arrowraft.simulation.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counters that transactions count up, one or several at a time. The higher the value, the later
 * the commit; a reading finds what was committed up to its timestamp, of each counter and of all
 * that a transaction has counted; and no value is made twice.
 */
public final class CounterHistory {
  /** Who wrote the value of a counter that nobody has counted. */
  public static final long NOBODY = 0;

  /**
   * A counter as it was found.
   *
   * @param writer the transaction whose value it is, or {@link #NOBODY}
   */
  public record Found(long value, long writer) {
    public static final Found NOTHING = new Found(0, NOBODY);
  }

  private static final class Increment {
    private final SortedMap<Integer, Long> made;
    private Outcome outcome = Outcome.UNKNOWN;
    private long committedAt;

    private Increment(SortedMap<Integer, Long> made) {
      this.made = made;
    }
  }

  private record Reading(long timestamp, SortedMap<Integer, Found> found) {}

  private record Step(long value, long committedAt, long writer) {}

  private final SortedMap<Long, Increment> increments = new TreeMap<>();
  private final List<Reading> readings = new ArrayList<>();

  /**
   * A transaction is about to commit. Until it is said how it ended, its outcome is unknown.
   *
   * @param writer names it; not {@link #NOBODY}
   * @param made the values that it writes, by counter
   */
  public void invoked(long writer, SortedMap<Integer, Long> made) {
    if (writer == NOBODY
        || increments.putIfAbsent(writer, new Increment(new TreeMap<>(made))) != null) {
      throw new IllegalArgumentException("transaction " + writer + " cannot be told apart");
    }
  }

  /** A transaction was acknowledged. */
  public void committed(long writer, long timestamp) {
    Increment increment = increments.get(writer);
    increment.outcome = Outcome.OK;
    increment.committedAt = timestamp;
  }

  /** A transaction was refused. */
  public void failed(long writer) {
    increments.get(writer).outcome = Outcome.FAILED;
  }

  /** A reading of counters at one timestamp. */
  public void read(long timestamp, SortedMap<Integer, Found> found) {
    readings.add(new Reading(timestamp, new TreeMap<>(found)));
  }

  public int readings() {
    return readings.size();
  }

  public int acknowledged() {
    return (int) increments.values().stream().filter(each -> each.outcome == Outcome.OK).count();
  }

  /** What the history breaks; empty if nothing. */
  public List<Violation> check() {
    return new Judgement().judge();
  }

  /** One look at the whole history. */
  private final class Judgement {
    private final List<Violation> violations = new ArrayList<>();

    /** By counter: what is known to have been committed, by value. */
    private final SortedMap<Integer, List<Step>> steps = new TreeMap<>();

    /** By counter and value: who wrote it, as far as anybody knows. */
    private final SortedMap<Integer, SortedMap<Long, Long>> writers = new TreeMap<>();

    List<Violation> judge() {
      increments.forEach(this::addSteps);
      steps.forEach(this::checkOrder);
      readings.forEach(this::checkReading);
      checkReadingsInOrder();
      return violations;
    }

    private void addSteps(long writer, Increment increment) {
      if (increment.outcome != Outcome.OK) {
        return;
      }
      increment.made.forEach(
          (counter, value) -> {
            steps
                .computeIfAbsent(counter, each -> new ArrayList<>())
                .add(new Step(value, increment.committedAt, writer));
            checkWriter(counter, value, writer);
          });
    }

    private void checkWriter(int counter, long value, long writer) {
      Long other =
          writers.computeIfAbsent(counter, each -> new TreeMap<>()).putIfAbsent(value, writer);
      if (other != null && other != writer) {
        report(counter, "%s and %s have both made %d".formatted(name(other), name(writer), value));
      }
    }

    private void checkOrder(int counter, List<Step> all) {
      all.sort(Comparator.comparingLong(Step::value));
      for (int i = 1; i < all.size(); i++) {
        Step before = all.get(i - 1);
        Step after = all.get(i);
        if (after.value() > before.value() && after.committedAt() <= before.committedAt()) {
          report(
              counter,
              "%d was committed at %d and the higher %d at %d"
                  .formatted(
                      before.value(), before.committedAt(), after.value(), after.committedAt()));
        }
      }
    }

    private void checkReading(Reading reading) {
      reading.found().forEach((counter, found) -> checkFound(reading, counter, found));
    }

    private void checkFound(Reading reading, int counter, Found found) {
      for (Step step : steps.getOrDefault(counter, List.of())) {
        if (step.committedAt() <= reading.timestamp() && step.value() > found.value()) {
          report(
              counter,
              "the reading at %d finds %d, but %d was committed at %d"
                  .formatted(reading.timestamp(), found.value(), step.value(), step.committedAt()));
          return;
        }
      }
      if (found.writer() == NOBODY) {
        return;
      }
      Increment increment = increments.get(found.writer());
      if (increment == null
          || increment.outcome == Outcome.FAILED
          || !Long.valueOf(found.value()).equals(increment.made.get(counter))) {
        report(
            counter,
            "the reading at %d finds %d of %s, which has not made it"
                .formatted(reading.timestamp(), found.value(), name(found.writer())));
        return;
      }
      if (increment.outcome == Outcome.OK && increment.committedAt > reading.timestamp()) {
        report(
            counter,
            "the reading at %d finds %d, which was committed at %d"
                .formatted(reading.timestamp(), found.value(), increment.committedAt));
      }
      checkWriter(counter, found.value(), found.writer());
      checkAllOfIt(reading, counter, found, increment);
    }

    private void checkAllOfIt(Reading reading, int counter, Found found, Increment increment) {
      increment.made.forEach(
          (other, value) -> {
            Found there = reading.found().get(other);
            if (there != null && there.value() < value) {
              report(
                  counter,
                  "the reading at %d sees part of %s: %d here, but only %d of counter %d"
                      .formatted(
                          reading.timestamp(),
                          name(found.writer()),
                          found.value(),
                          there.value(),
                          other));
            }
          });
    }

    /** Of transactions of unknown outcome, only the readings tell. */
    private void checkReadingsInOrder() {
      List<Reading> byTime = new ArrayList<>(readings);
      byTime.sort(Comparator.comparingLong(Reading::timestamp));
      Map<Integer, Long> highest = new TreeMap<>();
      Map<Integer, Long> highestAt = new TreeMap<>();
      for (Reading reading : byTime) {
        reading
            .found()
            .forEach(
                (counter, found) -> {
                  long before = highest.getOrDefault(counter, 0L);
                  boolean again =
                      highestAt.containsKey(counter)
                          && highestAt.get(counter) == reading.timestamp();
                  if (found.value() < before || (again && found.value() != before)) {
                    report(
                        counter,
                        "it was read as %d at %d and as %d at %d"
                            .formatted(
                                before,
                                highestAt.get(counter),
                                found.value(),
                                reading.timestamp()));
                  }
                  highest.put(counter, Math.max(before, found.value()));
                  highestAt.put(counter, reading.timestamp());
                });
      }
    }

    private static String name(long writer) {
      return writer == NOBODY ? "nobody" : "T" + writer;
    }

    private void report(int counter, String text) {
      violations.add(new Violation("monotonic", "counter " + counter + ": " + text));
    }
  }
}
