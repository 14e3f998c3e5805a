package io.arrowraft.pd.tso;

import io.arrowraft.pd.state.NotLeaderException;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.pd.state.PdResult;
import io.arrowraft.pd.state.StateLog;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.Timer;
import java.util.ArrayDeque;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** The oracle with its clock, its durable limit and its waiting callers. */
public final class TimestampService {
  private record Waiter(int count, CompletableFuture<Long> last, long sinceNanos) {}

  private final TimestampOracle oracle;
  private final TimestampWindow window;
  private final StateLog log;
  private final EventLoop loop;
  private final TimeSource time;
  private final int waitersMax;
  private final TimestampMeters meters;
  private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();
  private Timer timer = () -> {};
  private long leadership;

  /**
   * @param waitersMax callers that may wait for the window at once
   */
  public TimestampService(
      TimestampWindow window,
      StateLog log,
      EventLoop loop,
      TimeSource time,
      int waitersMax,
      TimestampMeters meters) {
    this.oracle = new TimestampOracle(window);
    this.window = window;
    this.log = log;
    this.loop = loop;
    this.time = time;
    this.waitersMax = waitersMax;
    this.meters = meters;
  }

  /**
   * Begins a leadership.
   *
   * @param foundLimit the limit in the replicated state
   */
  public void lead(long foundLimit) {
    loop.requireInLoop();
    leadership++;
    save(oracle.lead(foundLimit, time.wallMillis()));
    scheduleTick();
  }

  /** Ends the leadership: callers that wait are told so. */
  public void resign() {
    loop.requireInLoop();
    leadership++;
    oracle.resign();
    timer.cancel();
    while (!waiting.isEmpty()) {
      waiting.pollFirst().last().completeExceptionally(new NotLeaderException("leadership ended"));
    }
  }

  /** Whether a leadership has begun and not ended. */
  public boolean serving() {
    return oracle.serving();
  }

  /**
   * Timestamps whose logical parts follow one another.
   *
   * @return the last of {@code count}. While the lease has run out but leadership has not ended,
   *     callers wait for either to change; fails with {@link NotLeaderException} when this member
   *     does not lead
   */
  public CompletableFuture<Long> next(int count) {
    loop.requireInLoop();
    meters.onRequest();
    if (!oracle.serving()) {
      return CompletableFuture.failedFuture(new NotLeaderException("this member does not lead"));
    }
    if (waiting.isEmpty() && log.leads()) {
      OptionalLong last = oracle.allocate(count);
      if (last.isPresent()) {
        meters.onGiven(count);
        return CompletableFuture.completedFuture(last.getAsLong());
      }
    }
    if (waiting.size() >= waitersMax) {
      return CompletableFuture.failedFuture(
          new NotLeaderException(waiting.size() + " callers wait for timestamps already"));
    }
    Waiter waiter = new Waiter(count, new CompletableFuture<>(), time.nanos());
    waiting.add(waiter);
    return waiter.last();
  }

  private void scheduleTick() {
    timer =
        loop.schedule(
            window.tick(),
            () -> {
              oracle.tick(time.wallMillis()).ifPresent(this::save);
              serve();
              scheduleTick();
            });
  }

  private void save(long limit) {
    long asked = leadership;
    log.propose(new PdCommand.ExtendTimestampWindow(limit))
        .whenComplete(
            // As a task of its own: what fails in a callback of a future would go unnoticed.
            (result, failure) -> loop.execute(() -> saved(asked, result)));
  }

  private void saved(long asked, PdResult result) {
    if (asked != leadership) {
      return;
    }
    if (result instanceof PdResult.TimestampLimit now) {
      meters.onSaved();
      oracle.saved(now.limit());
      serve();
    } else {
      oracle.saveFailed();
    }
  }

  private void serve() {
    while (!waiting.isEmpty() && log.leads()) {
      OptionalLong last = oracle.allocate(waiting.peekFirst().count());
      if (last.isEmpty()) {
        return;
      }
      Waiter served = waiting.pollFirst();
      meters.onGiven(served.count());
      meters.onWaited(time.nanos() - served.sinceNanos());
      served.last().complete(last.getAsLong());
    }
  }
}
