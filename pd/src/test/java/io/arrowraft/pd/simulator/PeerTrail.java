package io.arrowraft.pd.simulator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** To which stores peers came, from which they left, and whether that made sense. */
final class PeerTrail {
  private static final long SOON_NANOS = Duration.ofMinutes(10).toNanos();

  /**
   * A peer that came or left.
   *
   * @param came or else left
   */
  record Change(long region, long store, boolean came, long atNanos) {}

  private record Place(long region, long store) {}

  private final List<Change> changes = new ArrayList<>();
  private final Map<Place, Change> last = new HashMap<>();
  private final List<Change> undone = new ArrayList<>();

  void came(long region, long store, long atNanos) {
    add(new Change(region, store, true, atNanos));
  }

  void left(long region, long store, long atNanos) {
    add(new Change(region, store, false, atNanos));
  }

  private void add(Change change) {
    changes.add(change);
    Change before = last.put(new Place(change.region(), change.store()), change);
    if (before != null && change.atNanos() - before.atNanos() < SOON_NANOS) {
      undone.add(change);
    }
  }

  /** Peers that left again, or came back, within ten minutes. */
  List<Change> undone() {
    return undone;
  }

  /** The most peers that came to a store, or left it, within one minute. */
  long mostInAMinute(long store, boolean came) {
    List<Long> times =
        changes.stream()
            .filter(change -> change.store() == store && change.came() == came)
            .map(Change::atNanos)
            .toList();
    long most = 0;
    int first = 0;
    for (int i = 0; i < times.size(); i++) {
      while (times.get(i) - times.get(first) >= Duration.ofMinutes(1).toNanos()) {
        first++;
      }
      most = Math.max(most, i - first + 1);
    }
    return most;
  }

  /** How many peers came to a store since a moment. */
  long cameTo(long store, long sinceNanos) {
    return changes.stream()
        .filter(change -> change.store() == store && change.came())
        .filter(change -> change.atNanos() >= sinceNanos)
        .count();
  }
}
