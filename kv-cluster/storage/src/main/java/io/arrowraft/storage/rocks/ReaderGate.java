package io.arrowraft.storage.rocks;

import io.arrowraft.storage.engine.EngineException;
import java.time.Duration;

/**
 * Counts the users of a native handle and releases it when the owner has closed the gate and the
 * last user has left. Entering a closed gate is refused, so a handle is never used after its
 * release.
 */
final class ReaderGate {
  private final String guarded;
  private final Runnable release;
  private long users;
  private boolean closed;
  private boolean released;

  ReaderGate(String guarded, Runnable release) {
    this.guarded = guarded;
    this.release = release;
  }

  /** Registers a user; every call is matched by one {@link #leave()}. */
  synchronized void enter() {
    if (closed) {
      throw new EngineException(EngineException.Kind.CLOSED, guarded + " is closed");
    }
    users++;
  }

  void leave() {
    boolean last;
    synchronized (this) {
      if (users <= 0) {
        throw new IllegalStateException("left " + guarded + " more often than entered");
      }
      users--;
      last = closed && users == 0;
    }
    if (last) {
      releaseOnce();
    }
  }

  /** Refuses new users; the handle is released now or when the last user leaves. Idempotent. */
  void close() {
    boolean last;
    synchronized (this) {
      closed = true;
      last = users == 0;
    }
    if (last) {
      releaseOnce();
    }
  }

  /**
   * Waits until the handle is released.
   *
   * @return how many users are still inside when the wait ends; 0 when the handle is released
   */
  synchronized long awaitReleased(Duration deadline) throws InterruptedException {
    long end = System.nanoTime() + deadline.toNanos();
    while (!released) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return Math.max(1, users);
      }
      wait(Math.max(1, left / 1_000_000));
    }
    return 0;
  }

  private void releaseOnce() {
    synchronized (this) {
      if (released) {
        return;
      }
      // Also when it fails half-way: what it has released must not be released again.
      released = true;
      try {
        release.run();
      } finally {
        notifyAll();
      }
    }
  }
}
