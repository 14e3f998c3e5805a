package io.arrowraft.storage.rocks;

import java.time.Duration;
import java.util.Objects;

/**
 * Settings of one RocksDB instance; memory budgets of the process are in {@link RocksMemory}.
 *
 * @param formatVersion version of the table format to write; 5 and 6 are readable by every RocksDB
 *     this product runs with
 * @param bloomBitsPerKey size of the Bloom filter of each table; 0 for none
 * @param compress whether tables are compressed with LZ4
 * @param blockBytes target size of an uncompressed block
 * @param writeBufferBytes size at which the write buffer of one family is written out
 * @param tableBytes target size of a table file at the first level that is sorted as a whole
 * @param backgroundJobs flushes and compactions that run at once
 * @param manualWalFlush keep the log in user space until a sync, so that killing the process loses
 *     what was not synced; for crash tests
 * @param closeDeadline how long close() waits for open readers
 */
public record RocksOptions(
    int formatVersion,
    int bloomBitsPerKey,
    boolean compress,
    long blockBytes,
    long writeBufferBytes,
    long tableBytes,
    int backgroundJobs,
    boolean manualWalFlush,
    Duration closeDeadline) {

  public RocksOptions {
    if (formatVersion < 5 || formatVersion > 6) {
      throw new IllegalArgumentException("formatVersion must be 5 or 6, was " + formatVersion);
    }
    if (bloomBitsPerKey < 0 || bloomBitsPerKey > 64) {
      throw new IllegalArgumentException(
          "bloomBitsPerKey must be in 0 to 64, was " + bloomBitsPerKey);
    }
    if (blockBytes < 1024 || writeBufferBytes < 64 * 1024 || tableBytes < 64 * 1024) {
      throw new IllegalArgumentException(
          "blockBytes must be at least 1 KiB, writeBufferBytes and tableBytes at least 64 KiB; were "
              + blockBytes
              + ", "
              + writeBufferBytes
              + " and "
              + tableBytes);
    }
    if (backgroundJobs < 1) {
      throw new IllegalArgumentException("backgroundJobs must be positive, was " + backgroundJobs);
    }
    Objects.requireNonNull(closeDeadline, "closeDeadline");
  }

  /** For the data of a store. */
  public static RocksOptions dataDefaults() {
    return new RocksOptions(
        6,
        10,
        true,
        16 * 1024,
        32L * 1024 * 1024,
        32L * 1024 * 1024,
        2,
        false,
        Duration.ofSeconds(10));
  }

  /** For Raft logs: short-lived entries read back in order, so neither filters nor compression. */
  public static RocksOptions logDefaults() {
    return new RocksOptions(
        6,
        0,
        false,
        32 * 1024,
        32L * 1024 * 1024,
        64L * 1024 * 1024,
        2,
        false,
        Duration.ofSeconds(10));
  }

  /** The same settings with the log kept in user space until a sync. */
  public RocksOptions withManualWalFlush(boolean manual) {
    return new RocksOptions(
        formatVersion,
        bloomBitsPerKey,
        compress,
        blockBytes,
        writeBufferBytes,
        tableBytes,
        backgroundJobs,
        manual,
        closeDeadline);
  }

  /** The same settings with another deadline for close(). */
  public RocksOptions withCloseDeadline(Duration deadline) {
    return new RocksOptions(
        formatVersion,
        bloomBitsPerKey,
        compress,
        blockBytes,
        writeBufferBytes,
        tableBytes,
        backgroundJobs,
        manualWalFlush,
        deadline);
  }
}
