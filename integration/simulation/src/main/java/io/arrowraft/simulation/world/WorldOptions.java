package io.arrowraft.simulation.world;

import java.time.Duration;

/**
 * How a world behaves beside the faults that a scenario adds.
 *
 * @param taskDelayMax the longest a loop or pool takes to get to a task
 * @param messageDelayMin the shortest way of a message
 * @param messageDelayMax the longest way of an undisturbed message
 * @param messageLoss probability that a unary message is lost, or that a message breaks its stream
 * @param diskDelayMax the longest that a sync of a disk takes while nothing is wrong with it
 * @param messageDuplicate probability that a unary request or a message between replicas arrives a
 *     second time, later
 * @param messageStray probability that a message takes up to twenty times the longest way, which
 *     reorders calls
 */
public record WorldOptions(
    Duration taskDelayMax,
    Duration messageDelayMin,
    Duration messageDelayMax,
    double messageLoss,
    double messageStray,
    double messageDuplicate,
    Duration diskDelayMax) {
  public WorldOptions {
    if (messageDelayMin.compareTo(messageDelayMax) > 0) {
      throw new IllegalArgumentException(
          "messageDelayMin " + messageDelayMin + " exceeds messageDelayMax " + messageDelayMax);
    }
  }

  /** A quick network that loses nothing. */
  public static WorldOptions calm() {
    return new WorldOptions(
        Duration.ofNanos(20_000),
        Duration.ofNanos(50_000),
        Duration.ofMillis(1),
        0,
        0,
        0,
        Duration.ZERO);
  }

  /** A network that loses and reorders. */
  public static WorldOptions rough() {
    return new WorldOptions(
        Duration.ofNanos(200_000),
        Duration.ofNanos(50_000),
        Duration.ofMillis(8),
        0.002,
        0.02,
        0.01,
        Duration.ofMillis(4));
  }
}
