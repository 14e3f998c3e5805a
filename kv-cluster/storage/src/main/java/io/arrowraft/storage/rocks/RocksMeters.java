package io.arrowraft.storage.rocks;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EngineException;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.rocksdb.RocksDBException;
import org.rocksdb.Statistics;
import org.rocksdb.TickerType;

/**
 * What RocksDB counts and knows of itself, as metrics. They are read when somebody looks; of an
 * instance that is closed there is nothing to see. A registry keeps what it measures by a weak
 * reference, so that is the engine, which others hold.
 */
final class RocksMeters {
  private static final int LEVELS = 7;
  private static final double MICROS_PER_SECOND = 1e6;

  private final RocksEngine engine;
  private final Statistics statistics;
  private final List<ColumnFamily> families;
  private final String name;
  private final MeterRegistry meters;

  /**
   * @param name tells the instances of a process apart
   */
  RocksMeters(
      RocksEngine engine,
      Statistics statistics,
      List<ColumnFamily> families,
      String name,
      MeterRegistry meters) {
    this.engine = engine;
    this.statistics = statistics;
    this.families = families;
    this.name = name;
    this.meters = meters;
  }

  void register() {
    cache();
    log();
    compaction();
    stalls();
    for (int level = 0; level < LEVELS; level++) {
      String property = "rocksdb.num-files-at-level" + level;
      Gauge.builder("arrowraft_engine_level_files", engine, open -> text(property))
          .description("Table files by level")
          .tag("engine", name)
          .tag("level", Integer.toString(level))
          .register(meters);
    }
  }

  private void cache() {
    counter("block_cache_hits", "Blocks found in the cache", TickerType.BLOCK_CACHE_HIT);
    counter("block_cache_misses", "Blocks read from tables", TickerType.BLOCK_CACHE_MISS);
    counter("bloom_useful", "Reads that a Bloom filter spared", TickerType.BLOOM_FILTER_USEFUL);
    counter("read_bytes", "Bytes of values read by key", TickerType.BYTES_READ);
    gauge("block_cache_bytes", "The cache that all instances share", self -> self.cached());
    property("table_readers_bytes", "Memory for tables", "rocksdb.estimate-table-readers-mem");
  }

  private void log() {
    counter("written_bytes", "Bytes of batches written", TickerType.BYTES_WRITTEN);
    counter("wal_syncs", "Syncs of the write-ahead log", TickerType.WAL_FILE_SYNCED);
    counter("wal_bytes", "Bytes of the write-ahead log", TickerType.WAL_FILE_BYTES);
  }

  private void compaction() {
    counter("flushed_bytes", "Written out from memory", TickerType.FLUSH_WRITE_BYTES);
    counter("compaction_read_bytes", "Read to compact", TickerType.COMPACT_READ_BYTES);
    counter("compaction_written_bytes", "Written to compact", TickerType.COMPACT_WRITE_BYTES);
    property("memtable_bytes", "Write buffers", "rocksdb.cur-size-all-mem-tables");
    property(
        "immutable_memtables",
        "Write buffers that wait to be written out",
        "rocksdb.num-immutable-mem-table");
    property(
        "pending_compaction_bytes",
        "What compactions have yet to rewrite",
        "rocksdb.estimate-pending-compaction-bytes");
    property("table_files_bytes", "Table files", "rocksdb.total-sst-files-size");
    gauge(
        "running_compactions",
        "Compactions",
        self -> self.whole("rocksdb.num-running-compactions"));
    gauge("running_flushes", "Flushes", self -> self.whole("rocksdb.num-running-flushes"));
  }

  private void stalls() {
    FunctionCounter.builder(
            "arrowraft_engine_stall_seconds_total",
            engine,
            open -> ticker(TickerType.STALL_MICROS) / MICROS_PER_SECOND)
        .description("Time for which writers were held up")
        .tag("engine", name)
        .register(meters);
    gauge(
        "write_stopped",
        "1 while no write gets through",
        self -> self.whole("rocksdb.is-write-stopped"));
  }

  private void counter(String noun, String description, TickerType type) {
    FunctionCounter.builder("arrowraft_engine_" + noun + "_total", engine, open -> ticker(type))
        .description(description)
        .tag("engine", name)
        .register(meters);
  }

  private void property(String noun, String description, String property) {
    gauge(noun, description, self -> self.sum(property));
  }

  private void gauge(String noun, String description, ToDoubleFunction<RocksMeters> value) {
    Gauge.builder("arrowraft_engine_" + noun, engine, open -> value.applyAsDouble(this))
        .description(description)
        .tag("engine", name)
        .register(meters);
  }

  private double cached() {
    return engine.observe(() -> engine.cacheUsage());
  }

  private double ticker(TickerType type) {
    return engine.observe(() -> statistics.getTickerCount(type));
  }

  /** A property of the whole instance. */
  private double whole(String property) {
    return engine.observe(() -> engine.db().getLongProperty(property));
  }

  private double sum(String property) {
    return engine.observe(
        () -> {
          double sum = 0;
          for (ColumnFamily family : families) {
            sum += engine.db().getLongProperty(engine.handle(family), property);
          }
          return sum;
        });
  }

  /** The sum over the families of a property that is only to be had as text. */
  private double text(String property) {
    return engine.observe(
        () -> {
          double sum = 0;
          for (ColumnFamily family : families) {
            sum += Long.parseLong(engine.db().getProperty(engine.handle(family), property));
          }
          return sum;
        });
  }

  /** What is read of a native instance. */
  @FunctionalInterface
  interface Look {
    double take() throws RocksDBException, EngineException;
  }
}
