package io.arrowraft.simulation.cluster;

import io.arrowraft.simulation.world.SimulatedNode;
import java.util.Optional;

/** A machine of the cluster, with one process on it while it is up. */
public interface SimulatedMachine {
  SimulatedNode node();

  /** Starts the process, on what its disks hold. */
  void start();

  /**
   * Ends the process at once.
   *
   * @param losesPower whether what was not synced is lost in part
   */
  void crash(boolean losesPower);

  /**
   * Lets the process hand over what others wait for and stop by itself, and starts it again. One
   * that keeps nothing is left alone.
   */
  default void restartInOrder() {}

  /** The machine's disks; empty if it keeps nothing. */
  default Optional<Disks> disks() {
    return Optional.empty();
  }
}
