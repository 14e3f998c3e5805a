package io.arrowraft.pd.state;

import io.arrowraft.runtime.Async;
import java.util.ArrayDeque;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Hands out ids from ranges that are reserved in the replicated state first. What is left of a
 * range when leadership is lost is never used.
 */
public final class IdPool {
  private static final int RESERVE = 1000;
  private static final int REFILL_BELOW = 200;

  private record Waiter(int count, CompletableFuture<Long> lastId) {}

  private final StateLog log;
  private final int waitersMax;
  private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();
  private long next = 1;
  private long last;
  private boolean reserving;

  /**
   * @param waitersMax callers that may wait for a reservation at once
   */
  public IdPool(StateLog log, int waitersMax) {
    this.log = log;
    this.waitersMax = waitersMax;
  }

  /** Forgets the range at hand: a leadership begins or ends. */
  public void reset() {
    next = 1;
    last = 0;
  }

  /** Reserves ids, so that some will be at hand. */
  public void prepare() {
    refill(1);
  }

  /** One id, if one is at hand. */
  public OptionalLong tryNext() {
    refill(1);
    return next <= last ? OptionalLong.of(next++) : OptionalLong.empty();
  }

  /**
   * Ids that follow one another.
   *
   * @return the last of {@code count} ids; fails with {@link NotLeaderException}, also when too
   *     many wait already
   */
  public CompletableFuture<Long> next(int count) {
    if (waiting.size() >= waitersMax) {
      return CompletableFuture.failedFuture(
          new NotLeaderException(waiting.size() + " callers wait for ids already"));
    }
    Waiter waiter = new Waiter(count, new CompletableFuture<>());
    waiting.add(waiter);
    serve();
    return waiter.lastId();
  }

  private void serve() {
    while (!waiting.isEmpty() && last - next + 1 >= waiting.peekFirst().count()) {
      Waiter waiter = waiting.pollFirst();
      next += waiter.count();
      waiter.lastId().complete(next - 1);
    }
    refill(waiting.isEmpty() ? 0 : waiting.peekFirst().count());
  }

  private void refill(int needed) {
    if (reserving || (last - next + 1 >= REFILL_BELOW && last - next + 1 >= needed)) {
      return;
    }
    reserving = true;
    log.propose(new PdCommand.ReserveIds(Math.max(RESERVE, needed)))
        .whenComplete(
            (result, failure) -> {
              reserving = false;
              if (failure != null) {
                while (!waiting.isEmpty()) {
                  waiting.pollFirst().lastId().completeExceptionally(Async.cause(failure));
                }
              } else if (result instanceof PdResult.IdRange range) {
                extend(range);
                serve();
              }
            });
  }

  private void extend(PdResult.IdRange range) {
    if (range.first() == last + 1 && next <= last) {
      last = range.last();
    } else {
      // Ids of one request follow one another, so what is left of an older range is given up.
      next = range.first();
      last = range.last();
    }
  }
}
