package io.arrowraft.storage.mvcc;

import static io.arrowraft.storage.txn.TestStore.bytes;
import static io.arrowraft.storage.txn.TestStore.commit;
import static io.arrowraft.storage.txn.TestStore.prewrite;
import static io.arrowraft.storage.txn.TestStore.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EngineReader;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.arrowraft.storage.engine.IterateOptions;
import io.arrowraft.storage.memory.MemoryEngine;
import io.arrowraft.storage.txn.PrewriteMutation;
import io.arrowraft.storage.txn.TestStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MvccScannerTest {
  private static final EncodedRange ALL = EncodedRange.ALL;
  private final TestStore store = new TestStore(new MemoryEngine());
  private final KeyValueBatch batch = new KeyValueBatch(1 << 20);

  @Test
  void scansWhatIsVisibleInBothDirections() {
    store.write("a", "a1", 10, 20);
    store.write("b", "b1", 10, 20);
    store.write("b", "b2", 30, 40);
    store.write("c", "c1", 10, 20);
    store.delete("c", 30, 40);
    store.write("d", "d1", 50, 60);
    store.write("e", "x".repeat(1_000), 10, 20);

    assertThat(scan(ScanOptions.forward(ReadView.at(45))))
        .containsExactly("a=a1", "b=b2", "e=x1000");
    assertThat(scan(ScanOptions.backward(ReadView.at(45))))
        .containsExactly("e=x1000", "b=b2", "a=a1");
    assertThat(scan(ScanOptions.forward(ReadView.at(25))))
        .containsExactly("a=a1", "b=b1", "c=c1", "e=x1000");
    assertThat(scan(ScanOptions.forward(ReadView.at(Timestamps.MAX)).withKeyOnly(true)))
        .containsExactly("a=", "b=", "d=", "e=");
  }

  @Test
  void aFullBatchSaysWhereToGoOn() {
    for (String key : List.of("a", "b", "c", "d")) {
      store.write(key, key, 10, 20);
    }
    try (EngineSnapshot snapshot = store.engine().snapshot();
        MvccScanner forward = new MvccScanner(snapshot, ALL, ScanOptions.forward(ReadView.at(30)));
        MvccScanner backward =
            new MvccScanner(snapshot, ALL, ScanOptions.backward(ReadView.at(30)))) {
      assertThat(forward.fill(batch, 3)).isEqualTo(new ScanResult.Full(bytes("d")));
      assertThat(rows()).containsExactly("a=a", "b=b", "c=c");
      batch.clear();
      assertThat(forward.fill(batch, 3)).isEqualTo(new ScanResult.Exhausted());
      assertThat(rows()).containsExactly("d=d");
      batch.clear();
      assertThat(backward.fill(batch, 3)).isEqualTo(new ScanResult.Full(bytes("a").next()));
      assertThat(rows()).containsExactly("d=d", "c=c", "b=b");
    }
    assertThat(range("b", "d", false)).containsExactly("b=b", "c=c");
    assertThat(range("b", "d", true)).containsExactly("c=c", "b=b");
    assertThat(range("b", "", true)).containsExactly("d=d", "c=c", "b=b");
    assertThat(range("x", "b", false)).isEmpty();
  }

  @Test
  void aBatchIsFullByBytesToo() {
    for (int i = 0; i < 10; i++) {
      store.write("k" + i, "v".repeat(100), 10, 20);
    }
    KeyValueBatch small = new KeyValueBatch(250);
    try (EngineSnapshot snapshot = store.engine().snapshot();
        MvccScanner scanner =
            new MvccScanner(snapshot, ALL, ScanOptions.forward(ReadView.at(30)))) {
      assertThat(scanner.fill(small, 100)).isEqualTo(new ScanResult.Full(bytes("k3")));
      assertThat(small.rows()).isEqualTo(3);
    }
  }

  @Test
  void aLockStopsTheScanAtItsKeyEvenWithoutACommittedVersion() {
    store.write("a", "a", 10, 20);
    store.write("c", "c", 10, 20);
    store.write("d", "d", 10, 20);
    store.succeed(put("b", "new", "p", 30));
    store.succeed(put("d", "new", "p", 30));
    try (EngineSnapshot snapshot = store.engine().snapshot();
        MvccScanner scanner =
            new MvccScanner(snapshot, ALL, ScanOptions.forward(ReadView.at(40)))) {
      assertThat(scanner.fill(batch, 10))
          .isInstanceOfSatisfying(
              ScanResult.Locked.class,
              locked -> {
                assertThat(locked.resumeKey()).isEqualTo(bytes("b"));
                assertThat(locked.locks().stream().map(LockedKey::key))
                    .containsExactly(bytes("b"), bytes("d"));
              });
      assertThat(rows()).containsExactly("a=a");
      scanner.skipLocked();
      assertThat(scanner.fill(batch, 10))
          .isInstanceOfSatisfying(
              ScanResult.Locked.class,
              locked -> assertThat(locked.resumeKey()).isEqualTo(bytes("d")));
      scanner.skipLocked();
      assertThat(scanner.fill(batch, 10)).isEqualTo(new ScanResult.Exhausted());
      assertThat(rows()).containsExactly("a=a", "c=c");
      assertThatThrownBy(scanner::skipLocked).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aReverseScanMeetsLocksFromAbove() {
    store.write("a", "a", 10, 20);
    store.write("c", "c", 10, 20);
    store.succeed(put("b", "new", "p", 30));
    try (EngineSnapshot snapshot = store.engine().snapshot();
        MvccScanner scanner =
            new MvccScanner(snapshot, ALL, ScanOptions.backward(ReadView.at(40)))) {
      assertThat(scanner.fill(batch, 10))
          .isInstanceOfSatisfying(
              ScanResult.Locked.class,
              locked -> assertThat(locked.resumeKey()).isEqualTo(bytes("b").next()));
      assertThat(rows()).containsExactly("c=c");
    }
  }

  @Test
  void collectingNamesLockedKeysInTheirPlace() {
    store.write("a", "a", 10, 20);
    store.write("c", "c", 10, 20);
    store.succeed(put("b", "new", "p", 30));
    List<ScanEntry> entries = new ArrayList<>();
    try (EngineSnapshot snapshot = store.engine().snapshot();
        MvccScanner scanner =
            new MvccScanner(snapshot, ALL, ScanOptions.forward(ReadView.at(40)))) {
      assertThat(scanner.collect(entries, 2, 1 << 20)).isEqualTo(new ScanResult.Full(bytes("c")));
      assertThat(entries.get(0)).isEqualTo(new ScanEntry.Row(bytes("a"), bytes("a")));
      assertThat(entries.get(1)).isInstanceOf(ScanEntry.Blocked.class);
    }
  }

  @Test
  void resolvedLocksArePassedAndCommittedOnesRead() {
    store.write("a", "a", 10, 20);
    store.write("c", "c", 10, 20);
    String longValue = "y".repeat(700);
    store.succeed(
        prewrite(
            "p",
            30,
            PrewriteMutation.put(bytes("a"), bytes("new")),
            PrewriteMutation.put(bytes("b"), bytes(longValue)),
            PrewriteMutation.delete(bytes("c"))));
    ReadView bypass = new ReadView(40, ReadView.Isolation.SNAPSHOT, Set.of(30L), Set.of());
    ReadView access = new ReadView(40, ReadView.Isolation.SNAPSHOT, Set.of(), Set.of(30L));
    ReadView committed = new ReadView(40, ReadView.Isolation.READ_COMMITTED, Set.of(), Set.of());

    assertThat(scan(ScanOptions.forward(bypass))).containsExactly("a=a", "c=c");
    assertThat(scan(ScanOptions.forward(access))).containsExactly("a=new", "b=y700");
    assertThat(scan(ScanOptions.backward(access))).containsExactly("b=y700", "a=new");
    assertThat(scan(ScanOptions.forward(committed))).containsExactly("a=a", "c=c");
  }

  @Test
  void manyVersionsAndLockRecordsAreSearchedNotWalked() {
    for (String key : List.of("a", "b", "c")) {
      for (int i = 1; i <= 50; i++) {
        store.write(key, key + i, i * 10, i * 10 + 5);
      }
      for (int i = 51; i <= 70; i++) {
        store.succeed(prewrite(key, i * 10, PrewriteMutation.lock(bytes(key))));
        store.succeed(commit(i * 10, i * 10 + 5, key));
      }
    }
    assertThat(scan(ScanOptions.forward(ReadView.at(255))))
        .containsExactly("a=a25", "b=b25", "c=c25");
    assertThat(scan(ScanOptions.backward(ReadView.at(255))))
        .containsExactly("c=c25", "b=b25", "a=a25");
    assertThat(scan(ScanOptions.backward(ReadView.at(10_000))))
        .containsExactly("c=c50", "b=b50", "a=a50");
    assertThat(scan(ScanOptions.forward(ReadView.at(14)))).isEmpty();
    assertThat(scan(ScanOptions.backward(ReadView.at(14)))).isEmpty();
    try (EngineSnapshot snapshot = store.engine().snapshot();
        MvccScanner scanner =
            new MvccScanner(snapshot, ALL, ScanOptions.forward(ReadView.at(255)))) {
      batch.clear();
      scanner.fill(batch, 10);
      assertThat(scanner.statistics().processedKeys()).isEqualTo(3);
      assertThat(scanner.statistics().scannedVersions()).isEqualTo(3);
    }
  }

  @Test
  void aCancelledScanStopsWithAResult() {
    for (int i = 0; i < 200; i++) {
      store.write("k%03d".formatted(i), "v", 10, 20);
    }
    try (EngineSnapshot snapshot = store.engine().snapshot();
        MvccScanner scanner =
            new MvccScanner(
                snapshot, ALL, ScanOptions.forward(ReadView.at(30)).withCancelled(() -> true))) {
      ScanResult result = scanner.fill(batch, 1_000);
      assertThat(result).isInstanceOf(ScanResult.Cancelled.class);
      assertThat(((ScanResult.Cancelled) result).resumeKey())
          .isEqualTo(bytes("k%03d".formatted(batch.rows())));
    }
  }

  @Test
  void buffersGrowWithLongKeysAndValues() {
    String key = "k".repeat(10_000);
    String value = "v".repeat(200_000);
    store.write(key, value, 10, 20);
    store.write(key + "2", value, 10, 20);

    assertThat(scan(ScanOptions.forward(ReadView.at(30))))
        .containsExactly("k10000=v200000", "k10001=v200000");
    assertThat(scan(ScanOptions.backward(ReadView.at(30)))).hasSize(2);
  }

  @Test
  void locksAreSearchedForOnlyWhereRowsCameFrom() {
    for (String key : List.of("a", "b", "c", "d", "e")) {
      store.write(key, key, 10, 20);
    }
    try (EngineSnapshot snapshot = store.engine().snapshot()) {
      LockRanges forward = new LockRanges(snapshot);
      LockRanges backward = new LockRanges(snapshot);
      try (MvccScanner scanner =
          new MvccScanner(forward, ALL, ScanOptions.forward(ReadView.at(30)))) {
        scanner.fill(batch, 2);
        assertThat(forward.searched).containsExactly("-c");
        batch.clear();
        scanner.fill(batch, 2);
        batch.clear();
        scanner.fill(batch, 2);
        scanner.fill(batch, 2);
        assertThat(forward.searched).containsExactly("-c", "c-e", "e-");
      }
      try (MvccScanner scanner =
          new MvccScanner(backward, ALL, ScanOptions.backward(ReadView.at(30)))) {
        batch.clear();
        scanner.fill(batch, 2);
        batch.clear();
        scanner.fill(batch, 9);
        assertThat(backward.searched).containsExactly("c+-", "-c+");
      }
    }
  }

  @Test
  void aScanInPiecesYieldsWhatReadingEachKeyYields() {
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < 300; round++) {
      TestStore scanned = new TestStore(new MemoryEngine());
      List<String> expected = new ArrayList<>();
      double locked = random.nextInt(3) * 0.08;
      for (int i = 0; i < 30; i++) {
        String key = "k%02d".formatted(i);
        boolean present = random.nextInt(4) > 0;
        if (present) {
          scanned.write(key, "v", 10, 20);
        }
        if (random.nextDouble() < locked) {
          scanned.succeed(put(key, "new", "p", 30));
          expected.add(key + " locked");
        } else if (present) {
          expected.add(key + "=v");
        }
      }
      boolean reverse = random.nextBoolean();
      if (reverse) {
        Collections.reverse(expected);
      }
      assertThat(inPieces(scanned, reverse, 1 + random.nextInt(8)))
          .as("round %d", round)
          .isEqualTo(expected);
    }
  }

  private List<String> inPieces(TestStore from, boolean reverse, int rows) {
    List<String> found = new ArrayList<>();
    ReadView view = ReadView.at(40);
    try (EngineSnapshot snapshot = from.engine().snapshot();
        MvccScanner scanner =
            new MvccScanner(
                snapshot, ALL, reverse ? ScanOptions.backward(view) : ScanOptions.forward(view))) {
      while (true) {
        batch.clear();
        ScanResult result = scanner.fill(batch, rows);
        found.addAll(rows());
        if (result instanceof ScanResult.Locked met) {
          found.add(shown(met.locks().get(0).key()) + " locked");
          scanner.skipLocked();
        } else if (result instanceof ScanResult.Exhausted) {
          assertThat(scanner.statistics().processedKeys())
              .isEqualTo(found.stream().filter(row -> row.endsWith("=v")).count());
          return found;
        }
      }
    }
  }

  /** Notes the ranges in which locks are searched for; a key with a + is meant inclusively. */
  private record LockRanges(EngineSnapshot snapshot, List<String> searched)
      implements EngineReader {
    LockRanges(EngineSnapshot snapshot) {
      this(snapshot, new ArrayList<>());
    }

    @Override
    public byte[] get(ColumnFamily family, byte[] key) {
      return snapshot.get(family, key);
    }

    @Override
    public int get(ColumnFamily family, ByteBuffer key, ByteBuffer value) {
      return snapshot.get(family, key, value);
    }

    @Override
    public EngineIterator iterator(ColumnFamily family, IterateOptions options) {
      if (family == ColumnFamily.LOCK) {
        searched.add(bound(options.lower()) + "-" + bound(options.upper()));
      }
      return snapshot.iterator(family, options);
    }

    private static String bound(byte[] encoded) {
      if (encoded.length == 0) {
        return "";
      }
      boolean inclusive = encoded.length % MvccKeys.encode(bytes("a")).length == 1;
      return shown(MvccKeys.decode(encoded, encoded.length - (inclusive ? 1 : 0)))
          + (inclusive ? "+" : "");
    }
  }

  private List<String> range(String start, String end, boolean reverse) {
    ReadView view = ReadView.at(30);
    EncodedRange range = EncodedRange.ofUserKeys(bytes(start), bytes(end));
    try (EngineSnapshot snapshot = store.engine().snapshot();
        MvccScanner scanner =
            new MvccScanner(
                snapshot,
                range,
                reverse ? ScanOptions.backward(view) : ScanOptions.forward(view))) {
      batch.clear();
      assertThat(scanner.fill(batch, 100)).isEqualTo(new ScanResult.Exhausted());
      return rows();
    }
  }

  private List<String> scan(ScanOptions options) {
    try (EngineSnapshot snapshot = store.engine().snapshot();
        MvccScanner scanner = new MvccScanner(snapshot, ALL, options)) {
      batch.clear();
      assertThat(scanner.fill(batch, 1_000)).isEqualTo(new ScanResult.Exhausted());
      return rows();
    }
  }

  private List<String> rows() {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < batch.rows(); i++) {
      rows.add(shown(batch.key(i)) + "=" + shown(batch.value(i)));
    }
    return rows;
  }

  /** Long texts are shown as their first letter and length. */
  private static String shown(Bytes bytes) {
    String text = new String(bytes.toByteArray(), StandardCharsets.UTF_8);
    return text.length() < 100 ? text : text.charAt(0) + "" + text.length();
  }
}
