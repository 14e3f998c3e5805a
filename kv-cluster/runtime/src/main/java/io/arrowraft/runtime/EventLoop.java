package io.arrowraft.runtime;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * Runs tasks one at a time, in the order in which they came. A task that throws is reported to the
 * node's {@link FaultHandler}; the loop does not continue as if nothing had happened.
 *
 * <p>Its queue has no bound of its own: whoever feeds it from outside the node bounds what it
 * feeds, normally by a {@link Mailbox}.
 */
public interface EventLoop extends Executor {
  String name();

  /** Queues a task. Callable from any thread. After the loop has closed, the task is dropped. */
  @Override
  void execute(Runnable task);

  /**
   * Queues a task that is in no hurry, behind those that are queued already. A loop that has
   * nothing else to do need not be woken for it: the task may wait for the next task or timer,
   * though not without bound. Callable from any thread.
   */
  default void executeLazily(Runnable task) {
    execute(task);
  }

  /** Runs {@code task} on this loop once {@code delay} has passed. Callable from any thread. */
  Timer schedule(Duration delay, Runnable task);

  /** Whether the caller runs on this loop. */
  boolean inLoop();

  /** Runs {@code task} at once if the caller is on this loop, else queues it. */
  default void run(Runnable task) {
    if (inLoop()) {
      task.run();
    } else {
      execute(task);
    }
  }

  /**
   * @throws InvariantViolation if the caller does not run on this loop
   */
  default void requireInLoop() {
    Invariant.check(inLoop(), "called outside of the owning event loop", "loop", name());
  }
}
