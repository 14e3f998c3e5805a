package io.arrowraft.runtime;

/** A task that is to run later on an {@link EventLoop}. */
@FunctionalInterface
public interface Timer {
  /** Stops the task from running if it has not started. Idempotent; callable from any thread. */
  void cancel();
}
