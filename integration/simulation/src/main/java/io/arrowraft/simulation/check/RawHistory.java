package io.arrowraft.simulation.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Raw keys that are written once each. An acknowledged value must be found by every reading that
 * begins later; a value that one reading has found must be found by every reading that begins after
 * it; nothing else may ever be found.
 */
public final class RawHistory {
  /** What is known of one key: the earliest instant from which its value must be found. */
  private static final class Key {
    private final String value;
    private final long invokedAt;
    private boolean refused;
    private long certainFrom = Long.MAX_VALUE;
    private String how = "";

    private Key(String value, long invokedAt) {
      this.value = value;
      this.invokedAt = invokedAt;
    }

    private String reason() {
      return "was %s at %d".formatted(how, certainFrom);
    }
  }

  private final Map<String, Key> keys = new LinkedHashMap<>();
  private final List<Violation> violations = new ArrayList<>();
  private int readings;

  /** A write begins. Until {@link #written} its outcome is unknown. */
  public void invoked(String key, String value, long at) {
    if (keys.putIfAbsent(key, new Key(value, at)) != null) {
      throw new IllegalArgumentException("key " + key + " has been written before");
    }
  }

  /** The write's outcome, known at {@code at}. */
  public void written(String key, long at, Outcome outcome) {
    Key known = keys.get(key);
    if (outcome == Outcome.OK) {
      certain(known, at, "acknowledged");
    } else if (outcome == Outcome.FAILED) {
      known.refused = true;
    }
  }

  /** A reading, which has to be told after all readings and writes that completed before it. */
  public void read(String key, long invokedAt, long completedAt, Optional<String> found) {
    readings++;
    Key known = keys.get(key);
    if (found.isEmpty()) {
      if (known != null && known.certainFrom < invokedAt) {
        violation(
            "key %s %s, but %s does not find it"
                .formatted(key, known.reason(), when(invokedAt, completedAt)));
      }
      return;
    }
    if (known == null || known.invokedAt > completedAt) {
      violation(
          "%s finds %s under key %s before its write"
              .formatted(when(invokedAt, completedAt), found.get(), key));
    } else if (known.refused) {
      violation(
          "the write of key %s was refused, but %s finds it"
              .formatted(key, when(invokedAt, completedAt)));
    } else if (!known.value.equals(found.get())) {
      violation(
          "key %s was written once, as %s, but %s finds %s"
              .formatted(key, known.value, when(invokedAt, completedAt), found.get()));
    } else {
      certain(known, completedAt, "found");
    }
  }

  public int readings() {
    return readings;
  }

  /** What the history breaks; empty if nothing. */
  public List<Violation> check() {
    return List.copyOf(violations);
  }

  private static void certain(Key key, long at, String how) {
    if (at < key.certainFrom) {
      key.certainFrom = at;
      key.how = how;
    }
  }

  private static String when(long invokedAt, long completedAt) {
    return "the reading from %d to %d".formatted(invokedAt, completedAt);
  }

  private void violation(String text) {
    violations.add(new Violation("raw", text));
  }
}
