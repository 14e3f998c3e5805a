package io.arrowraft.storage.txn;

import static io.arrowraft.storage.txn.TestStore.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.arrowraft.storage.memory.MemoryEngine;
import io.arrowraft.storage.mvcc.EncodedRange;
import io.arrowraft.storage.mvcc.GetResult;
import io.arrowraft.storage.mvcc.KeyValueBatch;
import io.arrowraft.storage.mvcc.MvccScanner;
import io.arrowraft.storage.mvcc.ReadView;
import io.arrowraft.storage.mvcc.ScanEntry;
import io.arrowraft.storage.mvcc.ScanOptions;
import io.arrowraft.storage.mvcc.ScanResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Random transactions against a deliberately naive map from key and commit timestamp to value. The
 * oracle knows nothing of records: it predicts the outcome of each step from the textbook rules and
 * compares every read with the engine's.
 */
class TransactionOracleTest {
  private static final int KEYS = 8;
  private static final int STEPS = 60;

  /** A transaction as the oracle sees it. */
  private static final class Txn {
    final long startTs;
    final Map<String, String> writes = new LinkedHashMap<>();
    String primary;
    boolean prewritten;
    boolean rolledBack;
    long commitTs;

    Txn(long startTs) {
      this.startTs = startTs;
    }
  }

  private final TestStore store = new TestStore(new MemoryEngine());
  private final Map<String, TreeMap<Long, String>> committed = new HashMap<>();
  private final Map<String, Txn> locks = new TreeMap<>();
  private final List<Txn> transactions = new ArrayList<>();
  private RandomGenerator random;
  private long clock = 1;

  @Property(tries = 150)
  void randomHistoriesAgreeWithANaiveMultiVersionMap(@ForAll long seed) {
    TransactionOracleTest run = new TransactionOracleTest();
    run.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    for (int i = 0; i < STEPS; i++) {
      run.step();
    }
    run.settleEverything();
    run.readEverywhere();
    assertThat(run.store.count(ColumnFamily.LOCK)).isZero();
  }

  private void step() {
    clock += random.nextInt(1, 4);
    switch (random.nextInt(9)) {
      case 0, 1, 2 -> begin();
      case 3, 4 -> commitOne();
      case 5 -> rollbackOne();
      case 6 -> repeatAPrewrite();
      case 7 -> readOne();
      default -> scanOne();
    }
  }

