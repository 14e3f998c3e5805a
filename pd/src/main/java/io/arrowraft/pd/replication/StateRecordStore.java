package io.arrowraft.pd.replication;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.pd.state.CorruptStateException;
import io.arrowraft.pd.state.StateWrite;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.IterateOptions;
import io.arrowraft.storage.engine.WriteBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The records of the state in an engine, with the log position up to which they hold. */
final class StateRecordStore {
  private static final ColumnFamily FAMILY = ColumnFamily.DEFAULT;
  private static final byte[] RECORDS_START = {'p'};
  private static final byte[] RECORDS_END = {'q'};
  private static final byte[] APPLIED_KEY = {'a'};
  private static final byte VERSION = 1;

  /** A position of the log. */
  record Position(long index, long term) {}

  private final Engine engine;

  StateRecordStore(Engine engine) {
    this.engine = engine;
  }

  /** The position up to which the records hold; empty before the first write. */
  Optional<Position> applied() {
    byte[] value = engine.get(FAMILY, APPLIED_KEY);
    if (value == null) {
      return Optional.empty();
    }
    if (value.length != 17 || value[0] != VERSION) {
      throw new CorruptStateException(
          "the applied position has " + value.length + " bytes or an unknown version");
    }
    ByteBuffer fields = ByteBuffer.wrap(value, 1, 16);
    return Optional.of(new Position(fields.getLong(), fields.getLong()));
  }

  /** All records. */
  List<StateWrite> records() {
    List<StateWrite> records = new ArrayList<>();
    try (EngineIterator iterator =
        engine.iterator(FAMILY, IterateOptions.range(RECORDS_START, RECORDS_END))) {
      for (boolean found = iterator.seekToFirst(); found; found = iterator.next()) {
        records.add(
            new StateWrite(
                UnsafeByteOperations.unsafeWrap(iterator.key()),
                UnsafeByteOperations.unsafeWrap(iterator.value())));
      }
    }
    return records;
  }

  /** Stores what changed up to {@code position}, all or nothing; durable with the next sync. */
  void save(List<StateWrite> writes, Position position) {
    WriteBatch batch = new WriteBatch();
    for (StateWrite write : writes) {
      byte[] key = write.key().toByteArray();
      ByteString value = write.value();
      if (value == null) {
        batch.delete(FAMILY, key);
      } else {
        batch.put(FAMILY, key, value.toByteArray());
      }
    }
    batch.put(
        FAMILY,
        APPLIED_KEY,
        ByteBuffer.allocate(17)
            .put(VERSION)
            .putLong(position.index())
            .putLong(position.term())
            .array());
    engine.write(batch, false);
  }

  /** Makes everything saved so far durable. Blocks. */
  void sync() {
    engine.sync();
  }
}
