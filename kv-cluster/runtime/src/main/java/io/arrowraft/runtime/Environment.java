package io.arrowraft.runtime;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Objects;

/**
 * What every node is given from outside.
 *
 * @param time clocks
 * @param random generators
 * @param loops event loops and worker pools
 * @param faults where a node reports that it must stop
 * @param meters metrics registry of this node
 */
public record Environment(
    TimeSource time,
    RandomSource random,
    LoopFactory loops,
    FaultHandler faults,
    MeterRegistry meters) {
  public Environment {
    Objects.requireNonNull(time, "time");
    Objects.requireNonNull(random, "random");
    Objects.requireNonNull(loops, "loops");
    Objects.requireNonNull(faults, "faults");
    Objects.requireNonNull(meters, "meters");
  }
}
