package io.arrowraft.storage.raftlog;

import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.memory.MemoryEngine;
import java.util.Random;

class MemoryRaftLogTest extends RaftLogContract {
  @Override
  Engine openEngine() {
    return new MemoryEngine();
  }

  @Override
  Engine reopen(Engine open) {
    return ((MemoryEngine) open).crash(new Random(1));
  }
}
