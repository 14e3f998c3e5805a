package io.arrowraft.server.ingest;

import io.arrowraft.runtime.TimeSource;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Whether the store is in import mode, in which the engine may fall behind. It ends by itself,
 * since whoever asked for it may be gone. Safe for use by any thread.
 */
final class ImportMode {
  private final TimeSource time;
  private final Duration lasts;
  private final Consumer<Boolean> listener;
  private boolean importing;
  private long endNanos;

  /**
   * @param lasts how long the mode lasts after it was asked for last
   * @param listener told of changes
   */
  ImportMode(TimeSource time, Duration lasts, Consumer<Boolean> listener) {
    this.time = time;
    this.lasts = lasts;
    this.listener = listener;
  }

  synchronized void set(boolean on) {
    endNanos = time.nanos() + lasts.toNanos();
    change(on);
  }

  /** Ends the mode if its time is over. */
  synchronized void sweep() {
    if (importing && time.nanos() - endNanos >= 0) {
      change(false);
    }
  }

  synchronized boolean isImporting() {
    sweep();
    return importing;
  }

  private void change(boolean on) {
    if (importing != on) {
      importing = on;
      listener.accept(on);
    }
  }
}
