package io.arrowraft.client.coprocessor;

import io.arrowraft.client.retry.Backoff;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The retries of one read: its deadline and the locks it may pass. One per reader; used through
 * {@link CoprocessorCalls} alone.
 */
public final class CoprocessorSession {
  private final Backoff backoff;
  private final Set<Long> passable = new LinkedHashSet<>();

  CoprocessorSession(Backoff backoff) {
    this.backoff = backoff;
  }

  Backoff backoff() {
    return backoff;
  }

  Set<Long> passable() {
    return passable;
  }
}
