package io.arrowraft.server.txn;

import io.arrowraft.server.flow.FlowLimits;
import java.util.Objects;

/**
 * Bounds of the write scheduler. A command beyond them is refused as "server is busy".
 *
 * @param pendingCommandsMax commands that wait or run
 * @param pendingBytesMax bytes of the commands that wait or run; a single command may exceed it
 *     when nothing else is pending
 * @param latchSlots slots that keys are hashed to, a power of two
 * @param flow when commands are slowed down and refused for the sake of the engine
 */
public record SchedulerLimits(
    int pendingCommandsMax, long pendingBytesMax, int latchSlots, FlowLimits flow) {
  public SchedulerLimits {
    Objects.requireNonNull(flow, "flow");
    if (pendingCommandsMax < 1 || pendingBytesMax < 1) {
      throw new IllegalArgumentException(
          "the scheduler needs room: pendingCommandsMax="
              + pendingCommandsMax
              + ", pendingBytesMax="
              + pendingBytesMax);
    }
    if (latchSlots < 1 || Integer.bitCount(latchSlots) != 1) {
      throw new IllegalArgumentException("latchSlots must be a power of two: " + latchSlots);
    }
  }

  public SchedulerLimits(int pendingCommandsMax, long pendingBytesMax, int latchSlots) {
    this(pendingCommandsMax, pendingBytesMax, latchSlots, FlowLimits.defaults());
  }

  public static SchedulerLimits defaults() {
    return new SchedulerLimits(10_000, 100L << 20, 1 << 16);
  }

  public SchedulerLimits withFlow(FlowLimits other) {
    return new SchedulerLimits(pendingCommandsMax, pendingBytesMax, latchSlots, other);
  }
}
