package io.arrowraft.coprocessor.engine;

/**
 * What a store grants one execution; a request may ask for less, never for more.
 *
 * @param memoryBytesMax groups, kept rows and results together
 * @param groupsMax groups of one aggregation
 * @param batchBytesMax a result batch is sent when it has this many bytes, though it has fewer rows
 *     than asked for
 */
public record ExecutionLimits(long memoryBytesMax, int groupsMax, int batchBytesMax) {
  public static final ExecutionLimits DEFAULT = new ExecutionLimits(256L << 20, 2_000_000, 1 << 20);

  public ExecutionLimits {
    if (memoryBytesMax < 1 || groupsMax < 1 || batchBytesMax < 1) {
      throw new IllegalArgumentException(
          "limits must be positive: " + memoryBytesMax + ", " + groupsMax + ", " + batchBytesMax);
    }
  }
}
