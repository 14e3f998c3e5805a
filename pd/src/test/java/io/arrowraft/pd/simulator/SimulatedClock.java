package io.arrowraft.pd.simulator;

import io.arrowraft.runtime.TimeSource;

/** Time that passes when the simulation says so. */
final class SimulatedClock implements TimeSource {
  private long nanos;

  void set(long atNanos) {
    nanos = atNanos;
  }

  @Override
  public long nanos() {
    return nanos;
  }

  @Override
  public long wallMillis() {
    return 1_700_000_000_000L + nanos / 1_000_000;
  }
}
