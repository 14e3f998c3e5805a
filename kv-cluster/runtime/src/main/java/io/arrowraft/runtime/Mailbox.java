package io.arrowraft.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * A bounded inbox in front of an event loop. Any thread offers; the loop hands what has gathered to
 * the consumer as one batch, in order, so that work done once per batch (a sync, a message) is
 * shared.
 *
 * @param <M> an immutable message
 */
public final class Mailbox<M> {
  private final EventLoop loop;
  private final int capacity;
  private final int batchMax;
  private final Consumer<List<M>> consumer;
  private final Queue<M> queue = new ConcurrentLinkedQueue<>();
  private final long bytesMax;
  private final ToLongFunction<M> weigher;
  private final AtomicInteger size = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicBoolean drainQueued = new AtomicBoolean();

  /**
   * @param loop where the consumer runs
   * @param capacity how many messages may wait
   * @param batchMax the longest batch handed over
   * @param consumer takes each batch; runs on the loop
   */
  public Mailbox(EventLoop loop, int capacity, int batchMax, Consumer<List<M>> consumer) {
    this(loop, capacity, batchMax, Long.MAX_VALUE, message -> 0, consumer);
  }

  /**
   * The same with a bound on memory.
   *
   * @param bytesMax what waiting messages may weigh together; a single one that weighs more is
   *     taken when nothing else waits
   * @param weigher about the bytes that a message holds
   */
  public Mailbox(
      EventLoop loop,
      int capacity,
      int batchMax,
      long bytesMax,
      ToLongFunction<M> weigher,
      Consumer<List<M>> consumer) {
    if (capacity < 1 || batchMax < 1 || bytesMax < 1) {
      throw new IllegalArgumentException(
          "mailbox needs room: capacity="
              + capacity
              + ", batchMax="
              + batchMax
              + ", bytesMax="
              + bytesMax);
    }
    this.bytesMax = bytesMax;
    this.weigher = weigher;
    this.loop = loop;
    this.capacity = capacity;
    this.batchMax = batchMax;
    this.consumer = consumer;
  }

  /** Adds a message, unless the mailbox is full, which {@code false} says. */
  public boolean offer(M message) {
    if (size.incrementAndGet() > capacity) {
      size.decrementAndGet();
      return false;
    }
    long weight = weigher.applyAsLong(message);
    if (weight > 0) {
      long together = bytes.addAndGet(weight);
      if (together > bytesMax && together > weight) {
        bytes.addAndGet(-weight);
        size.decrementAndGet();
        return false;
      }
    }
    queue.add(message);
    wake();
    return true;
  }

  /** How many messages wait. */
  public int size() {
    return size.get();
  }

  private void wake() {
    if (drainQueued.compareAndSet(false, true)) {
      loop.execute(this::drain);
    }
  }

  private void drain() {
    // Cleared first: a message added from here on queues a drain of its own, so none is left
    // behind.
    drainQueued.set(false);
    List<M> batch = new ArrayList<>();
    M message;
    while (batch.size() < batchMax && (message = queue.poll()) != null) {
      batch.add(message);
    }
    if (batch.isEmpty()) {
      return;
    }
    size.addAndGet(-batch.size());
    long taken = 0;
    for (M each : batch) {
      taken += weigher.applyAsLong(each);
    }
    if (taken > 0) {
      bytes.addAndGet(-taken);
    }
    consumer.accept(batch);
    if (!queue.isEmpty()) {
      wake();
    }
  }
}
