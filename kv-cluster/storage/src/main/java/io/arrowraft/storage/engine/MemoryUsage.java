package io.arrowraft.storage.engine;

/**
 * Memory an engine instance holds outside (rocks) or inside (memory) the Java heap, in bytes.
 *
 * @param blockCacheBytes cached blocks; shared, so the same figure for all instances of a process
 * @param writeBufferBytes data not yet written to tables
 * @param tableReaderBytes indexes and filters outside the block cache
 */
public record MemoryUsage(long blockCacheBytes, long writeBufferBytes, long tableReaderBytes) {
  public long totalBytes() {
    return blockCacheBytes + writeBufferBytes + tableReaderBytes;
  }
}
