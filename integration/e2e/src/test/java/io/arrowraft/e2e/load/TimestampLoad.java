package io.arrowraft.e2e.load;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.pd.client.Timestamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Asks several clients for timestamps without a pause and in turns, so that each must be greater
 * than all that any of them has delivered before. On a thread of its own.
 */
public final class TimestampLoad implements AutoCloseable {
  private static final Duration STOP_BOUND = Duration.ofSeconds(60);

  /** How many in a row show that they come again. */
  private static final int FLOWING = 20;

  private final List<ArrowraftClient> clients;
  private final List<String> violations = new ArrayList<>();
  private final Thread thread = new Thread(this::run, "timestamps");
  private volatile boolean stopped;
  private long last;
  private int delivered;
  private int refused;
  private int seenStuck = -1;
  private long lastNanos;
  private long longestGapNanos;

  /**
   * @param clients stay their owner's
   */
  public TimestampLoad(List<ArrowraftClient> clients) {
    this.clients = List.copyOf(clients);
  }

  public TimestampLoad start() {
    lastNanos = System.nanoTime();
    thread.start();
    return this;
  }

  private void run() {
    for (int turn = 0; !stopped; turn++) {
      ArrowraftClient client = clients.get(turn % clients.size());
      try {
        onDelivered(client.await(client.timestamp()));
      } catch (ArrowraftException refusal) {
        onRefused();
      }
    }
  }

  private synchronized void onDelivered(Timestamp timestamp) {
    long value = timestamp.value();
    if (value <= last) {
      violations.add(timestamp + " came after " + last);
    }
    last = value;
    delivered++;
    long now = System.nanoTime();
    longestGapNanos = Math.max(longestGapNanos, now - lastNanos);
    lastNanos = now;
  }

  private synchronized void onRefused() {
    refused++;
  }

  /** A complaint unless enough have come since the first call of this. */
  public synchronized Optional<String> stuck() {
    if (seenStuck < 0) {
      seenStuck = delivered;
    }
    return delivered < seenStuck + FLOWING
        ? Optional.of(delivered - seenStuck + " timestamps came")
        : Optional.empty();
  }

  /** Timestamps that were not greater than one delivered before. */
  public synchronized List<String> violations() {
    return List.copyOf(violations);
  }

  public synchronized Duration longestGap() {
    return Duration.ofNanos(longestGapNanos);
  }

  public synchronized String describe() {
    return "%d timestamps, %d refusals, longest gap %s"
        .formatted(delivered, refused, Duration.ofNanos(longestGapNanos));
  }

  /** Idempotent. */
  @Override
  public void close() {
    stopped = true;
    try {
      thread.join(STOP_BOUND.toMillis());
      if (thread.isAlive()) {
        throw new IllegalStateException("the asking for timestamps does not come to its end");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }
}
