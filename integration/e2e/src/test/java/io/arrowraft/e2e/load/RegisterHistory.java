package io.arrowraft.e2e.load;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was done to one register that is written by compare-and-swap only, each time with a value of
 * its own, and whether that is linearizable.
 *
 * <p>A swap names the value that it replaced, so the order of all values is known and the search of
 * Wing and Gong is not needed. A register is linearizable exactly if its values form a chain and,
 * in the order of the chain with the write of each value before its reads, nothing had ended before
 * something earlier began: then everything can be given a moment within its time, in that order.
 * Safe for use by any thread.
 */
final class RegisterHistory {
  /** The value of a register that nobody has written. */
  static final String ABSENT = "";

  /** How long an operation took whose end nobody saw. */
  private static final long NEVER = Long.MAX_VALUE;

  /** {@code value} is what the register held at some moment between the two times. */
  private record Sight(String who, boolean wrote, String value, long invoked, long returned) {
    /** The place in the order, given that of the value. */
    private int rank(int place) {
      return 2 * place + (wrote ? 0 : 1);
    }

    @Override
    public String toString() {
      return "%s %s '%s' between %d and %d"
          .formatted(who, wrote ? "wrote" : "saw", value, invoked, returned);
    }
  }

  private final String register;
  private final List<Sight> sights = new ArrayList<>();

  /** Which value each replaced; of swaps with an unknown outcome too. */
  private final Map<String, String> before = new HashMap<>();

  private final Map<String, Long> unknownSwaps = new HashMap<>();

  RegisterHistory(String register) {
    this.register = register;
  }

  /** A read, or a swap that found another value than it expected. */
  synchronized void saw(String who, String value, long invokedNanos, long returnedNanos) {
    sights.add(new Sight(who, false, value, invokedNanos, returnedNanos));
  }

  synchronized void swapped(
      String who, String expected, String value, long invokedNanos, long returnedNanos) {
    before.put(value, expected);
    sights.add(new Sight(who, true, value, invokedNanos, returnedNanos));
  }

  /** A swap that may happen at any time from its begin on, or never. */
  synchronized void swapUnknown(String expected, String value, long invokedNanos) {
    before.put(value, expected);
    unknownSwaps.put(value, invokedNanos);
  }

  /** The first thing that cannot be, if there is one. */
  synchronized Optional<String> violation() {
    Map<String, Integer> places = new HashMap<>();
    List<String> chain = new ArrayList<>();
    Optional<String> broken = order(places, chain);
    if (broken.isPresent()) {
      return broken;
    }
    List<Sight> all = new ArrayList<>();
    for (Sight sight : sights) {
      if (!places.containsKey(sight.value())) {
        return Optional.of("%s: %s, which nobody wrote".formatted(register, sight));
      }
      all.add(sight);
    }
    for (String value : chain) {
      if (unknownSwaps.containsKey(value)) {
        all.add(new Sight("somebody", true, value, unknownSwaps.get(value), NEVER));
      }
    }
    all.sort(Comparator.comparing(sight -> sight.rank(places.get(sight.value()))));
    return disorder(all, places);
  }

  /** Nothing of a later rank may end before something of an earlier rank begins. */
  private Optional<String> disorder(List<Sight> all, Map<String, Integer> places) {
    Sight latestEarlier = null;
    Sight latestHere = null;
    int here = -1;
    for (Sight sight : all) {
      int rank = sight.rank(places.get(sight.value()));
      if (rank != here) {
        here = rank;
        latestEarlier = latestHere;
      }
      if (latestEarlier != null && sight.returned() < latestEarlier.invoked()) {
        return Optional.of("%s: %s, but later %s".formatted(register, sight, latestEarlier));
      }
      if (latestHere == null || sight.invoked() > latestHere.invoked()) {
        latestHere = sight;
      }
    }
    return Optional.empty();
  }

  /** Finds the place of each value that was ever there. */
  private Optional<String> order(Map<String, Integer> places, List<String> chain) {
    Map<String, String> after = new HashMap<>();
    for (Sight sight : sights) {
      // From each value seen back to the first: what was replaced had been there.
      String value = sight.value();
      while (!value.equals(ABSENT) && before.containsKey(value)) {
        String replaced = before.get(value);
        String other = after.putIfAbsent(replaced, value);
        if (other != null && !other.equals(value)) {
          return Optional.of(
              "%s: '%s' was replaced by both '%s' and '%s'"
                  .formatted(register, replaced, other, value));
        }
        if (other != null) {
          break;
        }
        value = replaced;
      }
    }
    String value = ABSENT;
    while (value != null) {
      places.put(value, chain.size());
      chain.add(value);
      value = after.get(value);
    }
    return Optional.empty();
  }

  synchronized int operations() {
    return sights.size() + unknownSwaps.size();
  }

  /** One line for each operation, for whoever looks into a violation. */
  synchronized List<String> lines() {
    List<String> lines = new ArrayList<>();
    sights.stream()
        .sorted(Comparator.comparing(Sight::invoked))
        .forEach(sight -> lines.add(register + " " + sight));
    unknownSwaps.forEach(
        (value, invoked) ->
            lines.add(
                "%s unknown swap from %s to %s at %d"
                    .formatted(register, before.get(value), value, invoked)));
    return lines;
  }
}
