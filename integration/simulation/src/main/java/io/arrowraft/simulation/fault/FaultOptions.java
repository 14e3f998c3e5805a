package io.arrowraft.simulation.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Which faults a run has.
 *
 * @param kinds in the order of the enumeration
 * @param intervalMax the longest time between the beginnings of two faults
 * @param downMax how long a machine stays down, at most
 * @param pauseMax how long a machine stops running, at most
 * @param cutMax how long a link stays cut, at most
 */
public record FaultOptions(
    List<FaultKind> kinds,
    Duration intervalMax,
    Duration downMax,
    Duration pauseMax,
    Duration cutMax) {
  public FaultOptions {
    kinds = List.copyOf(kinds);
  }

  private static final int CONCENTRATED_KINDS = 4;

  /** Nothing goes wrong. */
  public static FaultOptions none() {
    return of(List.of());
  }

  /** The kinds given, at a middling rate. */
  public static FaultOptions of(List<FaultKind> kinds) {
    return new FaultOptions(
        kinds,
        Duration.ofSeconds(4),
        Duration.ofSeconds(4),
        Duration.ofSeconds(3),
        Duration.ofSeconds(4));
  }

  /**
   * What a seed draws: few of the kinds or many, at a rate of its own; or a few kinds only, one
   * fault close upon the other.
   */
  public static FaultOptions drawn(RandomGenerator random) {
    boolean concentrated = random.nextInt(100) < 40;
    List<FaultKind> kinds = new ArrayList<>();
    if (concentrated) {
      for (int i = 0; i < CONCENTRATED_KINDS; i++) {
        FaultKind kind = FaultKind.values()[random.nextInt(FaultKind.values().length)];
        if (!kinds.contains(kind)) {
          kinds.add(kind);
        }
      }
      return new FaultOptions(
          kinds,
          between(random, 150, 1_500),
          between(random, 100, 3_000),
          between(random, 300, 3_000),
          between(random, 300, 4_000));
    }
    int percent = random.nextInt(10, 70);
    for (FaultKind kind : FaultKind.values()) {
      if (random.nextInt(100) < percent) {
        kinds.add(kind);
      }
    }
    if (kinds.isEmpty()) {
      kinds.add(FaultKind.CRASH_STORE);
    }
    return new FaultOptions(
        kinds,
        between(random, 600, 4_000),
        between(random, 500, 6_000),
        between(random, 300, 6_000),
        between(random, 500, 6_000));
  }

  /** About how long it takes until so many faults have happened. */
  public Duration expected(int count) {
    return intervalMax.multipliedBy(count).dividedBy(2);
  }

  private static Duration between(RandomGenerator random, int low, int high) {
    return Duration.ofMillis(random.nextInt(low, high));
  }
}
