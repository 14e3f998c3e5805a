package io.arrowraft.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** Sends puts: so many at a time, or so many a second. */
final class OpenLoop {
  /** More without an answer are not sent, and counted as such: the sender has a memory too. */
  private static final int OUTSTANDING_MAX = 200_000;

  private static final long DRAIN_SECONDS_MAX = 120;

  private static final long TICK_NANOS = 1_000_000;

  /** After a refusal: what stores ask for when they are busy. */
  private static final Executor PAUSE =
      CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS);

  private final PutRequests puts;
  private final AtomicLong nextKey = new AtomicLong();
  private final Semaphore room = new Semaphore(OUTSTANDING_MAX);

  OpenLoop(PutRequests puts) {
    this.puts = puts;
  }

  /**
   * Keeps {@code clients} puts under way: each that is acknowledged is followed by another put at
   * once, and each other after a pause. Refusals are cheap: clients that answered them at once
   * would leave the processors to nothing else, elections included.
   */
  OverloadFigures closed(int clients, Duration time) throws InterruptedException {
    OverloadFigures.Counting counting = new OverloadFigures.Counting();
    long start = System.nanoTime();
    long end = start + time.toNanos();
    for (int client = 0; client < clients; client++) {
      again(counting, end);
    }
    Heap heap = new Heap();
    while (System.nanoTime() < end) {
      Thread.sleep(20);
      heap.look();
    }
    OverloadFigures figures = counting.figures(time.toNanos() / 1e9, heap.maxMib);
    drain();
    return figures;
  }

  private void again(OverloadFigures.Counting counting, long end) {
    if (System.nanoTime() < end) {
      put(
          counting,
          done -> {
            if (done) {
              again(counting, end);
            } else {
              PAUSE.execute(() -> again(counting, end));
            }
          });
    }
  }

  /** Sends {@code perSecond} puts a second, answered or not. */
  OverloadFigures open(double perSecond, Duration time) throws InterruptedException {
    OverloadFigures.Counting counting = new OverloadFigures.Counting();
    Heap heap = new Heap();
    long start = System.nanoTime();
    long sent = 0;
    for (long now = start; now - start < time.toNanos(); now = System.nanoTime()) {
      long due = (long) ((now - start) / 1e9 * perSecond);
      for (; sent < due; sent++) {
        if (room.availablePermits() == 0) {
          counting.other(PutRequests.NOT_SENT);
        } else {
          put(counting, done -> {});
        }
      }
      heap.look();
      LockSupport.parkNanos(TICK_NANOS);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    // The last puts have their deadline too.
    drain();
    heap.look();
    return counting.figures(seconds, heap.maxMib);
  }

  /** Waits until every put is answered. */
  void drain() throws InterruptedException {
    if (!room.tryAcquire(OUTSTANDING_MAX, DRAIN_SECONDS_MAX, TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          OUTSTANDING_MAX - room.availablePermits() + " puts have outlived their deadlines by far");
    }
    room.release(OUTSTANDING_MAX);
  }

  private void put(OverloadFigures.Counting counting, Consumer<Boolean> then) {
    room.acquireUninterruptibly();
    counting.sent();
    long number = nextKey.getAndIncrement() & 0xfffff;
    long begin = System.nanoTime();
    puts.put(Keys.key(number), Keys.value(number))
        .whenComplete(
            (kind, failure) -> {
              if (failure != null) {
                counting.other(PutRequests.kind(failure));
                counting.reason(PutRequests.reason(failure));
              } else if (kind.isEmpty() && System.nanoTime() - begin > puts.deadlineNanos()) {
                counting.other("late");
              } else if (kind.isEmpty()) {
                counting.good((System.nanoTime() - begin) / 1_000);
              } else {
                counting.other(kind);
              }
              room.release();
              then.accept(failure == null && kind.isEmpty());
            });
  }

  /** Heap that is in use when the garbage is gone. */
  private static final class Heap {
    private long maxMib;

    void look() {
      long bytes = 0;
      for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
        if (pool.getType() == MemoryType.HEAP && pool.getCollectionUsage() != null) {
          bytes += pool.getCollectionUsage().getUsed();
        }
      }
      maxMib = Math.max(maxMib, bytes >> 20);
    }
  }
}
