package io.arrowraft.simulation.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Groups of keys that are written once each, by transactions that write nothing else, and read a
 * group at a time. Two readings of which each saw a write that the other one missed put these
 * writes in opposite orders: a long fork, which parallel snapshot isolation permits and snapshot
 * isolation does not. Since timestamps are known as well, a reading must see the writes that were
 * committed up to its own, and no others.
 */
public final class ForkHistory {
  private record Member(int group, int number) implements Comparable<Member> {
    private static final Comparator<Member> ORDER =
        Comparator.comparingInt(Member::group).thenComparingInt(Member::number);

    @Override
    public int compareTo(Member other) {
      return ORDER.compare(this, other);
    }
  }

  /** What is known of a write; the timestamp only of one that was acknowledged. */
  private record Write(Outcome outcome, long committedAt) {}

  private record Reading(long timestamp, SortedSet<Integer> seen) {
    @Override
    public String toString() {
      return "the reading at " + timestamp + " sees " + seen;
    }
  }

  private final Map<Member, Write> writes = new TreeMap<>();
  private final Map<Integer, List<Reading>> readings = new TreeMap<>();

  /** A write begins. Until it is said how it ended, its outcome is unknown. */
  public void invoked(int group, int member) {
    if (writes.putIfAbsent(new Member(group, member), new Write(Outcome.UNKNOWN, 0)) != null) {
      throw new IllegalArgumentException(
          "member %d of group %d has been written before".formatted(member, group));
    }
  }

  /** A write was acknowledged. */
  public void committed(int group, int member, long timestamp) {
    writes.put(new Member(group, member), new Write(Outcome.OK, timestamp));
  }

  /** A write was refused. */
  public void failed(int group, int member) {
    writes.put(new Member(group, member), new Write(Outcome.FAILED, 0));
  }

  /**
   * A reading of a whole group.
   *
   * @param timestamp at which it was read
   * @param seen members that had a value
   */
  public void read(int group, long timestamp, SortedSet<Integer> seen) {
    readings
        .computeIfAbsent(group, each -> new ArrayList<>())
        .add(new Reading(timestamp, new TreeSet<>(seen)));
  }

  public int readings() {
    return readings.values().stream().mapToInt(List::size).sum();
  }

  public int acknowledged() {
    return (int) writes.values().stream().filter(each -> each.outcome() == Outcome.OK).count();
  }

  /** What the history breaks; empty if nothing. */
  public List<Violation> check() {
    List<Violation> violations = new ArrayList<>();
    readings.forEach(
        (group, ofGroup) -> {
          findForks(group, ofGroup, violations);
          findStepsBack(group, ofGroup, violations);
          ofGroup.forEach(reading -> checkWrites(group, reading, violations));
        });
    return violations;
  }

  /** If each holds all of the next smaller one, any two can be compared. */
  private static void findForks(int group, List<Reading> all, List<Violation> violations) {
    List<Reading> bySize = new ArrayList<>(all);
    bySize.sort(Comparator.comparingInt(reading -> reading.seen().size()));
    for (int i = 1; i < bySize.size(); i++) {
      Reading smaller = bySize.get(i - 1);
      Reading larger = bySize.get(i);
      if (!larger.seen().containsAll(smaller.seen())) {
        report(violations, group, "writes in opposite orders: " + smaller + ", " + larger);
      }
    }
  }

  private static void findStepsBack(int group, List<Reading> all, List<Violation> violations) {
    List<Reading> byTime = new ArrayList<>(all);
    byTime.sort(Comparator.comparingLong(Reading::timestamp));
    for (int i = 1; i < byTime.size(); i++) {
      Reading earlier = byTime.get(i - 1);
      Reading later = byTime.get(i);
      boolean same = earlier.timestamp() == later.timestamp();
      if (!later.seen().containsAll(earlier.seen())
          || (same && !later.seen().equals(earlier.seen()))) {
        report(violations, group, "a later reading sees less: " + earlier + ", " + later);
      }
    }
  }

  private void checkWrites(int group, Reading reading, List<Violation> violations) {
    for (int member : reading.seen()) {
      Write write = writes.get(new Member(group, member));
      if (write == null || write.outcome() == Outcome.FAILED) {
        report(
            violations,
            group,
            "%s, but the write of %d %s"
                .formatted(reading, member, write == null ? "never began" : "was refused"));
      }
    }
    writes.forEach(
        (member, write) -> {
          if (member.group() == group && write.outcome() == Outcome.OK) {
            boolean before = write.committedAt() <= reading.timestamp();
            if (before != reading.seen().contains(member.number())) {
              report(
                  violations,
                  group,
                  "%s, but %d was committed at %d"
                      .formatted(reading, member.number(), write.committedAt()));
            }
          }
        });
  }

  private static void report(List<Violation> violations, int group, String text) {
    violations.add(new Violation("fork", "group " + group + ": " + text));
  }
}
