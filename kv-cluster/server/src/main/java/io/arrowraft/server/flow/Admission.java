package io.arrowraft.server.flow;

import java.time.Duration;

/** What becomes of a write that asks to be let in. */
public sealed interface Admission {
  /** Goes on at once. */
  record Now() implements Admission {}

  /** Goes on when its turn comes. */
  record Later(Duration delay) implements Admission {}

  /** Is refused as "server is busy". */
  record Busy(String reason, Duration backoff) implements Admission {}

  /** Is refused because the disk is nearly full. */
  record NoSpace(String reason) implements Admission {}

  Admission NOW = new Now();
}
