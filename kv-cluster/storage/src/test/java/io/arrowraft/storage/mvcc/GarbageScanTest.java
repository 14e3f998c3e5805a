package io.arrowraft.storage.mvcc;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.IterateOptions;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.MemoryEngine;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Garbage collection against an oracle that knows every record of every key. */
class GarbageScanTest {
  private static final GarbageScan.Limits ROOMY = new GarbageScan.Limits(1000, 1000);

  private final MemoryEngine engine = new MemoryEngine();

  /** The records of each key by commit timestamp, newest first: what the oracle goes by. */
  private final TreeMap<Bytes, TreeMap<Long, Write>> naive = new TreeMap<>();

  private void record(String key, long commitTs, Write write) {
    Bytes user = Bytes.ofUtf8(key);
    byte[] encoded = MvccKeys.encode(user);
    WriteBatch batch = new WriteBatch();
    batch.put(ColumnFamily.WRITE, MvccKeys.withTimestamp(encoded, commitTs), write.encode());
    if (write.type() == WriteType.PUT && write.shortValue() == null) {
      batch.put(
          ColumnFamily.DEFAULT,
          MvccKeys.withTimestamp(encoded, write.startTs()),
          Bytes.ofUtf8("long value of " + write.startTs()).toByteArray());
    }
    engine.write(batch, false);
    naive
        .computeIfAbsent(user, any -> new TreeMap<>(Comparator.reverseOrder()))
        .put(commitTs, write);
  }

  private static Write write(WriteType type, long startTs, boolean isShort) {
    return new Write(
        type,
        startTs,
        type == WriteType.PUT && isShort ? Bytes.ofUtf8("v" + startTs) : null,
        false,
        OptionalLong.empty(),
        0,
        Bytes.EMPTY);
  }

  /** Visits the whole range, applying page by page; how much garbage may be left. */
  private long collect(long safePoint, GarbageScan.Limits limits) {
    long left = 0;
    Optional<GarbageScan.Position> next =
        Optional.of(GarbageScan.Position.startOf(EncodedRange.ALL));
    while (next.isPresent()) {
      GarbageScan.Page page =
          GarbageScan.run(engine, EncodedRange.ALL, safePoint, next.get(), limits);
      apply(page);
      left += page.left();
      next = page.rest();
    }
    return left;
  }

  private void apply(GarbageScan.Page page) {
    WriteBatch batch = new WriteBatch();
    page.writes().forEach(key -> batch.delete(ColumnFamily.WRITE, key));
    page.values().forEach(key -> batch.delete(ColumnFamily.DEFAULT, key));
    engine.write(batch, false);
  }

  private List<String> records(ColumnFamily family) {
    List<String> found = new ArrayList<>();
    try (var stored = engine.iterator(family, IterateOptions.all())) {
      for (boolean on = stored.seekToFirst(); on; on = stored.next()) {
        found.add(
            MvccKeys.decode(MvccKeys.withoutTimestamp(stored.key()))
                + "@"
                + MvccKeys.timestamp(stored.key()));
      }
    }
    return found;
  }

  private String visible(Bytes key, long ts) {
    try (MvccReader reader = new MvccReader(engine, EncodedRange.ALL)) {
      return reader.get(key, ReadView.at(ts)).toString();
    }
  }

  @Test
  void theNewestPutAtOrBelowTheSafePointStays() {
    record("k", 12, write(WriteType.PUT, 11, true));
    record("k", 10, write(WriteType.LOCK, 9, true));
    record("k", 8, write(WriteType.PUT, 7, true));
    record("k", 6, write(WriteType.PUT, 5, false));

    assertThat(collect(10, ROOMY)).isEqualTo(1);

    assertThat(records(ColumnFamily.WRITE)).containsExactly(name("k") + "@12", name("k") + "@8");
    assertThat(records(ColumnFamily.DEFAULT)).isEmpty();
  }

  @Test
  void ofADeletedKeyNothingStays() {
    record("k", 8, write(WriteType.DELETE, 7, true));
    record("k", 6, write(WriteType.PUT, 5, false));
    record("k", 4, Write.rollback(4, true));

    assertThat(collect(8, ROOMY)).isZero();

    assertThat(records(ColumnFamily.WRITE)).isEmpty();
    assertThat(records(ColumnFamily.DEFAULT)).isEmpty();
  }

  @Test
  void aDeleteGoesOnlyAfterAllThatItHides() {
    record("k", 20, write(WriteType.DELETE, 19, true));
    for (long ts = 18; ts > 0; ts -= 2) {
      record("k", ts, write(WriteType.PUT, ts - 1, true));
    }
    GarbageScan.Position position = GarbageScan.Position.startOf(EncodedRange.ALL);
    GarbageScan.Page page =
        GarbageScan.run(engine, EncodedRange.ALL, 30, position, new GarbageScan.Limits(4, 1));
    apply(page);

    assertThat(visible(Bytes.ofUtf8("k"), 100)).contains("Absent");
    assertThat(records(ColumnFamily.WRITE)).hasSize(6).contains(name("k") + "@20");
    collect(30, new GarbageScan.Limits(4, 1));
    assertThat(records(ColumnFamily.WRITE)).isEmpty();
  }

