package io.arrowraft.client.region;

import io.arrowraft.client.retry.OperationTrail;
import io.arrowraft.runtime.TimeSource;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs where the time of slow operations went. When many are slow at once, only some are written,
 * and the next line says how many were left out. Confined to the client's loop.
 */
final class SlowOperations {
  private static final Logger LOG = LoggerFactory.getLogger(SlowOperations.class);
  private static final int LINES_PER_SECOND_MAX = 10;

  private final Duration threshold;
  private final TimeSource time;
  private final Counter slow;
  private long secondBegunNanos;
  private int linesInSecond;
  private long leftOut;

  SlowOperations(Duration threshold, TimeSource time, MeterRegistry meters) {
    this.threshold = threshold;
    this.time = time;
    this.slow =
        Counter.builder("arrowraft_client_slow_operations_total")
            .description("Operations that took longer than the threshold of the slow log")
            .register(meters);
  }

  /**
   * @param failure null if it succeeded
   */
  void ended(long begunNanos, OperationTrail trail, Throwable failure) {
    long took = time.nanos() - begunNanos;
    if (took < threshold.toNanos()) {
      return;
    }
    slow.increment();
    if (!mayWrite()) {
      leftOut++;
      return;
    }
    LOG.atWarn()
        .addKeyValue("took_ms", took / 1_000_000)
        .addKeyValue("outcome", failure == null ? "ok" : failure.getClass().getSimpleName())
        .addKeyValue("requests", trail.requests())
        .addKeyValue("slowest", trail.slowest())
        .addKeyValue("waits", trail.waits())
        .addKeyValue("waited_ms", trail.waited().toMillis())
        .addKeyValue("left_out", leftOut)
        .log("slow operation");
    leftOut = 0;
  }

  private boolean mayWrite() {
    long now = time.nanos();
    if (now - secondBegunNanos >= 1_000_000_000L) {
      secondBegunNanos = now;
      linesInSecond = 0;
    }
    linesInSecond++;
    return linesInSecond <= LINES_PER_SECOND_MAX;
  }
}
