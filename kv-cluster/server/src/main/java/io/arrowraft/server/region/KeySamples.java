package io.arrowraft.server.region;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps evenly spread samples of a stream of requests whose length is not known: every n-th, where
 * n doubles, and half of the samples go, whenever there are too many. Safe for use by any thread.
 */
final class KeySamples {
  private final int max;
  private final AtomicLong offered = new AtomicLong();
  private List<KeySpan> kept = new ArrayList<>();
  private volatile long stride = 1;

  KeySamples(int max) {
    this.max = max;
  }

  /** Counts a request; {@code true} if its keys are to be {@link #add}ed. */
  boolean wantsNext() {
    return offered.getAndIncrement() % stride == 0;
  }

  synchronized void add(KeySpan span) {
    kept.add(span);
    if (kept.size() >= max) {
      List<KeySpan> half = new ArrayList<>(max);
      for (int i = 0; i < kept.size(); i += 2) {
        half.add(kept.get(i));
      }
      kept = half;
      stride *= 2;
    }
  }

  synchronized List<KeySpan> all() {
    return new ArrayList<>(kept);
  }
}