  @Test
  void aRecordThatWasFencedAfterItsSuccessorWasCollectedGoesToo() {
    // Rule 34: a late rollback at 6 has brought the record back, which a removed DELETE had hidden.
    record("k", 6, write(WriteType.PUT, 5, true).withOverlappedRollback(9));

    assertThat(visible(Bytes.ofUtf8("k"), 20)).contains("Absent");
    collect(12, ROOMY);

    assertThat(records(ColumnFamily.WRITE)).isEmpty();
  }

  @Test
  void anOverlappedRollbackStaysWithTheRecordThatStays() {
    record("k", 6, write(WriteType.PUT, 5, true).withOverlappedRollback(0));
    record("k", 4, write(WriteType.PUT, 3, true));

    collect(12, ROOMY);

    try (MvccReader reader = new MvccReader(engine, EncodedRange.ALL)) {
      assertThat(reader.commitRecord(Bytes.ofUtf8("k"), 6))
          .isInstanceOf(CommitRecord.OverlappedRollback.class);
    }
  }

  private static String name(String key) {
    return Bytes.ofUtf8(key).toString();
  }

  @Test
  void randomHistoriesReadTheSameAtAndAboveTheSafePointAndNothingElseIsLeft() {
    for (int seed = 0; seed < 400; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      GarbageScanTest run = new GarbageScanTest();
      run.fill(random);
      long safePoint = random.nextLong(0, 70);
      GarbageScan.Limits limits =
          new GarbageScan.Limits(random.nextInt(1, 6), random.nextInt(1, 12));
      run.check(seed, safePoint, limits);
      // A later visit, after further writes, starts from what the first one has left.
      run.fillAbove(random, 70);
      run.check(seed, safePoint + random.nextLong(0, 60), limits);
    }
  }

  private void fill(SplittableRandom random) {
    fill(random, 0, 60);
  }

  private void fillAbove(SplittableRandom random, long from) {
    fill(random, from, from + 60);
  }

  /** Commit timestamps and start timestamps are distinct, as the oracle of timestamps sees to. */
  private void fill(SplittableRandom random, long from, long to) {
    for (String key : List.of("a", "b", "c", "de", "a-key-of-many-groups", "z")) {
      for (long ts = from + 2; ts < to; ts += random.nextLong(2, 20)) {
        switch (random.nextInt(6)) {
          case 0 -> record(key, ts, write(WriteType.DELETE, ts - 1, true));
          case 1 -> record(key, ts, write(WriteType.LOCK, ts - 1, true));
          case 2 -> record(key, ts, Write.rollback(ts, random.nextBoolean()));
          default -> record(key, ts, write(WriteType.PUT, ts - 1, random.nextBoolean()));
        }
      }
    }
  }

  private void check(int seed, long safePoint, GarbageScan.Limits limits) {
    Map<String, String> before = reads(safePoint);
    long left = collect(safePoint, limits);
    assertThat(reads(safePoint)).as("seed %d", seed).isEqualTo(before);
    TreeSet<String> writes = new TreeSet<>();
    TreeSet<String> values = new TreeSet<>();
    long mayBeGarbage = 0;
    for (Map.Entry<Bytes, TreeMap<Long, Write>> key : naive.entrySet()) {
      key.getValue().keySet().retainAll(staying(key.getValue(), safePoint));
      boolean newest = true;
      for (Map.Entry<Long, Write> record : key.getValue().entrySet()) {
        Write write = record.getValue();
        writes.add(key.getKey() + "@" + record.getKey());
        if (write.type() == WriteType.PUT && write.shortValue() == null) {
          values.add(key.getKey() + "@" + write.startTs());
        }
        mayBeGarbage += newest && write.type() == WriteType.PUT ? 0 : 1;
        newest &= !write.type().changesData();
      }
    }
    assertThat(records(ColumnFamily.WRITE)).as("seed %d", seed).hasSameElementsAs(writes);
    assertThat(records(ColumnFamily.DEFAULT)).as("seed %d", seed).hasSameElementsAs(values);
    assertThat(left).as("seed %d", seed).isEqualTo(mayBeGarbage);
  }

  /** By the definition: what is above the safe point, and the PUT that a read at it sees. */
  private static TreeSet<Long> staying(TreeMap<Long, Write> records, long safePoint) {
    TreeSet<Long> staying = new TreeSet<>();
    boolean decided = false;
    for (Map.Entry<Long, Write> record : records.entrySet()) {
      WriteType type = record.getValue().type();
      if (record.getKey() > safePoint) {
        staying.add(record.getKey());
      } else if (!decided && type.changesData()) {
        decided = true;
        if (type == WriteType.PUT) {
          staying.add(record.getKey());
        }
      }
    }
    return staying;
  }

  private Map<String, String> reads(long safePoint) {
    Map<String, String> reads = new TreeMap<>();
    for (Bytes key : naive.keySet()) {
      for (long ts = safePoint; ts < 140; ts++) {
        reads.put(key + "@" + ts, visible(key, ts));
      }
    }
    return reads;
  }
}
