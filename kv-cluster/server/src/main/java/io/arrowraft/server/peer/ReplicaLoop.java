package io.arrowraft.server.peer;

import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.Timer;
import io.arrowraft.storage.engine.CorruptDataException;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * One replica's view of a loop that many share: damage that a task of this replica meets is the end
 * of the replica and not of the loop (correctness rule 55). Damage that is nobody's in particular
 * stops the node as ever.
 */
final class ReplicaLoop implements EventLoop {
  private final EventLoop shared;
  private final Consumer<CorruptDataException> onDamage;

  /**
   * @param onDamage runs on the loop in the place of what is left of the task, and leaves the
   *     replica with nothing that the rest of the task would have had to do
   */
  ReplicaLoop(EventLoop shared, Consumer<CorruptDataException> onDamage) {
    this.shared = shared;
    this.onDamage = onDamage;
  }

  /** Runs a task of the replica at once. On the loop. */
  void guard(Runnable task) {
    try {
      task.run();
    } catch (CorruptDataException met) {
      if (!DamagedReplicas.isOfOneReplica(met)) {
        throw met;
      }
      onDamage.accept(met);
    }
  }

  @Override
  public String name() {
    return shared.name();
  }

  @Override
  public void execute(Runnable task) {
    shared.execute(() -> guard(task));
  }

  @Override
  public void executeLazily(Runnable task) {
    shared.executeLazily(() -> guard(task));
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    return shared.schedule(delay, () -> guard(task));
  }

  @Override
  public boolean inLoop() {
    return shared.inLoop();
  }
}
