package io.arrowraft.client.region;

import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A circuit breaker for each store. A store that has left {@value #FAILURES_MAX} requests in a row
 * without an answer is asked nothing for a while, so that the many requests that still believe in
 * it try another replica at once instead of each waiting for its own time-out. After the pause one
 * request probes; if that fails too, the next pause is twice as long. Confined to the client's
 * loop.
 */
final class StoreBreakers {
  static final int FAILURES_MAX = 8;
  private static final Duration PAUSE_FIRST = Duration.ofMillis(250);
  private static final Duration PAUSE_LONGEST = Duration.ofSeconds(2);

  /** Of all stores there ever were, as many as a cluster may have at a time. */
  private static final int STORES_MAX = 4096;

  private static final class Breaker {
    private int failures;
    private Duration pause = PAUSE_FIRST;
    private long openUntilNanos;
    private boolean open;
    private boolean probing;
  }

  private final TimeSource time;
  private final Counter opened;
  private final Counter spared;
  private final Map<String, Breaker> breakers =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Breaker> eldest) {
          return size() > STORES_MAX;
        }
      };

  StoreBreakers(TimeSource time, MeterRegistry meters) {
    this.time = time;
    this.opened =
        Counter.builder("arrowraft_client_breaker_opened_total")
            .description("Times that a store was given a pause because it did not answer")
            .register(meters);
    this.spared =
        Counter.builder("arrowraft_client_breaker_spared_total")
            .description("Requests that were not sent to a store that does not answer")
            .register(meters);
  }

  /**
   * Why nothing is to be sent to a store now; empty if the request may go, whose end is then to be
   * reported by {@link #ended}.
   */
  Optional<RpcException> refusal(String address) {
    Breaker breaker = breakers.get(address);
    if (breaker == null || !breaker.open) {
      return Optional.empty();
    }
    long left = breaker.openUntilNanos - time.nanos();
    if (left <= 0 && !breaker.probing) {
      breaker.probing = true;
      return Optional.empty();
    }
    spared.increment();
    return Optional.of(
        RpcException.unreached(
            "the store at "
                + address
                + " has not answered its last "
                + breaker.failures
                + " requests; it is asked again in "
                + Math.max(0, left / 1_000_000)
                + " ms",
            null));
  }

  /**
   * A request that was let through has ended.
   *
   * @param failure null if it was answered
   * @param hadTime whether its time-out was long enough to tell silence from haste
   */
  void ended(String address, Throwable failure, boolean hadTime) {
    if (isSilence(failure, hadTime)) {
      silent(address);
    } else if (saysNothing(failure)) {
      Breaker breaker = breakers.get(address);
      if (breaker != null) {
        breaker.probing = false;
      }
    } else {
      breakers.remove(address);
    }
  }

  private void silent(String address) {
    Breaker breaker = breakers.computeIfAbsent(address, none -> new Breaker());
    breaker.failures++;
    if (breaker.open && breaker.probing) {
      breaker.probing = false;
      breaker.pause = min(breaker.pause.multipliedBy(2), PAUSE_LONGEST);
      breaker.openUntilNanos = time.nanos() + breaker.pause.toNanos();
    } else if (!breaker.open && breaker.failures >= FAILURES_MAX) {
      breaker.open = true;
      breaker.openUntilNanos = time.nanos() + breaker.pause.toNanos();
      opened.increment();
    }
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static boolean isSilence(Throwable failure, boolean hadTime) {
    return failure instanceof RpcException rpc
        && (rpc.status() == RpcStatus.UNAVAILABLE
            || (rpc.status() == RpcStatus.DEADLINE_EXCEEDED && hadTime));
  }

  /** Whether the end of a request tells nothing about the store: it was cut short on this side. */
  private static boolean saysNothing(Throwable failure) {
    return failure != null
        && (!(failure instanceof RpcException rpc)
            || rpc.isNotSent()
            || rpc.status() == RpcStatus.DEADLINE_EXCEEDED
            || rpc.status() == RpcStatus.CANCELLED);
  }
}
