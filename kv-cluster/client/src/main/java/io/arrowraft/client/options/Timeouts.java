package io.arrowraft.client.options;

import java.time.Duration;

/**
 * How long things may take.
 *
 * @param request one attempt of one request; then another replica is tried
 * @param operation a whole call of the user with all its retries
 * @param close how long closing waits for commits that go on in the background
 * @param slow from how long on an operation is written to the log, with what it did in that time
 */
public record Timeouts(Duration request, Duration operation, Duration close, Duration slow) {
  public Timeouts {
    Checks.positive("request", request);
    Checks.positive("operation", operation);
    Checks.positive("close", close);
    Checks.positive("slow", slow);
    Checks.ordered("request", request, "operation", operation);
  }

  /** 5 s, 20 s, 10 s, 1 s. */
  public static Timeouts defaults() {
    return new Timeouts(
        Duration.ofSeconds(5),
        Duration.ofSeconds(20),
        Duration.ofSeconds(10),
        Duration.ofSeconds(1));
  }
}
