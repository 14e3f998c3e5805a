package io.arrowraft.simulation.check;

/**
 * A promise that a history breaks.
 *
 * @param checker which judge says so
 * @param text what was seen and what would have been right
 */
public record Violation(String checker, String text) {
  @Override
  public String toString() {
    return checker + ": " + text;
  }
}
