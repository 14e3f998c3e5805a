package io.arrowraft.storage.mvcc;

import io.arrowraft.runtime.Bytes;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * A commit or rollback record, in the format of TiKV's {@code txn_types::Write}.
 *
 * @param startTs start timestamp of the transaction that wrote it
 * @param shortValue the value, when it is short; null when it is in family DEFAULT or there is none
 * @param overlappedRollback whether a transaction whose start timestamp equals this record's commit
 *     timestamp was rolled back, protected: the two records would have the same key
 * @param gcFence present when the record was rewritten to mark such an overlap: the commit
 *     timestamp of the next PUT or DELETE then, 0 if there was none. If that version is gone, so is
 *     this one (the garbage collector had removed both before the rewrite arrived)
 * @param txnSource origin of the write for change feeds; 0 for none
 * @param unknownTail fields that this version does not know, kept as they came
 */
public record Write(
    WriteType type,
    long startTs,
    Bytes shortValue,
    boolean overlappedRollback,
    OptionalLong gcFence,
    long txnSource,
    Bytes unknownTail) {

  static final int OVERLAPPED_ROLLBACK_TAG = 'R';
  static final int GC_FENCE_TAG = 'F';
  static final int TXN_SOURCE_TAG = 'S';

  /** Marks a rollback record that later rollbacks must not collapse. */
  private static final Bytes PROTECTED = Bytes.ofUtf8("p");

  public Write {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(gcFence, "gcFence");
    Objects.requireNonNull(unknownTail, "unknownTail");
  }

  /** The record that commits a lock. */
  public static Write committing(Lock lock, boolean overlappedRollback) {
    return new Write(
        WriteType.committing(lock.type()),
        lock.startTs(),
        lock.shortValue(),
        overlappedRollback,
        OptionalLong.empty(),
        lock.txnSource(),
        Bytes.EMPTY);
  }

  /** A record that a transaction was rolled back. */
  public static Write rollback(long startTs, boolean isProtected) {
    return new Write(
        WriteType.ROLLBACK,
        startTs,
        isProtected ? PROTECTED : null,
        false,
        OptionalLong.empty(),
        0,
        Bytes.EMPTY);
  }

  /** This commit record, saying also that the transaction starting at its timestamp rolled back. */
  public Write withOverlappedRollback(long fence) {
    return new Write(
        type, startTs, shortValue, true, OptionalLong.of(fence), txnSource, unknownTail);
  }

  /** Whether this is a rollback that must not be collapsed. */
  public boolean isProtectedRollback() {
    return type == WriteType.ROLLBACK && PROTECTED.equals(shortValue);
  }

  /** The stored form. */
  public byte[] encode() {
    RecordWriter out = new RecordWriter();
    out.raw(type.tag()).varint(startTs);
    if (shortValue != null) {
      out.raw(Lock.SHORT_VALUE_TAG).raw(shortValue.length()).raw(shortValue);
    }
    if (overlappedRollback) {
      out.raw(OVERLAPPED_ROLLBACK_TAG);
    }
    if (gcFence.isPresent()) {
      out.raw(GC_FENCE_TAG).fixed(gcFence.getAsLong());
    }
    if (txnSource != 0) {
      out.raw(TXN_SOURCE_TAG).varint(txnSource);
    }
    return out.raw(unknownTail).toByteArray();
  }

  /**
   * Reads the stored form.
   *
   * @throws io.arrowraft.storage.engine.EngineException of kind CORRUPTION when it is malformed
   */
  public static Write decode(byte[] stored) {
    return new WriteView().parse(stored, stored.length).toWrite();
  }
}
