package io.arrowraft.raft;

import io.arrowraft.raft.core.RaftNode;
import io.arrowraft.runtime.TimeSource;
import java.util.function.Consumer;

/** When a group falls asleep, and how long it has slept. Owned by the group's loop. */
final class GroupRest {
  private final RaftNode node;
  private final TimeSource time;
  private final long tickNanos;
  private final int restTicks;
  private final Consumer<Boolean> told;
  private long committedSeen;
  private int idleTicks;
  private boolean resting;
  private long sinceNanos;

  /**
   * @param told hears of each beginning and end of a rest
   */
  GroupRest(RaftNode node, TimeSource time, RaftGroupConfig config, Consumer<Boolean> told) {
    this.node = node;
    this.time = time;
    this.tickNanos = config.tickInterval().toNanos();
    this.restTicks = config.restTicks();
    this.told = told;
  }

  boolean isResting() {
    return resting;
  }

  /**
   * A tick is due.
   *
   * @param busy something was asked since the last tick, or is under way
   * @return whether the group falls asleep instead
   */
  boolean onTick(boolean busy) {
    if (restTicks == 0) {
      return false;
    }
    long committed = node.committed();
    if (busy || committed != committedSeen) {
      committedSeen = committed;
      idleTicks = 0;
      return false;
    }
    idleTicks++;
    return idleTicks >= restTicks && node.rest();
  }

  /**
   * Looks whether something has changed.
   *
   * @param busy what is under way here would wait in vain for ticks
   */
  void observe(boolean busy) {
    if (busy && node.isResting()) {
      node.wake();
    }
    if (node.isResting() == resting) {
      return;
    }
    resting = node.isResting();
    sinceNanos = time.nanos();
    idleTicks = 0;
    told.accept(resting);
  }

  /** Whole tick intervals that have passed for certain; the next tick may follow at once. */
  long ticksSlept() {
    return Math.max(0, (time.nanos() - sinceNanos) / tickNanos - 1);
  }
}
