package io.arrowraft.pd.schedule;

import io.arrowraft.runtime.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;

/**
 * Checkers that someone asked to rest for a while, such as an import that does not want its empty
 * regions merged. A pause ends by itself, so that a caller that dies leaves nothing behind.
 */
public final class CheckerPauses {
  /** Checkers that can be paused. */
  public static final List<String> NAMES = List.of("merge");

  private final TimeSource time;
  private final TreeMap<String, Long> untilNanos = new TreeMap<>();

  public CheckerPauses(TimeSource time) {
    this.time = time;
  }

  /** Pauses a checker from now on; no time at all ends a pause. */
  public void pause(String checker, Duration span) {
    untilNanos.put(checker, time.nanos() + span.toNanos());
  }

  /** Whether a checker rests at the moment. */
  public boolean isPaused(String checker) {
    Long until = untilNanos.get(checker);
    return until != null && until - time.nanos() > 0;
  }
}
