package io.arrowraft.simulation.cluster;

import io.arrowraft.storage.memory.MemoryEngine;
import java.util.random.RandomGenerator;

/** An engine that outlives the processes that use it. */
final class Disk {
  private final RandomGenerator random;
  private MemoryEngine engine = new MemoryEngine();

  Disk(RandomGenerator random) {
    this.random = random;
  }

  MemoryEngine engine() {
    return engine;
  }

  void crash(boolean losesPower) {
    if (losesPower) {
      engine = engine.crash(random);
    } else {
      engine.close();
      engine = engine.reopen();
    }
  }
}
