package io.arrowraft.server.peer;

import io.arrowraft.raft.GroupLogState;
import io.arrowraft.raft.LogCache;
import io.arrowraft.raft.LogStore;
import io.arrowraft.raft.LogWrite;
import io.arrowraft.raft.StoredEntries;
import io.arrowraft.raft.core.Entry;
import io.arrowraft.runtime.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A log store that counts how many of its synced writes took too long. A disk that stands still
 * completes nothing, so what waits counts too. Safe for use by any thread.
 */
final class LogWatch implements LogStore {
  private final LogStore logs;
  private final TimeSource time;
  private final long boundNanos;
  private final AtomicLong completed = new AtomicLong();
  private final AtomicLong slow = new AtomicLong();
  private final AtomicLong pending = new AtomicLong();

  /** When the disk last made progress, or was last given something while it had nothing to do. */
  private volatile long progressNanos;

  LogWatch(LogStore logs, TimeSource time, Duration bound) {
    this.logs = logs;
    this.time = time;
    this.boundNanos = bound.toNanos();
    this.progressNanos = time.nanos();
  }

  /**
   * @param writes synced writes that completed, or should have
   * @param slow those among them that took longer than the bound
   * @param stalled nothing at all has completed for that long
   */
  record Latency(long writes, long slow, boolean stalled) {}

  /** What happened since the last call. */
  Latency take() {
    long waiting = pending.get();
    boolean stalled = waiting > 0 && time.nanos() - progressNanos > boundNanos;
    long overdue = stalled ? waiting : 0;
    return new Latency(completed.getAndSet(0) + overdue, slow.getAndSet(0) + overdue, stalled);
  }

  /** Whether nothing has become durable for so long, though something waits. Any thread. */
  boolean isStalledFor(Duration atLeast) {
    return pending.get() > 0 && time.nanos() - progressNanos > atLeast.toNanos();
  }

  @Override
  public void submit(LogWrite write) {
    if (!write.sync()) {
      logs.submit(write);
      return;
    }
    long since = time.nanos();
    if (pending.getAndIncrement() == 0) {
      progressNanos = since;
    }
    logs.submit(
        new LogWrite(
            write.groupId(),
            write.state(),
            write.entries(),
            write.deleteFrom(),
            write.deleteTo(),
            write.destroy(),
            true,
            () -> {
              onDurable(since);
              write.durable().run();
            }));
  }

  private void onDurable(long sinceNanos) {
    long now = time.nanos();
    progressNanos = now;
    pending.decrementAndGet();
    completed.incrementAndGet();
    if (now - sinceNanos > boundNanos) {
      slow.incrementAndGet();
    }
  }

  @Override
  public boolean afterEachBatch(Runnable hook) {
    return logs.afterEachBatch(hook);
  }

  @Override
  public Optional<GroupLogState> load(long groupId) {
    return logs.load(groupId);
  }

  @Override
  public List<Entry> entries(long groupId, long low, long high, long bytesMax) {
    return logs.entries(groupId, low, high, bytesMax);
  }

  @Override
  public List<Long> groups() {
    return logs.groups();
  }

  @Override
  public CompletableFuture<StoredEntries> fetch(
      long groupId, long low, long high, long bytesMax, boolean withPrevious) {
    return logs.fetch(groupId, low, high, bytesMax, withPrevious);
  }

  @Override
  public LogCache cache() {
    return logs.cache();
  }

  @Override
  public double strain() {
    return logs.strain();
  }
}
