package io.arrowraft.runtime;

import java.util.random.RandomGenerator;

/**
 * Hands each component a generator of its own, since generators are not safe for use by several
 * threads.
 */
@FunctionalInterface
public interface RandomSource {
  /**
   * A new generator for one component.
   *
   * @param component a stable name; in the simulator the seed and this name fix the sequence
   */
  RandomGenerator generator(String component);
}
