package io.arrowraft.server.service;

import io.arrowraft.server.coprocessor.CoprocessorConfig;
import io.arrowraft.server.lockwait.LockWaitLimits;
import io.arrowraft.server.txn.SchedulerLimits;
import java.time.Duration;
import java.util.Objects;

/**
 * Bounds of what a store serves to clients.
 *
 * @param keyBytesMax longest key, plain
 * @param responseBytesMax most bytes of keys and values in one response
 * @param requestTimeoutDefault for calls that come without a deadline
 * @param readThreads workers for reads
 * @param readQueueMax reads that may wait for a worker
 * @param writeThreads workers on which write commands look at their snapshots
 * @param scheduler bounds of pending writes
 * @param lockWaits bounds of waiting for locks
 * @param coprocessor bounds of the coprocessor
 * @param slowRequest requests that take longer are logged
 */
public record ServiceConfig(
    int keyBytesMax,
    long responseBytesMax,
    Duration requestTimeoutDefault,
    int readThreads,
    int readQueueMax,
    int writeThreads,
    SchedulerLimits scheduler,
    LockWaitLimits lockWaits,
    CoprocessorConfig coprocessor,
    Duration slowRequest) {
  public ServiceConfig {
    Objects.requireNonNull(requestTimeoutDefault, "requestTimeoutDefault");
    Objects.requireNonNull(scheduler, "scheduler");
    Objects.requireNonNull(lockWaits, "lockWaits");
    Objects.requireNonNull(coprocessor, "coprocessor");
    if (slowRequest.isNegative() || slowRequest.isZero()) {
      throw new IllegalArgumentException("slowRequest must be positive: " + slowRequest);
    }
    if (keyBytesMax < 1 || responseBytesMax < 1 || readQueueMax < 1) {
      throw new IllegalArgumentException(
          "limits must be positive: keyBytesMax="
              + keyBytesMax
              + ", responseBytesMax="
              + responseBytesMax
              + ", readQueueMax="
              + readQueueMax);
    }
    if (readThreads < 1 || writeThreads < 1) {
      throw new IllegalArgumentException(
          "pools need threads: readThreads=" + readThreads + ", writeThreads=" + writeThreads);
    }
    if (requestTimeoutDefault.isNegative() || requestTimeoutDefault.isZero()) {
      throw new IllegalArgumentException(
          "requestTimeoutDefault must be positive: " + requestTimeoutDefault);
    }
  }

  /** With the usual threshold of the log of slow requests, 1 s. */
  public ServiceConfig(
      int keyBytesMax,
      long responseBytesMax,
      Duration requestTimeoutDefault,
      int readThreads,
      int readQueueMax,
      int writeThreads,
      SchedulerLimits scheduler,
      LockWaitLimits lockWaits,
      CoprocessorConfig coprocessor) {
    this(
        keyBytesMax,
        responseBytesMax,
        requestTimeoutDefault,
        readThreads,
        readQueueMax,
        writeThreads,
        scheduler,
        lockWaits,
        coprocessor,
        Duration.ofSeconds(1));
  }

  /** The same with another threshold of the log of slow requests. */
  public ServiceConfig withSlowRequest(Duration threshold) {
    return new ServiceConfig(
        keyBytesMax,
        responseBytesMax,
        requestTimeoutDefault,
        readThreads,
        readQueueMax,
        writeThreads,
        scheduler,
        lockWaits,
        coprocessor,
        threshold);
  }

  public static ServiceConfig defaults() {
    return new ServiceConfig(
        8 << 10,
        60L << 20,
        Duration.ofSeconds(60),
        4,
        10_000,
        2,
        SchedulerLimits.defaults(),
        LockWaitLimits.defaults(),
        CoprocessorConfig.defaults());
  }
}
