package io.arrowraft.server.peer;

import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.TimeSource;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Requests that must end by their deadlines, whatever they wait for. Owned by the region's loop.
 */
final class Waiting {
  private final ArrayDeque<Entry> entries = new ArrayDeque<>();

  private record Entry(
      Deadline deadline, CompletableFuture<?> done, Supplier<? extends RuntimeException> late) {}

  /**
   * Watches over {@code done}.
   *
   * @param late what it fails with when the deadline passes or the replica closes
   */
  void add(
      Deadline deadline, CompletableFuture<?> done, Supplier<? extends RuntimeException> late) {
    entries.addLast(new Entry(deadline, done, late));
  }

  /** Forgets what is done and fails what is late. */
  void sweep(TimeSource time) {
    Iterator<Entry> each = entries.iterator();
    while (each.hasNext()) {
      Entry entry = each.next();
      if (entry.done().isDone()) {
        each.remove();
      } else if (entry.deadline().isExpired(time)) {
        each.remove();
        entry.done().completeExceptionally(entry.late().get());
      }
    }
  }

  void close() {
    Entry entry;
    while ((entry = entries.pollFirst()) != null) {
      entry.done().completeExceptionally(entry.late().get());
    }
  }
}
