package io.arrowraft.storage.engine;

import static io.arrowraft.storage.engine.ColumnFamily.DEFAULT;
import static io.arrowraft.storage.engine.ColumnFamily.LOCK;
import static io.arrowraft.storage.engine.ColumnFamily.RAW;
import static io.arrowraft.storage.engine.ColumnFamily.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.storage.memory.FaultyEngine;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every engine does; each engine's test extends it. */
public abstract class EngineContract {
  protected Engine engine;

  /** Opens an engine on data that only this test uses. */
  protected abstract Engine open();

  /** Opens the data of a closed engine again. */
  protected abstract Engine reopen(Engine closed);

  @BeforeEach
  void openEngine() {
    engine = open();
  }

  @AfterEach
  void closeEngine() {
    engine.close();
  }

  @Test
  void absentKeysAreNullAndEmptyValuesAreValues() {
    engine.write(new WriteBatch().put(DEFAULT, bytes("a"), bytes("")), false);

    assertThat(engine.get(DEFAULT, bytes("a"))).isEmpty();
    assertThat(engine.get(DEFAULT, bytes("b"))).isNull();
    assertThat(engine.get(LOCK, bytes("a"))).isNull();
  }

  @Test
  void aBatchAppliesItsOperationsInOrderAcrossFamilies() {
    engine.write(
        new WriteBatch()
            .put(LOCK, bytes("k"), bytes("1"))
            .put(WRITE, bytes("k"), bytes("2"))
            .delete(LOCK, bytes("k"))
            .put(RAW, bytes("a"), bytes("3"))
            .put(RAW, bytes("b"), bytes("4"))
            .deleteRange(RAW, bytes("a"), bytes("b"))
            .put(RAW, bytes(""), bytes("empty key")),
        true);

    assertThat(engine.get(LOCK, bytes("k"))).isNull();
    assertThat(engine.get(WRITE, bytes("k"))).isEqualTo(bytes("2"));
    assertThat(keys(engine, RAW)).containsExactly("", "b");
  }

