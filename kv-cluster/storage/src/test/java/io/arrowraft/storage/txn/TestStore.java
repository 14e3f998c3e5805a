package io.arrowraft.storage.txn;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.arrowraft.storage.engine.IterateOptions;
import io.arrowraft.storage.mvcc.EncodedRange;
import io.arrowraft.storage.mvcc.GetResult;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.MvccKeys;
import io.arrowraft.storage.mvcc.MvccReader;
import io.arrowraft.storage.mvcc.ReadView;
import io.arrowraft.storage.mvcc.Write;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;

/** Runs commands against an engine one after the other, as a single-node store would. */
public final class TestStore {
  public static final long TTL = 3_000;

  private final Engine engine;

  public TestStore(Engine engine) {
    this.engine = engine;
  }

  public static Bytes bytes(String text) {
    return Bytes.ofUtf8(text);
  }

  public Engine engine() {
    return engine;
  }

  /** Evaluates without applying. */
  public <V> Outcome<V> evaluate(Command<V> command) {
    return read(command::evaluate);
  }

  public <V> TxnResult<V> run(Command<V> command) {
    Outcome<V> outcome = evaluate(command);
    engine.write(Modification.batchOf(outcome.modifications()), false);
    return outcome.result();
  }

  public <V> V succeed(Command<V> command) {
    TxnResult<V> result = run(command);
    assertThat(result).as(command.toString()).isInstanceOf(TxnResult.Success.class);
    return ((TxnResult.Success<V>) result).value();
  }

  public <V> TxnError fail(Command<V> command) {
    TxnResult<V> result = run(command);
    assertThat(result).as(command.toString()).isInstanceOf(TxnResult.Failure.class);
    return ((TxnResult.Failure<V>) result).errors().get(0);
  }

  public <T> T read(Function<MvccReader, T> reading) {
    try (EngineSnapshot snapshot = engine.snapshot();
        MvccReader reader = new MvccReader(snapshot, EncodedRange.ALL)) {
      return reading.apply(reader);
    }
  }

  public static Prewrite prewrite(String primary, long startTs, PrewriteMutation... mutations) {
    return new Prewrite(
        List.of(mutations),
        bytes(primary),
        startTs,
        TTL,
        mutations.length,
        startTs + 1,
        false,
        Prewrite.AssertionLevel.FAST);
  }

  public static Prewrite put(String key, String value, String primary, long startTs) {
    return prewrite(primary, startTs, PrewriteMutation.put(bytes(key), bytes(value)));
  }

  public static Commit commit(long startTs, long commitTs, String... keys) {
    return new Commit(keys(keys), startTs, commitTs);
  }

  public static Rollback rollback(long startTs, String... keys) {
    return new Rollback(keys(keys), startTs);
  }

  public static List<Bytes> keys(String... keys) {
    return Arrays.stream(keys).map(TestStore::bytes).toList();
  }

  /** Prewrites and commits one value. */
  public void write(String key, String value, long startTs, long commitTs) {
    succeed(put(key, value, key, startTs));
    succeed(commit(startTs, commitTs, key));
  }

  /** Prewrites and commits a deletion. */
  public void delete(String key, long startTs, long commitTs) {
    succeed(prewrite(key, startTs, PrewriteMutation.delete(bytes(key))));
    succeed(commit(startTs, commitTs, key));
  }

  public GetResult get(String key, ReadView view) {
    return read(reader -> reader.get(bytes(key), view));
  }

  /** The value at a timestamp, or null. */
  public String value(String key, long ts) {
    GetResult result = get(key, ReadView.at(ts));
    if (result instanceof GetResult.Found found) {
      return new String(found.value().toByteArray(), StandardCharsets.UTF_8);
    }
    assertThat(result).isInstanceOf(GetResult.Absent.class);
    return null;
  }

  public Lock lock(String key) {
    return read(reader -> reader.lock(bytes(key)));
  }

  /** The write records of a key, oldest first. */
  public TreeMap<Long, Write> records(String key) {
    byte[] encoded = MvccKeys.encode(bytes(key));
    TreeMap<Long, Write> records = new TreeMap<>();
    try (EngineIterator iterator = engine.iterator(ColumnFamily.WRITE, IterateOptions.all())) {
      for (boolean on = iterator.seek(encoded); on; on = iterator.next()) {
        if (!Arrays.equals(MvccKeys.withoutTimestamp(iterator.key()), encoded)) {
          break;
        }
        records.put(MvccKeys.timestamp(iterator.key()), Write.decode(iterator.value()));
      }
    }
    return records;
  }

  /** How many keys a family holds. */
  public int count(ColumnFamily family) {
    int count = 0;
    try (EngineIterator iterator = engine.iterator(family, IterateOptions.all())) {
      for (boolean on = iterator.seekToFirst(); on; on = iterator.next()) {
        count++;
      }
    }
    return count;
  }
}
