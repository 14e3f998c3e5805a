package io.arrowraft.runtime;

/**
 * Makes the loops and pools of one node; whoever made the factory closes them all by closing it.
 */
public interface LoopFactory {
  /** A new event loop, already running. */
  EventLoop newLoop(String name);

  /**
   * A new worker pool, already running.
   *
   * @param threads how many tasks run at a time
   * @param queueMax how many tasks may wait
   */
  WorkerPool newPool(String name, int threads, int queueMax);
}
