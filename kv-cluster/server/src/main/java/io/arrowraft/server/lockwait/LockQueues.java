package io.arrowraft.server.lockwait;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.Timer;
import io.arrowraft.server.region.RegionEvent;
import io.arrowraft.server.region.RegionObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Those who wait for locks of this store, in a queue for each key. Public methods may be called
 * from any thread; the queues belong to the loop.
 */
public final class LockQueues implements RegionObserver {
  private static final int RELEASE_COUNTERS = 4096;

  private final EventLoop loop;
  private final TimeSource time;
  private final DeadlockDetector detector;
  private final int waitersMax;
  private final AtomicLongArray releases = new AtomicLongArray(RELEASE_COUNTERS);
  private final AtomicInteger waiters = new AtomicInteger();
  private final Map<Bytes, Queue> queues = new LinkedHashMap<>();
  private final Counter timedOut;
  private final Counter deadlocks;
  private long arrivals;

  /** The oldest transaction first; of one transaction, the request that came first. */
  private record Place(long startTs, long arrival) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int byAge = Long.compareUnsigned(startTs, other.startTs);
      return byAge != 0 ? byAge : Long.compare(arrival, other.arrival);
    }
  }

  private static final class Queue {
    private final TreeMap<Place, Waiter> waiting = new TreeMap<>();

    /** Somebody has been told to try; the others wait for what comes of it. */
    private boolean turnTaken;

    private boolean releasedMeanwhile;
  }

  private static final class Waiter {
    private final LockWait wait;
    private final Place place;
    private final CompletableFuture<WaitEnd> end;
    private WaitFor edge;
    private Timer timer;

    Waiter(LockWait wait, Place place, CompletableFuture<WaitEnd> end) {
      this.wait = wait;
      this.place = place;
      this.end = end;
      this.edge = wait.edge();
    }
  }

  /**
   * @param waitersMax how many may wait; those beyond are told at once that the lock is there
   */
  public LockQueues(
      EventLoop loop,
      TimeSource time,
      DeadlockDetector detector,
      int waitersMax,
      MeterRegistry meters) {
    this.loop = loop;
    this.time = time;
    this.detector = detector;
    this.waitersMax = waitersMax;
    Gauge.builder("arrowraft_server_lock_waiters", waiters, AtomicInteger::get).register(meters);
    this.timedOut = Counter.builder("arrowraft_server_lock_waits_timed_out_total").register(meters);
    this.deadlocks = Counter.builder("arrowraft_server_lock_deadlocks_total").register(meters);
  }

  /** How often locks on a key have been released, or on others that share its counter. */
  public long releases(Bytes key) {
    return releases.get(slot(key));
  }

  /**
   * Waits for a lock to go.
   *
   * @return how the wait ended; never fails
   */
  public CompletableFuture<WaitEnd> await(LockWait wait) {
    CompletableFuture<WaitEnd> end = new CompletableFuture<>();
    if (waiters.incrementAndGet() > waitersMax) {
      waiters.decrementAndGet();
      timedOut.increment();
      end.complete(new WaitEnd.TimedOut());
      return end;
    }
    loop.execute(() -> enter(wait, end));
    return end;
  }

  /** Locks on these keys are gone, or may be. */
  public void released(List<Bytes> keys) {
    for (Bytes key : keys) {
      releases.incrementAndGet(slot(key));
    }
    if (!keys.isEmpty() && waiters.get() > 0) {
      loop.execute(() -> keys.forEach(this::releasedOne));
    }
  }

  /** Who waits now, for the operator. */
  public CompletableFuture<List<WaitFor>> waiting() {
    CompletableFuture<List<WaitFor>> all = new CompletableFuture<>();
    loop.execute(
        () -> {
          List<WaitFor> edges = new ArrayList<>();
          queues.values().forEach(q -> q.waiting.values().forEach(w -> edges.add(w.edge)));
          all.complete(edges);
        });
    return all;
  }

  /** Locks are met where their region is led: when that may have moved, the wait goes elsewhere. */
  @Override
  public void onEvent(RegionEvent event) {
    boolean moved =
        event instanceof RegionEvent.LeaderLost
            || event instanceof RegionEvent.Split
            || event instanceof RegionEvent.Destroyed;
    if (moved && waiters.get() > 0) {
      loop.execute(() -> sendAway(event.regionId()));
    } else if (event instanceof RegionEvent.Merged merged && waiters.get() > 0) {
      loop.execute(() -> sendAway(merged.source().getId()));
    }
  }

  private void enter(LockWait wait, CompletableFuture<WaitEnd> end) {
    Bytes key = wait.edge().key();
    Duration bound = wait.deadline().remaining(time);
    if (bound.isZero() || releases(key) != wait.releasesBefore()) {
      waiters.decrementAndGet();
      end.complete(bound.isZero() ? new WaitEnd.TimedOut() : new WaitEnd.Retry(holder -> {}));
      return;
    }
    Waiter waiter = new Waiter(wait, new Place(wait.edge().waiter(), arrivals++), end);
    queues.computeIfAbsent(key, none -> new Queue()).waiting.put(waiter.place, waiter);
    waiter.timer = loop.schedule(bound, () -> timeOut(waiter));
    detect(waiter, bound);
  }

  private void detect(Waiter waiter, Duration bound) {
    if (!waiter.wait.detect()) {
      return;
    }
    WaitFor asked = waiter.edge;
    detector
        .waits(asked, bound)
        .thenAccept(
            found ->
                found.ifPresent(deadlock -> loop.execute(() -> refuse(waiter, asked, deadlock))));
  }

  private void refuse(Waiter waiter, WaitFor asked, Deadlock deadlock) {
    if (waiter.edge.equals(asked) && leave(waiter)) {
      deadlocks.increment();
      waiter.end.complete(new WaitEnd.Deadlocked(deadlock));
    }
  }

  private void timeOut(Waiter waiter) {
    if (leave(waiter)) {
      timedOut.increment();
      waiter.end.complete(new WaitEnd.TimedOut());
    }
  }

  /** False if the waiter has left before. */
  private boolean leave(Waiter waiter) {
    Queue queue = queues.get(waiter.edge.key());
    if (queue == null || queue.waiting.remove(waiter.place) == null) {
      return false;
    }
    waiters.decrementAndGet();
    waiter.timer.cancel();
    if (waiter.wait.detect()) {
      detector.ended(waiter.edge);
    }
    dropIfIdle(waiter.edge.key(), queue);
    return true;
  }

  private void dropIfIdle(Bytes key, Queue queue) {
    if (queue.waiting.isEmpty() && !queue.turnTaken) {
      queues.remove(key);
    }
  }

  private void releasedOne(Bytes key) {
    Queue queue = queues.get(key);
    if (queue == null) {
      return;
    }
    if (queue.turnTaken) {
      queue.releasedMeanwhile = true;
    } else {
      wakeFirst(key, queue);
    }
  }

  private void wakeFirst(Bytes key, Queue queue) {
    Optional<Waiter> first =
        Optional.ofNullable(queue.waiting.firstEntry()).map(Map.Entry::getValue);
    if (first.isEmpty()) {
      dropIfIdle(key, queue);
      return;
    }
    queue.turnTaken = true;
    queue.releasedMeanwhile = false;
    leave(first.get());
    first
        .get()
        .end
        .complete(new WaitEnd.Retry(holder -> loop.execute(() -> turnEnded(key, queue, holder))));
  }

  private void turnEnded(Bytes key, Queue queue, long holder) {
    queue.turnTaken = false;
    if (holder == 0 || queue.releasedMeanwhile) {
      wakeFirst(key, queue);
      return;
    }
    for (Waiter waiter : queue.waiting.values()) {
      waitFor(waiter, holder);
    }
    dropIfIdle(key, queue);
  }

  /** The key has another owner now: circles may have opened, and others closed. */
  private void waitFor(Waiter waiter, long holder) {
    if (waiter.edge.holder() == holder) {
      return;
    }
    if (waiter.wait.detect()) {
      detector.ended(waiter.edge);
    }
    waiter.edge = waiter.edge.on(holder);
    detect(waiter, waiter.wait.deadline().remaining(time));
  }

  private void sendAway(long regionId) {
    List<Waiter> leaving = new ArrayList<>();
    for (Queue queue : queues.values()) {
      for (Waiter waiter : queue.waiting.values()) {
        if (waiter.wait.regionId() == regionId) {
          leaving.add(waiter);
        }
      }
    }
    for (Waiter waiter : leaving) {
      leave(waiter);
      waiter.end.complete(new WaitEnd.Retry(holder -> {}));
    }
  }

  private static int slot(Bytes key) {
    int hash = key.hashCode() * 0x9E3779B9;
    return (hash ^ (hash >>> 16)) & (RELEASE_COUNTERS - 1);
  }
}
