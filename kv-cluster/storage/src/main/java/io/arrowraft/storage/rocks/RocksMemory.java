package io.arrowraft.storage.rocks;

import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * The block cache and write-buffer budget that all instances of a process share; close it after the
 * last of them. The write buffers are charged to the cache, so its capacity bounds both.
 */
public final class RocksMemory implements AutoCloseable {
  private final Cache cache;
  private final WriteBufferManager writeBuffers;
  private final ReaderGate gate;

  /**
   * Reserves budgets.
   *
   * @param cacheBytes blocks, indexes, filters and write buffers of all instances together
   * @param writeBufferBytes the part of it that write buffers may take before they are flushed
   */
  public RocksMemory(long cacheBytes, long writeBufferBytes) {
    if (cacheBytes <= 0 || writeBufferBytes <= 0 || writeBufferBytes > cacheBytes) {
      throw new IllegalArgumentException(
          "write buffers of "
              + writeBufferBytes
              + " bytes must be positive and within the cache of "
              + cacheBytes
              + " bytes");
    }
    RocksDB.loadLibrary();
    cache = new LRUCache(cacheBytes);
    writeBuffers = new WriteBufferManager(writeBufferBytes, cache);
    gate =
        new ReaderGate(
            "the shared RocksDB memory",
            () -> {
              writeBuffers.close();
              cache.close();
            });
  }

  /** Registers an instance; matched by {@link #leave()}. */
  void enter() {
    gate.enter();
  }

  void leave() {
    gate.leave();
  }

  Cache cache() {
    return cache;
  }

  WriteBufferManager writeBuffers() {
    return writeBuffers;
  }

  /** Bytes that blocks take now. */
  long cacheUsage() {
    return cache.getUsage();
  }

  /** Releases the budgets once the last instance has left; idempotent. */
  @Override
  public void close() {
    gate.close();
  }
}
