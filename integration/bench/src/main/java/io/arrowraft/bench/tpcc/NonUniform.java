package io.arrowraft.bench.tpcc;

import java.util.SplittableRandom;

/** The skewed random numbers of clause 2.1.6. */
final class NonUniform {
  private static final int C = 123;

  private NonUniform() {}

  private static int random(SplittableRandom random, int a, int count) {
    return ((random.nextInt(a + 1) | random.nextInt(count)) + C) % count;
  }

  /** 1 to {@code customers}. */
  static int customer(SplittableRandom random, int customers) {
    return 1 + random(random, 1023, customers);
  }

  /** 1 to {@code items}. */
  static int item(SplittableRandom random, int items) {
    return 1 + random(random, 8191, items);
  }

  /** 0 to 999, or less where there are fewer customers than names. */
  static int lastName(SplittableRandom random, int customers) {
    return random(random, 255, Math.min(1000, customers));
  }
}
