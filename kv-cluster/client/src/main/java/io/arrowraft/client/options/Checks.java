package io.arrowraft.client.options;

import java.time.Duration;

/** Checks of option values that name the option. */
final class Checks {
  private Checks() {}

  static void positive(String name, Duration value) {
    if (value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException(name + " must be longer than zero but is " + value);
    }
  }

  static void positive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1 but is " + value);
    }
  }

  static void ordered(String lowName, Duration low, String highName, Duration high) {
    if (low.compareTo(high) > 0) {
      throw new IllegalArgumentException(
          lowName + " (" + low + ") must not be longer than " + highName + " (" + high + ")");
    }
  }
}
