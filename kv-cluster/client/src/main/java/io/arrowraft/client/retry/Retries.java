package io.arrowraft.client.retry;

import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Makes the {@link Backoff} of each operation. */
public final class Retries {
  private final EventLoop loop;
  private final TimeSource time;
  private final RandomGenerator random;
  private final Map<BackoffKind, Counter> waits = new EnumMap<>(BackoffKind.class);

  public Retries(Environment environment, EventLoop loop) {
    this.loop = loop;
    this.time = environment.time();
    this.random = environment.random().generator("client-backoff");
    for (BackoffKind kind : BackoffKind.values()) {
      waits.put(
          kind,
          Counter.builder("arrowraft_client_backoffs_total")
              .tag("kind", kind.name().toLowerCase(Locale.ROOT))
              .register(environment.meters()));
    }
  }

  /** The back-off of an operation that may take {@code timeout}. */
  public Backoff within(Duration timeout) {
    return new Backoff(this, Deadline.after(timeout, time));
  }

  EventLoop loop() {
    return loop;
  }

  TimeSource time() {
    return time;
  }

  /** Between half of {@code ceiling} and all of it, so that callers do not return in step. */
  Duration jittered(Duration ceiling) {
    long half = ceiling.toNanos() / 2;
    return Duration.ofNanos(half + random.nextLong(half + 1));
  }

  void count(BackoffKind kind) {
    waits.get(kind).increment();
  }
}
