package io.arrowraft.runtime.threads;

import io.arrowraft.runtime.RandomSource;
import java.security.SecureRandom;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Generators seeded by the operating system. */
public final class SystemRandom implements RandomSource {
  private final SecureRandom seeds = new SecureRandom();

  @Override
  public RandomGenerator generator(String component) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(seeds.nextLong());
  }
}
