package io.arrowraft.runtime;

/**
 * Checks that are always on. A violation means a bug or corrupt data: it reaches the fault handler
 * and stops the node.
 */
public final class Invariant {
  private Invariant() {}

  /**
   * @param holds what must be true
   * @param message static text
   * @param context name, value, name, value, ...
   */
  public static void check(boolean holds, String message, Object... context) {
    if (!holds) {
      throw new InvariantViolation(message, context);
    }
  }
}
