package io.arrowraft.pd.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Callers for timestamps on their way from any thread to the client's loop: a stack that the loop
 * empties at a stroke, so that any number of callers costs the loop one task.
 */
final class ArrivingCallers {

  /** One caller. */
  static final class Caller {
    final CompletableFuture<Timestamp> result = new CompletableFuture<>();
    private Caller before;
    private long deadlineNanos;

    /** On the scale of {@link io.arrowraft.runtime.TimeSource#nanos}; set by the loop. */
    long deadlineNanos() {
      return deadlineNanos;
    }
  }

  private final AtomicReference<Caller> last = new AtomicReference<>();

  /**
   * Adds a caller; from any thread.
   *
   * @return whether it is the first one, and the loop has to be told
   */
  boolean add(Caller caller) {
    Caller before;
    do {
      before = last.get();
      caller.before = before;
    } while (!last.compareAndSet(before, caller));
    return before == null;
  }

  /** Moves all that have arrived to the end of a queue, the oldest first. */
  void moveTo(ArrayDeque<Caller> queue, long deadlineNanos) {
    Caller caller = last.getAndSet(null);
    List<Caller> newestFirst = new ArrayList<>();
    while (caller != null) {
      Caller before = caller.before;
      // Otherwise whoever keeps one answer would keep all earlier ones.
      caller.before = null;
      caller.deadlineNanos = deadlineNanos;
      newestFirst.add(caller);
      caller = before;
    }
    for (int i = newestFirst.size() - 1; i >= 0; i--) {
      queue.addLast(newestFirst.get(i));
    }
  }
}
