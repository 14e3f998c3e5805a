package io.arrowraft.simulation.check;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the replicas of all groups logged, committed, applied and led, as it happened. Raft's safety
 * (figure 3 of its paper) is checked with each event: one leader in a term, logs that match, and
 * committed entries that no replica ever has another one in place of; and that replicas of a region
 * apply the same.
 */
public final class ReplicationHistory {
  /** Enough to see what went wrong; one broken rule breaks every later entry. */
  private static final int VIOLATIONS_MAX = 10;

  private record Place(String group, long index) {}

  private record Version(long term, long hash) {}

  private record Seen(Version version, String by) {}

  private record Range(String start, String end, String by) {}

  private final Map<Place, List<Seen>> logged = new HashMap<>();
  private final Map<Place, Seen> committed = new HashMap<>();
  private final Map<Place, Seen> applied = new HashMap<>();
  private final Map<Place, String> leaders = new HashMap<>();
  private final Map<String, Range> ranges = new HashMap<>();
  private final List<Violation> violations = new ArrayList<>();
  private long events;

  /** How many events were checked. */
  public long events() {
    return events;
  }

  /** A replica has put an entry into its log. */
  public void logged(String replica, String group, long index, long term, long hash) {
    events++;
    List<Seen> known = logged.computeIfAbsent(new Place(group, index), each -> new ArrayList<>(1));
    for (Seen seen : known) {
      if (seen.version().term() == term) {
        if (seen.version().hash() != hash) {
          violation(
              "group %s: two entries of term %d at index %d, of %s and of %s"
                  .formatted(group, term, index, seen.by(), replica));
        }
        return;
      }
    }
    known.add(new Seen(new Version(term, hash), replica));
  }

  /** A replica knows that the entry in its log is committed. */
  public void committed(String replica, String group, long index, long term, long hash) {
    events++;
    agree("committed", committed, replica, new Place(group, index), new Version(term, hash));
  }

  /** Whether another entry than this is known to be committed at its place. */
  public boolean contradictsCommitted(String group, long index, long term, long hash) {
    Seen known = committed.get(new Place(group, index));
    return known != null && !known.version().equals(new Version(term, hash));
  }

  /** A replica has applied an entry, again perhaps after a restart. */
  public void applied(String replica, String group, long index, long term, long hash) {
    events++;
    agree("applied", applied, replica, new Place(group, index), new Version(term, hash));
  }

  /** A replica leads and has applied an entry of its term. */
  public void leads(String replica, String group, long term) {
    events++;
    String other = leaders.putIfAbsent(new Place(group, term), replica);
    if (other != null && !other.equals(replica)) {
      violation("group %s: %s and %s both led in term %d".formatted(group, other, replica, term));
    }
  }

  /**
   * A replica's region has this range at this version: everywhere the same, and the regions that a
   * store holds, and all of one version, do not overlap.
   *
   * @param here ranges of the other regions of the same store, by start; gets this one
   */
  public void holds(
      String replica,
      long region,
      long version,
      String start,
      String end,
      TreeMap<String, String> here) {
    events++;
    Range range = new Range(start, end, replica);
    Range known = ranges.putIfAbsent(region + "/" + version, range);
    if (known != null && !(known.start().equals(start) && known.end().equals(end))) {
      violation(
          "region %d of version %d covers %s..%s at %s, but %s..%s at %s"
              .formatted(
                  region, version, known.start(), known.end(), known.by(), start, end, replica));
    }
    Map.Entry<String, String> before = here.floorEntry(start);
    Map.Entry<String, String> after = here.higherEntry(start);
    boolean overlaps =
        (before != null && (before.getValue().isEmpty() || before.getValue().compareTo(start) > 0))
            || (after != null && (end.isEmpty() || end.compareTo(after.getKey()) > 0));
    if (overlaps) {
      violation(
          "%s holds region %d, %s..%s, beside others that overlap it: %s"
              .formatted(replica, region, start, end, here));
    }
    here.put(start, end);
  }

  /** Whether anything was broken. */
  public boolean isBroken() {
    return !violations.isEmpty();
  }

  /** What was broken; empty if nothing. */
  public List<Violation> check() {
    return List.copyOf(violations);
  }

  private void agree(
      String what, Map<Place, Seen> known, String replica, Place place, Version version) {
    Seen first = known.putIfAbsent(place, new Seen(version, replica));
    if (first != null && !first.version().equals(version)) {
      violation(
          "group %s: %s %s entry %d of term %d (%x), but %s one of term %d (%x)"
              .formatted(
                  place.group(),
                  first.by(),
                  what,
                  place.index(),
                  first.version().term(),
                  first.version().hash(),
                  replica,
                  version.term(),
                  version.hash()));
    }
  }

  /** Something else that a watcher found. */
  public void violation(String text) {
    if (violations.size() < VIOLATIONS_MAX) {
      violations.add(new Violation("replication", text));
    }
  }
}
