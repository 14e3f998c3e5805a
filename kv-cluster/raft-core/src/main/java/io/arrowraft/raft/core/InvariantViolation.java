package io.arrowraft.raft.core;

/**
 * The node's state contradicts the protocol: nothing it does after this can be trusted, so it must
 * stop.
 */
public final class InvariantViolation extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InvariantViolation(String message) {
    super(message);
  }

  static void check(boolean holds, String message, long first, long second) {
    if (!holds) {
      throw new InvariantViolation(message + ": " + first + ", " + second);
    }
  }
}
