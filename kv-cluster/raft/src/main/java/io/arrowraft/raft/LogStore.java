package io.arrowraft.raft;

import io.arrowraft.raft.core.Entry;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The logs of all groups of a node. Writes are collected into batches with one sync each; a batch
 * is atomic, and batches reach the disk in the order of {@link #submit}. A failed write stops the
 * node through its fault handler; nothing is reported to the groups, which must not go on. Safe for
 * use by any thread.
 */
public interface LogStore {
  /** Queues a write. */
  void submit(LogWrite write);

  /**
   * Has {@code hook} run after each batch, once every {@link LogWrite#durable} of it has run, on
   * the same thread. Called once, before anything is submitted.
   *
   * @return false if there are no batches: each write ends by itself
   */
  default boolean afterEachBatch(Runnable hook) {
    return false;
  }

  /** The stored state of a group; empty if it never wrote, or was destroyed. */
  Optional<GroupLogState> load(long groupId);

  /**
   * The stored entries {@code [low, high)}, cut short when {@code bytesMax} is passed, but never
   * before the first one. Called only for entries that were reported durable.
   */
  List<Entry> entries(long groupId, long low, long high, long bytesMax);

  /**
   * As {@link #entries}, without keeping the caller waiting for the disk. By default it does.
   *
   * @param withPrevious whether the term of the entry before {@code low} is wanted too
   */
  default CompletableFuture<StoredEntries> fetch(
      long groupId, long low, long high, long bytesMax, boolean withPrevious) {
    long previousTerm = withPrevious ? entries(groupId, low - 1, low, 1).get(0).term() : 0;
    return CompletableFuture.completedFuture(
        new StoredEntries(previousTerm, entries(groupId, low, high, bytesMax)));
  }

  /** The groups that have state, in ascending order. */
  List<Long> groups();

  /** Counts what the groups of this store keep in memory. By default each for itself. */
  default LogCache cache() {
    return new LogCache(Long.MAX_VALUE);
  }

  /**
   * How near the store is to making {@link #submit} slower than its disk: 0 far away, 1 there. May
   * touch the disk.
   */
  default double strain() {
    return 0;
  }
}
