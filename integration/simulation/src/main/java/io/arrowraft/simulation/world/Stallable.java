package io.arrowraft.simulation.world;

/** A loop or pool that can be held up without the rest of its node. */
interface Stallable {
  String name();

  /** No task begins before {@code nanos} of the world's time. */
  void stallUntil(long nanos);
}
