package io.arrowraft.server.store;

import io.arrowraft.pd.client.PdException;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks again while no placement driver answers. A store that belongs to a cluster comes back at the
 * same time as everybody else after a power failure, and must not give up because it is the first.
 * One that has never run does give up: its address may be wrong, and somebody is looking.
 */
final class PlacementPatience {
  /** For what needs the placement driver, each by itself. */
  static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final Logger LOG = LoggerFactory.getLogger(PlacementPatience.class);
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final EventLoop loop;
  private final TimeSource time;
  private final BooleanSupplier hasRun;

  /**
   * @param hasRun whether the store has been part of a cluster; asked where the questions end
   */
  PlacementPatience(EventLoop loop, TimeSource time, BooleanSupplier hasRun) {
    this.loop = loop;
    this.time = time;
    this.hasRun = hasRun;
  }

  /**
   * @param question may be asked several times, at first here and then on the loop
   */
  <T> CompletableFuture<T> ask(Supplier<CompletableFuture<T>> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    ask(question, Deadline.after(PATIENCE, time), answer);
    return answer;
  }

  private <T> void ask(
      Supplier<CompletableFuture<T>> question, Deadline deadline, CompletableFuture<T> answer) {
    question
        .get()
        .whenComplete(
            (value, failure) -> {
              if (failure != null && isWorthWaiting(failure, deadline)) {
                LOG.atWarn()
                    .addKeyValue("patience", deadline.remaining(time))
                    .addKeyValue("reason", Async.cause(failure).getMessage())
                    .log("the start waits for a placement driver");
                loop.schedule(PAUSE, () -> ask(question, deadline, answer));
              } else {
                Async.settle(answer, value, failure);
              }
            });
  }

  private boolean isWorthWaiting(Throwable failure, Deadline deadline) {
    return Async.cause(failure) instanceof PdException refusal
        && (refusal.code() == PdException.Code.UNREACHABLE
            || refusal.code() == PdException.Code.TIMEOUT)
        && !deadline.isExpired(time)
        && hasRun.getAsBoolean();
  }
}
