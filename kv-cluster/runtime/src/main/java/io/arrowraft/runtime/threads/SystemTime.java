package io.arrowraft.runtime.threads;

import io.arrowraft.runtime.TimeSource;

/** The clocks of this machine. */
public enum SystemTime implements TimeSource {
  INSTANCE;

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public long wallMillis() {
    return System.currentTimeMillis();
  }
}
