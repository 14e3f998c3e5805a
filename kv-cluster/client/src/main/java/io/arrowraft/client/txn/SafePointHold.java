package io.arrowraft.client.txn;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.TransactionAbortedException;
import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.Timer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the versions that reads at a timestamp need from being collected, as long as it is open and
 * the placement driver is reached: for reads that take longer than versions live. If its process
 * dies, the claim expires by itself.
 */
public final class SafePointHold implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SafePointHold.class);
  private static final int RENEWALS_PER_LIFE = 3;

  private final PdClient pd;
  private final EventLoop loop;
  private final String service;
  private final Timestamp at;
  private final Duration timeToLive;
  private volatile boolean lost;

  // Of the loop.
  private Timer next = () -> {};
  private Timer last = () -> {};
  private boolean closed;

  private SafePointHold(
      PdClient pd, EventLoop loop, String service, Timestamp at, Duration timeToLive) {
    this.pd = pd;
    this.loop = loop;
    this.service = service;
    this.at = at;
    this.timeToLive = timeToLive;
  }

  /**
   * Takes a hold.
   *
   * @param loop on which it is renewed
   * @param service names the claim; one of the same name takes its place
   * @param timeToLive of the claim, if it is not renewed; at least some seconds
   * @param atMost when it is let go of if nobody closes it
   * @return fails with {@link ErrorCode#TIMESTAMP_TOO_OLD} if garbage collection has begun to pass
   *     the timestamp
   */
  public static CompletableFuture<SafePointHold> take(
      PdClient pd,
      EventLoop loop,
      String service,
      Timestamp at,
      Duration timeToLive,
      Duration atMost) {
    if (timeToLive.compareTo(Duration.ofSeconds(RENEWALS_PER_LIFE)) < 0) {
      throw new IllegalArgumentException(
          "a claim must live for " + RENEWALS_PER_LIFE + " s at least, not " + timeToLive);
    }
    SafePointHold hold = new SafePointHold(pd, loop, service, at, timeToLive);
    return pd.holdSafePoint(service, timeToLive, at)
        .thenApply(
            lowest -> {
              if (lowest.safePoint().compareTo(at) > 0) {
                throw new TransactionAbortedException(
                    ErrorCode.TIMESTAMP_TOO_OLD,
                    "versions at "
                        + Long.toUnsignedString(at.value())
                        + " cannot be held for "
                        + service
                        + ": "
                        + lowest.service()
                        + " has claimed up to "
                        + Long.toUnsignedString(lowest.safePoint().value()));
              }
              loop.execute(() -> hold.begin(atMost));
              return hold;
            });
  }

  /** The timestamp that may be read at. */
  public Timestamp timestamp() {
    return at;
  }

  /** Whether garbage collection may have passed, because the claim was not renewed. */
  public boolean isLost() {
    return lost;
  }

  private void begin(Duration atMost) {
    if (!closed) {
      last = loop.schedule(atMost, () -> expire(atMost));
      schedule();
    }
  }

  private void expire(Duration atMost) {
    if (!closed) {
      LOG.warn(
          "a claim on old versions was held for too long: service={}, for={}", service, atMost);
      lost = true;
      close();
    }
  }

  private void schedule() {
    if (!closed) {
      next = loop.schedule(timeToLive.dividedBy(RENEWALS_PER_LIFE), this::renew);
    }
  }

  private void renew() {
    if (closed) {
      return;
    }
    pd.holdSafePoint(service, timeToLive, at)
        .whenComplete(
            (lowest, failure) -> {
              if (failure != null) {
                LOG.warn("a claim on old versions was not renewed: service={}", service, failure);
              } else {
                lost |= lowest.safePoint().compareTo(at) > 0;
              }
              loop.execute(this::schedule);
            });
  }

  /** Lets go. */
  @Override
  public void close() {
    loop.execute(
        () -> {
          if (closed) {
            return;
          }
          closed = true;
          next.cancel();
          last.cancel();
          pd.holdSafePoint(service, Duration.ZERO, at)
              .whenComplete(
                  (lowest, failure) -> {
                    if (failure != null) {
                      LOG.debug("a claim is left to expire: service={}", service, failure);
                    }
                  });
        });
  }
}
