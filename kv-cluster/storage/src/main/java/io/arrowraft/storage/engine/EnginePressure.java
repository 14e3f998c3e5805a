package io.arrowraft.storage.engine;

/**
 * How far an engine's background work is behind its writers. Each number is the worst of its
 * families.
 *
 * @param level0Files tables that were flushed and not sorted into the levels below yet
 * @param fullBuffers write buffers that are full and not flushed yet
 * @param pendingCompactionBytes bytes that compaction has still to rewrite, an estimate
 * @param writesStopped whether the engine itself makes writers wait
 */
public record EnginePressure(
    int level0Files, int fullBuffers, long pendingCompactionBytes, boolean writesStopped) {
  public static final EnginePressure NONE = new EnginePressure(0, 0, 0, false);

  public EnginePressure {
    if (level0Files < 0 || fullBuffers < 0 || pendingCompactionBytes < 0) {
      throw new IllegalArgumentException(
          "pressure cannot be negative: "
              + level0Files
              + ", "
              + fullBuffers
              + ", "
              + pendingCompactionBytes);
    }
  }
}
