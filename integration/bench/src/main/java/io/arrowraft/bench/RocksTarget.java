package io.arrowraft.bench;

import java.nio.file.Path;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Statistics;
import org.rocksdb.TickerType;
import org.rocksdb.WriteOptions;

/**
 * One RocksDB that nobody replicates, called directly: what the machine could do at most. Writes
 * are synced; RocksDB lets those that wait together share a sync.
 */
public final class RocksTarget implements TargetFactory {
  @Override
  public KeyValueTarget open(Path directory, int regions) {
    RocksDB.loadLibrary();
    Statistics statistics = new Statistics();
    Options options = new Options().setCreateIfMissing(true).setStatistics(statistics);
    try {
      return new Running(
          RocksDB.open(options, directory.resolve("rocksdb").toString()),
          options,
          statistics,
          new WriteOptions().setSync(true));
    } catch (RocksDBException refused) {
      throw new IllegalStateException("cannot open RocksDB in " + directory, refused);
    }
  }

  private record Running(
      RocksDB database, Options options, Statistics statistics, WriteOptions synced)
      implements KeyValueTarget {
    @Override
    public void put(byte[] key, byte[] value) {
      try {
        database.put(synced, key, value);
      } catch (RocksDBException failed) {
        throw new IllegalStateException("cannot write", failed);
      }
    }

    @Override
    public byte[] get(byte[] key) {
      try {
        return database.get(key);
      } catch (RocksDBException failed) {
        throw new IllegalStateException("cannot read", failed);
      }
    }

    @Override
    public long syncs() {
      return statistics.getTickerCount(TickerType.WAL_FILE_SYNCED);
    }

    @Override
    public void close() {
      database.close();
      synced.close();
      options.close();
      statistics.close();
    }
  }
}
