package io.arrowraft.server.peer;

import io.arrowraft.runtime.EventLoop;
import java.util.ArrayDeque;

/**
 * The work of one replica on its apply loop, in order. It can be held up while something happens
 * elsewhere, without holding up the other replicas of the loop. Raft bounds what it hands over, so
 * what waits here is bounded too.
 */
final class ApplyQueue {
  private final EventLoop loop;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private boolean held;
  private boolean closed;

  ApplyQueue(EventLoop loop) {
    this.loop = loop;
  }

  /** Queues a task. Any thread. */
  void submit(Runnable task) {
    loop.execute(
        () -> {
          if (!closed) {
            waiting.addLast(task);
            drain();
          }
        });
  }

  /** Within a task: this one comes before all that waits. */
  void next(Runnable task) {
    loop.requireInLoop();
    waiting.addFirst(task);
  }

  /** Within a task: nothing else happens until {@link #resume}. */
  void hold() {
    loop.requireInLoop();
    held = true;
  }

  /** Goes on after a {@link #hold}, with this task. Any thread. */
  void resume(Runnable task) {
    resume(task, () -> {});
  }

  /** The same, with what is to be done in the place of the task if nothing is done any more. */
  void resume(Runnable task, Runnable ifClosed) {
    loop.execute(
        () -> {
          if (closed) {
            ifClosed.run();
          } else {
            held = false;
            waiting.addFirst(task);
            drain();
          }
        });
  }

  /** Drops what waits and takes nothing any more. On the loop. */
  void close() {
    loop.requireInLoop();
    closed = true;
    waiting.clear();
  }

  private void drain() {
    while (!held && !waiting.isEmpty()) {
      waiting.removeFirst().run();
    }
  }
}
