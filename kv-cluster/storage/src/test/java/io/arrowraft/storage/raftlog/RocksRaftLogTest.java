package io.arrowraft.storage.raftlog;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.rocks.RocksEngine;
import io.arrowraft.storage.rocks.RocksMemory;
import io.arrowraft.storage.rocks.RocksOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class RocksRaftLogTest extends RaftLogContract {
  private static RocksMemory memory;
  @TempDir Path directory;

  @BeforeAll
  static void reserveMemory() {
    memory = new RocksMemory(32 << 20, 8 << 20);
  }

  @AfterAll
  static void releaseMemory() {
    memory.close();
  }

  @Override
  Engine openEngine() {
    return RocksEngine.open(
        directory.resolve("log"), ColumnFamily.logFamilies(), RocksOptions.logDefaults(), memory);
  }

  @Override
  Engine reopen(Engine open) {
    open.close();
    return openEngine();
  }
}
