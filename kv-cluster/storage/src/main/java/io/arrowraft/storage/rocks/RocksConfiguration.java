package io.arrowraft.storage.rocks;

import io.arrowraft.storage.engine.ColumnFamily;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.Statistics;
import org.rocksdb.StatsLevel;
import org.rocksdb.WALRecoveryMode;

/** The native option objects of one instance, released together after it. */
final class RocksConfiguration implements AutoCloseable {
  private static final long INFO_LOG_BYTES = 8L * 1024 * 1024;
  private static final int INFO_LOG_FILES = 2;

  // The engine's own brakes, which hold up whoever writes, Raft and apply included. The store
  // refuses new writes well before (see FlowLimits of the server), so these are the last resort.
  private static final int LEVEL0_SLOWDOWN = 40;
  private static final int LEVEL0_STOP = 64;
  private static final int WRITE_BUFFERS_MAX = 6;

  private final List<AbstractNativeReference> owned = new ArrayList<>();
  private final Statistics statistics;
  private final DBOptions database;
  private final List<ColumnFamily> families;
  private final List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();

  RocksConfiguration(List<ColumnFamily> families, RocksOptions options, RocksMemory memory) {
    this.families = families;
    statistics = own(new Statistics());
    statistics.setStatsLevel(StatsLevel.EXCEPT_DETAILED_TIMERS);
    database =
        own(
            new DBOptions()
                .setStatistics(statistics)
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setWriteBufferManager(memory.writeBuffers())
                .setMaxBackgroundJobs(options.backgroundJobs())
                .setManualWalFlush(options.manualWalFlush())
                // A torn tail is what a crash leaves; what was synced before it has been looked
                // for by WalAudit.
                .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
                .setBytesPerSync(1024 * 1024)
                .setMaxTotalWalSize(4 * options.writeBufferBytes())
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(INFO_LOG_BYTES)
                .setKeepLogFileNum(INFO_LOG_FILES));
    BlockBasedTableConfig table = tableConfig(options, memory);
    for (ColumnFamily family : families) {
      ColumnFamilyOptions familyOptions =
          own(
              new ColumnFamilyOptions()
                  .setTableFormatConfig(table)
                  .setWriteBufferSize(options.writeBufferBytes())
                  .setMaxWriteBufferNumber(WRITE_BUFFERS_MAX)
                  .setLevel0SlowdownWritesTrigger(LEVEL0_SLOWDOWN)
                  .setLevel0StopWritesTrigger(LEVEL0_STOP)
                  .setTargetFileSizeBase(options.tableBytes())
                  .setLevelCompactionDynamicLevelBytes(true)
                  .setCompressionType(
                      options.compress()
                          ? CompressionType.LZ4_COMPRESSION
                          : CompressionType.NO_COMPRESSION));
      descriptors.add(
          new ColumnFamilyDescriptor(
              family.familyName().getBytes(StandardCharsets.US_ASCII), familyOptions));
    }
  }

  private BlockBasedTableConfig tableConfig(RocksOptions options, RocksMemory memory) {
    BlockBasedTableConfig table =
        new BlockBasedTableConfig()
            .setFormatVersion(options.formatVersion())
            .setBlockCache(memory.cache())
            .setBlockSize(options.blockBytes())
            .setCacheIndexAndFilterBlocks(true)
            .setCacheIndexAndFilterBlocksWithHighPriority(true)
            .setPinL0FilterAndIndexBlocksInCache(true);
    if (options.bloomBitsPerKey() > 0) {
      table.setFilterPolicy(own(new BloomFilter(options.bloomBitsPerKey(), false)));
    }
    return table;
  }

  /** What the instance counts; released with it. */
  Statistics statistics() {
    return statistics;
  }

  DBOptions database() {
    return database;
  }

  List<ColumnFamilyDescriptor> descriptors() {
    return descriptors;
  }

  ColumnFamilyOptions optionsOf(ColumnFamily family) {
    int at = families.indexOf(family);
    if (at < 0) {
      throw new IllegalArgumentException(
          "there is no family " + family + " here, only " + families);
    }
    return descriptors.get(at).getOptions();
  }

  @Override
  public void close() {
    for (int i = owned.size() - 1; i >= 0; i--) {
      owned.get(i).close();
    }
  }

  private <T extends AbstractNativeReference> T own(T reference) {
    owned.add(reference);
    return reference;
  }
}
