package io.arrowraft.storage.memory;

import static io.arrowraft.storage.engine.ColumnFamily.DEFAULT;
import static io.arrowraft.storage.engine.ColumnFamily.RAFT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineContract;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class MemoryEngineTest extends EngineContract {
  @Override
  protected Engine open() {
    return new MemoryEngine();
  }

  @Override
  protected Engine reopen(Engine closed) {
    return ((MemoryEngine) closed).reopen();
  }

  @Test
  void aCrashKeepsWhatWasSyncedAndAPrefixOfTheRest() {
    TreeSet<Integer> lengths = new TreeSet<>();
    for (long seed = 0; seed < 50; seed++) {
      MemoryEngine crashed = written().crash(random(seed));
      List<String> keys = keys(crashed, DEFAULT);

      assertThat(keys).startsWith("k0", "k1", "k2");
      assertThat(keys)
          .isEqualTo(List.of("k0", "k1", "k2", "k3", "k4", "k5").subList(0, keys.size()));
      assertThat(keys(crashed, RAFT)).isEqualTo(keys);
      lengths.add(keys.size());
    }
    assertThat(lengths).containsExactly(3, 4, 5, 6);
  }

  @Test
  void theSameSeedLosesTheSameBatches() {
    List<String> first = keys(written().crash(random(7)), DEFAULT);
    List<String> second = keys(written().crash(random(7)), DEFAULT);

    assertThat(first).isEqualTo(second);
  }

  @Test
  void aCrashedInstanceIsDeadAndItsSurvivorIsDurable() {
    MemoryEngine engine = written();
    MemoryEngine survivor = engine.crash(random(3));

    assertThatThrownBy(() -> engine.get(DEFAULT, bytes("k0"))).isInstanceOf(EngineException.class);
    assertThat(survivor.unsyncedBatches()).isZero();
    List<String> before = keys(survivor, DEFAULT);
    assertThat(keys(survivor.crash(random(4)), DEFAULT)).isEqualTo(before);
  }

  @Test
  void anOpenInstanceCannotBeReopened() {
    assertThatThrownBy(() -> new MemoryEngine().reopen())
        .hasMessage("the memory engine is still open: close it first");
  }

  /** Six batches over two families, the first three of them synced. */
  private static MemoryEngine written() {
    MemoryEngine engine = new MemoryEngine();
    for (int i = 0; i < 6; i++) {
      byte[] key = bytes("k" + i);
      engine.write(new WriteBatch().put(DEFAULT, key, key).put(RAFT, key, key), false);
      if (i == 2) {
        engine.sync();
      }
    }
    return engine;
  }

  private static RandomGenerator random(long seed) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  @Test
  void oldSnapshotsKeepTheirStateWhateverIsWritten() {
    MemoryEngine engine = new MemoryEngine();
    List<EngineSnapshot> snapshots = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      snapshots.add(engine.snapshot());
      engine.write(new WriteBatch().put(DEFAULT, bytes("k%02d".formatted(i)), bytes("v")), false);
    }
    for (int i = 0; i < 20; i++) {
      assertThat(keys(snapshots.get(i), DEFAULT)).hasSize(i);
    }
  }
}