  @Test
  void deletingARangeWithoutAnEndReachesTheLastKeyOfTheFamily() {
    engine.write(
        new WriteBatch()
            .put(RAW, bytes("a"), bytes("1"))
            .put(RAW, new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff}, bytes("2"))
            .put(DEFAULT, bytes("z"), bytes("3")),
        false);
    engine.write(
        new WriteBatch()
            .put(RAW, new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff, 1}, bytes("4"))
            .deleteRange(RAW, bytes("b"), bytes("")),
        false);

    assertThat(keys(engine, RAW)).containsExactly("a");
    assertThat(engine.get(DEFAULT, bytes("z"))).isNotNull();
  }

  @Test
  void anInvertedDeleteRangeRemovesNothing() {
    engine.write(new WriteBatch().put(RAW, bytes("b"), bytes("1")), false);
    engine.write(new WriteBatch().deleteRange(RAW, bytes("c"), bytes("a")), false);

    assertThat(keys(engine, RAW)).containsExactly("b");
  }

  @Test
  void aSnapshotDoesNotSeeLaterWrites() {
    engine.write(new WriteBatch().put(DEFAULT, bytes("a"), bytes("old")), false);
    try (EngineSnapshot snapshot = engine.snapshot()) {
      engine.write(
          new WriteBatch()
              .put(DEFAULT, bytes("a"), bytes("new"))
              .put(DEFAULT, bytes("b"), bytes("new")),
          false);

      assertThat(snapshot.get(DEFAULT, bytes("a"))).isEqualTo(bytes("old"));
      assertThat(keys(snapshot, DEFAULT)).containsExactly("a");
      assertThat(engine.get(DEFAULT, bytes("a"))).isEqualTo(bytes("new"));
    }
  }

  @Test
  void anIteratorOutlivesItsSnapshot() {
    engine.write(new WriteBatch().put(DEFAULT, bytes("a"), bytes("1")), false);
    EngineSnapshot snapshot = engine.snapshot();
    try (EngineIterator iterator = snapshot.iterator(DEFAULT, IterateOptions.all())) {
      snapshot.close();
      engine.write(new WriteBatch().delete(DEFAULT, bytes("a")), true);

      assertThat(iterator.seekToFirst()).isTrue();
      assertThat(iterator.key()).isEqualTo(bytes("a"));
    }
    assertThatThrownBy(() -> snapshot.get(DEFAULT, bytes("a")))
        .isInstanceOfSatisfying(
            EngineException.class,
            e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.CLOSED));
  }

  @Test
  void iteratorsStayWithinTheirBoundsInBothDirections() {
    WriteBatch batch = new WriteBatch();
    for (String key : List.of("a", "b", "c", "d", "e")) {
      batch.put(DEFAULT, bytes(key), bytes("v" + key));
    }
    engine.write(batch, false);

    try (EngineIterator iterator =
        engine.iterator(DEFAULT, IterateOptions.range(bytes("b"), bytes("d")))) {
      assertThat(iterator.valid()).isFalse();
      assertThat(iterator.seekToFirst()).isTrue();
      assertThat(iterator.key()).isEqualTo(bytes("b"));
      assertThat(iterator.prev()).isFalse();
      assertThat(iterator.seekToLast()).isTrue();
      assertThat(iterator.key()).isEqualTo(bytes("c"));
      assertThat(iterator.next()).isFalse();
      assertThat(iterator.seek(bytes("a"))).isTrue();
      assertThat(iterator.key()).isEqualTo(bytes("b"));
      assertThat(iterator.seekForPrev(bytes("z"))).isTrue();
      assertThat(iterator.key()).isEqualTo(bytes("c"));
      assertThat(iterator.seekForPrev(bytes("bb"))).isTrue();
      assertThat(iterator.value()).isEqualTo(bytes("vb"));
      assertThat(iterator.seek(bytes("cc"))).isFalse();
      assertThat(iterator.seekForPrev(bytes("a"))).isFalse();
    }
  }

  @Test
  void readsIntoBuffersMoveThePositionOnlyWhenTheyFit() {
    engine.write(new WriteBatch().put(DEFAULT, bytes("key"), bytes("value")), false);
    ByteBuffer key = ByteBuffer.allocateDirect(16).put(bytes("key")).flip();
    ByteBuffer value = ByteBuffer.allocateDirect(8).position(1);

    assertThat(engine.get(DEFAULT, key, value)).isEqualTo(5);
    assertThat(value.position()).isEqualTo(6);
    assertThat(value.limit()).isEqualTo(8);
    assertThat(key.remaining()).isEqualTo(3);
    assertThat(engine.get(DEFAULT, key, value)).isEqualTo(5);
    assertThat(value.position()).isEqualTo(6);
    assertThat(engine.get(LOCK, key, value)).isEqualTo(-1);

    ByteBuffer inArray = ByteBuffer.allocate(8).position(1);
    assertThat(engine.get(DEFAULT, ByteBuffer.wrap(bytes("key")), inArray)).isEqualTo(5);
    assertThat(inArray.position()).isEqualTo(6);
    assertThat(engine.get(DEFAULT, ByteBuffer.wrap(bytes("key")), inArray)).isEqualTo(5);
    assertThat(inArray.position()).isEqualTo(6);
    assertThat(engine.get(LOCK, ByteBuffer.wrap(bytes("key")), inArray)).isEqualTo(-1);

    try (EngineIterator iterator = engine.iterator(DEFAULT, IterateOptions.all())) {
      for (ByteBuffer target : List.of(ByteBuffer.allocate(7), ByteBuffer.allocateDirect(7))) {
        assertThat(iterator.seek(key)).isTrue();
        assertThat(iterator.key(target)).isEqualTo(3);
        assertThat(target.position()).isEqualTo(3);
        assertThat(iterator.value(target)).isEqualTo(5);
        assertThat(target.position()).isEqualTo(3);
        target.clear();
        assertThat(iterator.value(target)).isEqualTo(5);
        assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(bytes("value")));
      }
    }
  }

  @Test
  void syncedDataIsThereAfterReopening() {
    engine.write(new WriteBatch().put(DEFAULT, bytes("a"), bytes("1")), false);
    engine.sync();
    engine.close();
    engine = reopen(engine);

    assertThat(engine.get(DEFAULT, bytes("a"))).isEqualTo(bytes("1"));
  }

  @Test
  void aClosedEngineRefusesEverything() {
    engine.close();

    List<Runnable> uses =
        List.of(
            () -> engine.get(DEFAULT, bytes("a")),
            () -> engine.write(new WriteBatch(), false),
            () -> engine.sync(),
            () -> engine.snapshot(),
            () -> engine.iterator(DEFAULT, IterateOptions.all()),
            () -> engine.approximateSize(DEFAULT, bytes(""), bytes("")));
    for (Runnable use : uses) {
      assertThatThrownBy(use::run)
          .isInstanceOfSatisfying(
              EngineException.class,
              e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.CLOSED));
    }
  }

  @Test
  void approximateSizeGrowsWithTheData() {
    byte[] value = new byte[1_000];
    for (int i = 0; i < 400; i++) {
      engine.write(new WriteBatch().put(DEFAULT, bytes("k%04d".formatted(i)), value), false);
    }

    long all = engine.approximateSize(DEFAULT, bytes(""), bytes(""));
    long half = engine.approximateSize(DEFAULT, bytes("k0200"), bytes(""));
    assertThat(all).isBetween(200_000L, 900_000L);
    assertThat(half).isBetween(50_000L, all);
    assertThat(engine.approximateSize(DEFAULT, bytes("x"), bytes("y"))).isLessThan(50_000L);
    assertThat(engine.memoryUsage().totalBytes()).isPositive();
  }

  /** The oracle is a TreeMap per run; seeds are fixed so that a failure repeats. */
  @Test
  void randomBatchesAgreeWithASortedMap() {
    for (long seed = 1; seed <= 5; seed++) {
      RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
      TreeMap<String, String> oracle = new TreeMap<>();
      engine.write(new WriteBatch().deleteRange(WRITE, bytes(""), bytes("")), false);
      for (int i = 0; i < 200; i++) {
        engine.write(randomBatch(random, oracle), random.nextInt(20) == 0);
      }
      assertThat(keys(engine, WRITE)).containsExactlyElementsOf(oracle.keySet());
      oracle.forEach((k, v) -> assertThat(engine.get(WRITE, bytes(k))).as(k).isEqualTo(bytes(v)));
      assertBackwards(oracle);
    }
  }

  private void assertBackwards(TreeMap<String, String> oracle) {
    List<String> backwards = new ArrayList<>();
    try (EngineIterator iterator = engine.iterator(WRITE, IterateOptions.all())) {
      for (boolean on = iterator.seekToLast(); on; on = iterator.prev()) {
        backwards.add(text(iterator.key()));
      }
    }
    assertThat(backwards).containsExactlyElementsOf(oracle.descendingKeySet());
  }

  @Test
  void aFailedWriteHasNoEffectAndNoneAfterItSucceeds() {
    FaultyEngine faulty = new FaultyEngine(engine);
    faulty.write(new WriteBatch().put(DEFAULT, bytes("a"), bytes("1")), true);
    faulty.failWrites(EngineException.Kind.DISK_FULL);

    assertRefused(
        EngineException.Kind.DISK_FULL,
        () -> faulty.write(new WriteBatch().put(DEFAULT, bytes("b"), bytes("2")), true));
    assertRefused(EngineException.Kind.DISK_FULL, faulty::sync);
    assertThat(keys(faulty, DEFAULT)).containsExactly("a");
  }

  @Test
  void aFailedSyncIsNeverFollowedByOneThatSucceeds() {
    FaultyEngine faulty = new FaultyEngine(engine);
    faulty.failSyncs(EngineException.Kind.IO);
    faulty.write(new WriteBatch().put(DEFAULT, bytes("a"), bytes("1")), false);

    assertRefused(EngineException.Kind.IO, faulty::sync);
    assertRefused(EngineException.Kind.IO, faulty::sync);
    assertRefused(
        EngineException.Kind.IO,
        () -> faulty.write(new WriteBatch().put(DEFAULT, bytes("b"), bytes("2")), false));
    assertThat(faulty.get(DEFAULT, bytes("a"))).as("readers go on").isEqualTo(bytes("1"));
  }

  @Test
  void aDiskThatStandsStillHoldsUpTheSyncAndNoReader() {
    FaultyEngine faulty = new FaultyEngine(engine);
    List<String> seen = new ArrayList<>();
    faulty.beforeSync(() -> seen.addAll(keys(faulty, DEFAULT)));
    faulty.write(new WriteBatch().put(DEFAULT, bytes("a"), bytes("1")), false);
    faulty.sync();

    assertThat(seen).containsExactly("a");
  }

  @Test
  void damageTellsWhereItWasMet() {
    FaultyEngine faulty = new FaultyEngine(engine);
    faulty.write(new WriteBatch().put(WRITE, bytes("b"), bytes("1")), true);
    faulty.damage(WRITE, bytes("b"), bytes("c"));

    assertThatThrownBy(() -> faulty.get(WRITE, bytes("b")))
        .isInstanceOfSatisfying(
            CorruptDataException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(EngineException.Kind.CORRUPTION);
              assertThat(e.damage().orElseThrow().family()).isEqualTo(WRITE);
              assertThat(e.damage().orElseThrow().start()).isEqualTo(bytes("b"));
              assertThat(e.group()).isEmpty();
            });
    assertThat(faulty.get(WRITE, bytes("c"))).isNull();
  }

  @Test
  void damageIsMetInViewsAndByIteratorsToo() {
    FaultyEngine faulty = new FaultyEngine(engine);
    faulty.write(
        new WriteBatch().put(WRITE, bytes("a"), bytes("1")).put(WRITE, bytes("b"), bytes("2")),
        true);
    try (EngineSnapshot view = faulty.snapshot();
        EngineIterator keys = view.iterator(WRITE, IterateOptions.all())) {
      faulty.damage(WRITE, bytes("b"), bytes("c"));

      assertThat(keys.seekToFirst()).isTrue();
      assertRefused(EngineException.Kind.CORRUPTION, keys::next);
      assertRefused(EngineException.Kind.CORRUPTION, () -> view.get(WRITE, bytes("b")));
      faulty.repair();
      assertThat(view.get(WRITE, bytes("b"))).isEqualTo(bytes("2"));
    }
  }

  @Test
  void anIdleEngineIsUnderNoPressure() {
    assertThat(engine.pressure()).isEqualTo(EnginePressure.NONE);
  }

  private static void assertRefused(EngineException.Kind kind, ThrowingCallable action) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(EngineException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }

  private static WriteBatch randomBatch(RandomGenerator random, TreeMap<String, String> oracle) {
    WriteBatch batch = new WriteBatch();
    for (int i = random.nextInt(1, 8); i > 0; i--) {
      String key = "k%03d".formatted(random.nextInt(300));
      int kind = random.nextInt(10);
      if (kind < 7) {
        String value = "v" + random.nextInt();
        batch.put(WRITE, bytes(key), bytes(value));
        oracle.put(key, value);
      } else if (kind < 9) {
        batch.delete(WRITE, bytes(key));
        oracle.remove(key);
      } else {
        String end = "k%03d".formatted(random.nextInt(300));
        batch.deleteRange(WRITE, bytes(key), bytes(end));
        if (key.compareTo(end) < 0) {
          oracle.subMap(key, end).clear();
        }
      }
    }
    return batch;
  }

  protected static List<String> keys(EngineReader reader, ColumnFamily family) {
    List<String> keys = new ArrayList<>();
    try (EngineIterator iterator = reader.iterator(family, IterateOptions.all())) {
      for (boolean on = iterator.seekToFirst(); on; on = iterator.next()) {
        keys.add(text(iterator.key()));
      }
    }
    return keys;
  }

  protected static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String text(byte[] bytes) {
    return new String(Arrays.copyOf(bytes, bytes.length), StandardCharsets.ISO_8859_1);
  }
}
