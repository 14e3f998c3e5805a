package io.arrowraft.server.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.IterateOptions;
import io.arrowraft.storage.mvcc.CommittedWrite;
import io.arrowraft.storage.mvcc.EncodedRange;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockedKey;
import io.arrowraft.storage.mvcc.MvccKeys;
import io.arrowraft.storage.mvcc.MvccReader;
import io.arrowraft.storage.mvcc.Timestamps;
import io.arrowraft.storage.mvcc.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Everything that is stored of a key, for those who look into what happened.
 *
 * @param lock null if there is none
 * @param writes newest first
 * @param values long values, newest start first
 */
public record MvccHistory(Lock lock, List<CommittedWrite> writes, List<StoredValue> values) {
  /** Records looked at between two questions whether anybody still waits. */
  private static final int RECORDS_PER_LOOK = 1024;

  /** A long value, by the start of its transaction. */
  public record StoredValue(long startTs, Bytes value) {}

  public MvccHistory {
    writes = List.copyOf(writes);
    values = List.copyOf(values);
    Objects.requireNonNull(values, "values");
  }

  /**
   * The history of a user key.
   *
   * @throws ResponseTooLargeException if its values and records take more than {@code bytesMax}
   */
  public static MvccHistory of(RegionSnapshot snapshot, Bytes key, long bytesMax) {
    byte[] encoded = MvccKeys.encode(key);
    KeyBounds.of(snapshot.region()).requireContains(encoded);
    long bytes = 0;
    List<CommittedWrite> writes = new ArrayList<>();
    List<StoredValue> values = new ArrayList<>();
    try (MvccReader reader = TxnReads.reader(snapshot);
        EngineIterator stored =
            snapshot
                .data()
                .iterator(
                    ColumnFamily.DEFAULT,
                    IterateOptions.range(
                        encoded,
                        Bytes.wrap(MvccKeys.withTimestamp(encoded, 0)).next().toByteArray()))) {
      long at = Timestamps.MAX;
      for (CommittedWrite write = reader.newestWrite(key, at); write != null; ) {
        writes.add(write);
        bytes +=
            32 + (write.write().shortValue() == null ? 0 : write.write().shortValue().length());
        require(bytes, bytesMax);
        write = write.commitTs() == 0 ? null : reader.newestWrite(key, write.commitTs() - 1);
      }
      for (boolean on = stored.seekToFirst(); on; on = stored.next()) {
        Bytes value = Bytes.wrap(stored.value());
        values.add(new StoredValue(MvccKeys.timestamp(stored.key()), value));
        bytes += 16 + (long) value.length();
        require(bytes, bytesMax);
      }
      return new MvccHistory(reader.lock(key), writes, values);
    }
  }

  private static void require(long bytes, long bytesMax) {
    if (bytes > bytesMax) {
      throw new ResponseTooLargeException("mvcc history", bytesMax);
    }
  }

  /**
   * A user key of the region that the transaction has locked or written; the first found. Looks at
   * every record of the region if need be.
   *
   * @throws ReadCancelledException if nobody waits for the answer any more
   */
  public static Optional<Bytes> keyOf(
      RegionSnapshot snapshot, long startTs, BooleanSupplier cancelled) {
    EncodedRange range = TxnReads.encoded(KeyBounds.of(snapshot.region()));
    try (MvccReader reader = TxnReads.reader(snapshot)) {
      List<LockedKey> locked = reader.locks(range, 1, lock -> lock.startTs() == startTs);
      if (!locked.isEmpty()) {
        return Optional.of(locked.get(0).key());
      }
    }
    IterateOptions options =
        IterateOptions.range(range.lower().toByteArray(), range.upper().toByteArray())
            .withoutFillingCache();
    try (EngineIterator records = snapshot.data().iterator(ColumnFamily.WRITE, options)) {
      int looked = 0;
      for (boolean on = records.seekToFirst(); on; on = records.next()) {
        if (++looked % RECORDS_PER_LOOK == 0 && cancelled.getAsBoolean()) {
          throw new ReadCancelledException();
        }
        if (Write.decode(records.value()).startTs() == startTs) {
          return Optional.of(MvccKeys.decode(MvccKeys.withoutTimestamp(records.key())));
        }
      }
    }
    return Optional.empty();
  }
}
