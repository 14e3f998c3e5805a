package io.arrowraft.runtime;

import java.util.concurrent.Executor;

/** Threads for work that may take long or touch the disk. Tasks run in any order. */
public interface WorkerPool extends Executor {
  String name();

  /**
   * Queues a task.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the queue is full or the pool is
   *     closed; callers turn this into their "busy" result
   */
  @Override
  void execute(Runnable task);
}
