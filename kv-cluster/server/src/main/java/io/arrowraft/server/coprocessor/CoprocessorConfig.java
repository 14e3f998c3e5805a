package io.arrowraft.server.coprocessor;

/**
 * Bounds of the coprocessor of one store.
 *
 * @param threads workers that execute plans
 * @param requestsMax plans that may be open at once; more are refused as "server is busy"
 * @param requestMemoryBytesMax most memory of one plan, whatever it asks for itself
 * @param memoryBytesMax most memory of all plans together
 * @param groupsMax most groups of one aggregation
 * @param batchBytesMax most bytes of one batch, but for a single longer row
 * @param segmentBytesMax bytes scanned after which a plan that yields rows says how far it came
 * @param scanBytesPerFill most bytes of keys and values decoded at a time
 */
public record CoprocessorConfig(
    int threads,
    int requestsMax,
    long requestMemoryBytesMax,
    long memoryBytesMax,
    int groupsMax,
    int batchBytesMax,
    long segmentBytesMax,
    int scanBytesPerFill) {
  public CoprocessorConfig {
    if (threads < 1
        || requestsMax < 1
        || groupsMax < 1
        || batchBytesMax < 1
        || segmentBytesMax < 1
        || scanBytesPerFill < 1) {
      throw new IllegalArgumentException(
          "the coprocessor needs room: threads=%d, requestsMax=%d, groupsMax=%d, batchBytesMax=%d,"
                  .formatted(threads, requestsMax, groupsMax, batchBytesMax)
              + " segmentBytesMax=%d, scanBytesPerFill=%d"
                  .formatted(segmentBytesMax, scanBytesPerFill));
    }
    if (requestMemoryBytesMax < 1 || memoryBytesMax < requestMemoryBytesMax) {
      throw new IllegalArgumentException(
          "memoryBytesMax must hold at least one request: memoryBytesMax="
              + memoryBytesMax
              + ", requestMemoryBytesMax="
              + requestMemoryBytesMax);
    }
  }

  public static CoprocessorConfig defaults() {
    return new CoprocessorConfig(
        2, 1_024, 128L << 20, 512L << 20, 2_000_000, 1 << 20, 8L << 20, 1 << 20);
  }
}
