package io.arrowraft.simulation.check;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Additions of distinct elements to a set, and readings of the whole set. An acknowledged element
 * must be in every reading that began after the acknowledgement, and a refused one in none: a lost
 * write or a stale read contradicts that.
 */
public final class SetHistory {
  private record Addition(long element, long invokedAt, long completedAt, Outcome outcome) {}

  private record Reading(long invokedAt, long completedAt, SortedSet<Long> elements) {}

  private final List<Addition> additions = new ArrayList<>();
  private final List<Reading> readings = new ArrayList<>();

  /** Records an addition; times are of one clock, in any unit. */
  public void added(long element, long invokedAt, long completedAt, Outcome outcome) {
    additions.add(new Addition(element, invokedAt, completedAt, outcome));
  }

  public void read(long invokedAt, long completedAt, SortedSet<Long> elements) {
    readings.add(new Reading(invokedAt, completedAt, new TreeSet<>(elements)));
  }

  public int acknowledged() {
    return (int) additions.stream().filter(addition -> addition.outcome() == Outcome.OK).count();
  }

  public int readings() {
    return readings.size();
  }

  /** What the history breaks; empty if nothing. */
  public List<Violation> check() {
    List<Violation> violations = new ArrayList<>();
    for (Reading reading : readings) {
      for (Addition addition : additions) {
        boolean seen = reading.elements().contains(addition.element());
        if (!seen
            && addition.outcome() == Outcome.OK
            && addition.completedAt() < reading.invokedAt()) {
          violations.add(
              new Violation(
                  "set",
                  "element %d was acknowledged at %d, but the reading from %d to %d does not hold it"
                      .formatted(
                          addition.element(),
                          addition.completedAt(),
                          reading.invokedAt(),
                          reading.completedAt())));
        }
        if (seen && addition.outcome() == Outcome.FAILED) {
          violations.add(
              new Violation(
                  "set",
                  "element %d was refused at %d, but the reading from %d to %d holds it"
                      .formatted(
                          addition.element(),
                          addition.completedAt(),
                          reading.invokedAt(),
                          reading.completedAt())));
        }
        if (seen && addition.invokedAt() > reading.completedAt()) {
          violations.add(
              new Violation(
                  "set",
                  "element %d was first asked for at %d, but the reading from %d to %d holds it"
                      .formatted(
                          addition.element(),
                          addition.invokedAt(),
                          reading.invokedAt(),
                          reading.completedAt())));
        }
      }
    }
    return violations;
  }
}