  private void begin() {
    Txn txn = new Txn(clock);
    transactions.add(txn);
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      txn.writes.put(key(), random.nextInt(4) == 0 ? null : value());
    }
    txn.primary = txn.writes.keySet().iterator().next();
    clock += random.nextInt(5);
    // Another transaction may have run between the start and the prewrite.
    if (random.nextInt(3) == 0 && transactions.size() > 1) {
      commitOne();
    }
    prewrite(txn);
  }

  private void prewrite(Txn txn) {
    boolean locked = false;
    boolean conflict = false;
    for (String key : txn.writes.keySet()) {
      locked |= locks.get(key) != null && locks.get(key) != txn;
      TreeMap<Long, String> versions = committed.get(key);
      conflict |= versions != null && versions.higherKey(txn.startTs) != null;
    }
    TxnResult<Prewrite.Result> result = store.run(command(txn));
    if (txn.commitTs != 0 || txn.prewritten) {
      assertThat(result).isInstanceOf(TxnResult.Success.class);
    } else if (locked || conflict || txn.rolledBack) {
      assertThat(result).isInstanceOf(TxnResult.Failure.class);
    } else {
      assertThat(result).isInstanceOf(TxnResult.Success.class);
      txn.prewritten = true;
      txn.writes.keySet().forEach(key -> locks.put(key, txn));
    }
  }

  private static Prewrite command(Txn txn) {
    List<PrewriteMutation> mutations = new ArrayList<>();
    txn.writes.forEach(
        (key, value) ->
            mutations.add(
                value == null
                    ? PrewriteMutation.delete(bytes(key))
                    : PrewriteMutation.put(bytes(key), bytes(value))));
    return TestStore.prewrite(txn.primary, txn.startTs, mutations.toArray(new PrewriteMutation[0]));
  }

  private void repeatAPrewrite() {
    if (!transactions.isEmpty()) {
      prewrite(transactions.get(random.nextInt(transactions.size())));
    }
  }

  private void commitOne() {
    if (transactions.isEmpty()) {
      return;
    }
    Txn txn = transactions.get(random.nextInt(transactions.size()));
    boolean repeated = txn.commitTs != 0;
    long commitTs = repeated ? txn.commitTs : ++clock;
    Commit commit =
        new Commit(txn.writes.keySet().stream().map(Bytes::ofUtf8).toList(), txn.startTs, commitTs);
    TxnResult<Done> result = store.run(commit);
    if (!txn.prewritten || txn.rolledBack) {
      assertThat(result).isInstanceOf(TxnResult.Failure.class);
      return;
    }
    assertThat(result).isInstanceOf(TxnResult.Success.class);
    if (!repeated) {
      txn.commitTs = commitTs;
      txn.writes.forEach(
          (key, value) -> {
            committed.computeIfAbsent(key, k -> new TreeMap<>()).put(commitTs, orEmpty(value));
            locks.remove(key);
          });
      clock++;
    }
  }

  private void rollbackOne() {
    if (transactions.isEmpty()) {
      return;
    }
    Txn txn = transactions.get(random.nextInt(transactions.size()));
    TxnResult<Done> result;
    if (random.nextBoolean()) {
      result =
          store.run(
              new Rollback(txn.writes.keySet().stream().map(Bytes::ofUtf8).toList(), txn.startTs));
    } else {
      // The way of a stranger: the primary decides, then the other keys follow.
      result = store.run(new Cleanup(bytes(txn.primary), txn.startTs, 0));
      if (result instanceof TxnResult.Success) {
        result =
            store.run(
                new ResolveLocks(
                    txn.writes.keySet().stream().map(Bytes::ofUtf8).toList(),
                    Map.of(txn.startTs, 0L)));
      }
    }
    if (txn.commitTs != 0) {
      assertThat(result).isInstanceOf(TxnResult.Failure.class);
      return;
    }
    assertThat(result).isInstanceOf(TxnResult.Success.class);
    // Without a lock on its primary the rollback record may be collapsed, which the oracle does not
    // model: such a transaction is left out from here on.
    if (!txn.prewritten) {
      transactions.remove(txn);
    }
    txn.rolledBack = true;
    txn.prewritten = false;
    locks.values().removeIf(holder -> holder == txn);
    if (!transactions.contains(txn)) {
      return;
    }
    transactions.remove(txn);
    assertThat(store.run(primaryOnly(txn))).isInstanceOf(TxnResult.Failure.class);
  }

  /** A late repetition of the prewrite of the primary, which must find its rollback. */
  private static Prewrite primaryOnly(Txn txn) {
    return TestStore.put(txn.primary, "late", txn.primary, txn.startTs);
  }

  private void readOne() {
    String key = key();
    long ts = random.nextLong(clock + 2);
    GetResult result = store.get(key, ReadView.at(ts));
    Txn holder = locks.get(key);
    if (holder != null && holder.startTs + 1 <= ts) {
      assertThat(result).isInstanceOf(GetResult.Locked.class);
    } else {
      assertThat(result instanceof GetResult.Found found ? found.value() : null)
          .isEqualTo(expected(key, ts));
    }
  }

  private void scanOne() {
    long ts = random.nextLong(clock + 2);
    boolean reverse = random.nextBoolean();
    TreeSet<String> keys = new TreeSet<>(committed.keySet());
    keys.addAll(locks.keySet());
    String from = random.nextBoolean() ? "" : key();
    String to = random.nextBoolean() ? "" : key();
    List<String> wanted = new ArrayList<>();
    for (String key : keys) {
      if (key.compareTo(from) < 0 || (!to.isEmpty() && key.compareTo(to) >= 0)) {
        continue;
      }
      Txn holder = locks.get(key);
      if (holder != null && holder.startTs + 1 <= ts) {
        wanted.add("locked " + bytes(key));
      } else if (expected(key, ts) != null) {
        wanted.add(bytes(key) + "=" + expected(key, ts));
      }
    }
    if (reverse) {
      Collections.reverse(wanted);
    }
    int limit = random.nextInt(1, KEYS + 2);
    assertThat(scan(from, to, ts, reverse, limit))
        .containsExactlyElementsOf(wanted.subList(0, Math.min(limit, wanted.size())));
  }

  private List<String> scan(String from, String to, long ts, boolean reverse, int limit) {
    ReadView view = ReadView.at(ts);
    List<ScanEntry> entries = new ArrayList<>();
    try (EngineSnapshot snapshot = store.engine().snapshot();
        MvccScanner scanner =
            new MvccScanner(
                snapshot,
                EncodedRange.ofUserKeys(bytes(from), bytes(to)),
                reverse ? ScanOptions.backward(view) : ScanOptions.forward(view))) {
      scanner.collect(entries, limit, 1 << 20);
    }
    return entries.stream()
        .map(
            entry ->
                entry instanceof ScanEntry.Row row
                    ? row.key() + "=" + row.value()
                    : "locked " + ((ScanEntry.Blocked) entry).locked().key())
        .toList();
  }

  private void settleEverything() {
    for (Txn txn : List.copyOf(transactions)) {
      if (txn.prewritten && txn.commitTs == 0) {
        long commitTs = ++clock;
        store.succeed(
            new Commit(
                txn.writes.keySet().stream().map(Bytes::ofUtf8).toList(), txn.startTs, commitTs));
        txn.writes.forEach(
            (key, value) -> {
              committed.computeIfAbsent(key, k -> new TreeMap<>()).put(commitTs, orEmpty(value));
              locks.remove(key);
            });
      }
    }
    assertThat(locks).isEmpty();
  }

  private void readEverywhere() {
    KeyValueBatch batch = new KeyValueBatch(1 << 20);
    for (long ts = 0; ts <= clock; ts += 3) {
      for (int i = 0; i < KEYS; i++) {
        String key = "key-" + i;
        GetResult result = store.get(key, ReadView.at(ts));
        assertThat(result instanceof GetResult.Found found ? found.value() : null)
            .isEqualTo(expected(key, ts));
      }
      batch.clear();
      try (EngineSnapshot snapshot = store.engine().snapshot();
          MvccScanner scanner =
              new MvccScanner(snapshot, EncodedRange.ALL, ScanOptions.forward(ReadView.at(ts)))) {
        assertThat(scanner.fill(batch, 100)).isEqualTo(new ScanResult.Exhausted());
      }
      long moment = ts;
      assertThat(batch.rows())
          .isEqualTo(
              (int)
                  committed.keySet().stream().filter(key -> expected(key, moment) != null).count());
    }
  }

  private Bytes expected(String key, long ts) {
    TreeMap<Long, String> versions = committed.get(key);
    Map.Entry<Long, String> version = versions == null ? null : versions.floorEntry(ts);
    return version == null || version.getValue().isEmpty() ? null : bytes(version.getValue());
  }

  private static String orEmpty(String value) {
    return value == null ? "" : value;
  }

  private String key() {
    return "key-" + random.nextInt(KEYS);
  }

  private String value() {
    return "v" + random.nextInt(1_000) + "x".repeat(random.nextInt(4) == 0 ? 300 : 0);
  }
}
