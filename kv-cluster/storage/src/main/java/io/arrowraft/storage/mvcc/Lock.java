package io.arrowraft.storage.mvcc;

import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A lock record, in the format of TiKV's {@code txn_types::Lock}: a type byte, primary, start
 * timestamp and TTL, then optional fields, each behind a tag byte and in a fixed order.
 *
 * @param primary user key of the transaction's primary lock
 * @param ttlMillis how long after the physical part of startTs the lock may be taken for abandoned
 * @param shortValue the value to commit, when it is short; null otherwise
 * @param forUpdateTs 0 unless the transaction is pessimistic
 * @param txnSize number of keys in the transaction, as its client estimated
 * @param minCommitTs the least timestamp at which the lock may commit; 0 when it was not asked for
 * @param asyncCommit whether the transaction commits asynchronously
 * @param secondaries the other keys, on the primary of an asynchronous commit
 * @param rollbackTs protected rollbacks of other transactions that the commit must not overwrite
 * @param txnSource origin of the write for change feeds; 0 for none
 * @param lockedWithConflict whether a pessimistic lock was taken in spite of a newer version
 * @param generation of a pipelined transaction's flush; 0 for none
 * @param unknownTail fields that this version does not know, kept as they came
 */
public record Lock(
    LockType type,
    Bytes primary,
    long startTs,
    long ttlMillis,
    Bytes shortValue,
    long forUpdateTs,
    long txnSize,
    long minCommitTs,
    boolean asyncCommit,
    List<Bytes> secondaries,
    List<Long> rollbackTs,
    long txnSource,
    boolean lockedWithConflict,
    long generation,
    Bytes unknownTail) {

  /** The longest value that is stored inside lock and write records. */
  public static final int SHORT_VALUE_BYTES_MAX = 255;

  static final int SHORT_VALUE_TAG = 'v';
  private static final int FOR_UPDATE_TS_TAG = 'f';
  private static final int TXN_SIZE_TAG = 't';
  private static final int MIN_COMMIT_TS_TAG = 'c';
  private static final int ASYNC_COMMIT_TAG = 'a';
  private static final int ROLLBACK_TS_TAG = 'r';
  static final int LAST_CHANGE_TAG = 'l';
  private static final int TXN_SOURCE_TAG = 's';
  private static final int LOCKED_WITH_CONFLICT_TAG = 'F';
  private static final int GENERATION_TAG = 'g';

  public Lock {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(primary, "primary");
    secondaries = List.copyOf(secondaries);
    rollbackTs = List.copyOf(rollbackTs);
    Objects.requireNonNull(unknownTail, "unknownTail");
  }

  /** A lock of an ordinary two-phase commit. */
  public static Lock twoPhase(
      LockType type,
      Bytes primary,
      long startTs,
      long ttlMillis,
      Bytes shortValue,
      long txnSize,
      long minCommitTs) {
    return new Lock(
        type,
        primary,
        startTs,
        ttlMillis,
        shortValue,
        0,
        txnSize,
        minCommitTs,
        false,
        List.of(),
        List.of(),
        0,
        false,
        0,
        Bytes.EMPTY);
  }

  /**
   * A lock that a pessimistic transaction takes before it knows what it will write.
   *
   * @param conflicting whether a version newer than the client has read was passed over, so that
   *     forUpdateTs is that version's
   */
  public static Lock pessimistic(
      Bytes primary,
      long startTs,
      long ttlMillis,
      long forUpdateTs,
      long minCommitTs,
      boolean conflicting) {
    return new Lock(
        LockType.PESSIMISTIC,
        primary,
        startTs,
        ttlMillis,
        null,
        forUpdateTs,
        0,
        minCommitTs,
        false,
        List.of(),
        List.of(),
        0,
        conflicting,
        0,
        Bytes.EMPTY);
  }

  public boolean isPessimistic() {
    return type == LockType.PESSIMISTIC;
  }

  /** Whether the lock's time to live has passed at {@code currentTs}, judged by physical time. */
  public boolean isExpiredAt(long currentTs) {
    return Timestamps.physicalMillis(startTs) + ttlMillis < Timestamps.physicalMillis(currentTs);
  }

  public Lock withTtlMillis(long ttl) {
    return copy(ttl, minCommitTs, rollbackTs);
  }

  public Lock withMinCommitTs(long timestamp) {
    return copy(ttlMillis, timestamp, rollbackTs);
  }

  /** The same lock, remembering a protected rollback that its commit must not overwrite. */
  public Lock withRollback(long rolledBackStartTs) {
    List<Long> all = new ArrayList<>(rollbackTs);
    all.add(rolledBackStartTs);
    return copy(ttlMillis, minCommitTs, all);
  }

  /** The same lock, of a pessimistic transaction unless the timestamp is 0. */
  public Lock withForUpdateTs(long timestamp) {
    return new Lock(
        type,
        primary,
        startTs,
        ttlMillis,
        shortValue,
        timestamp,
        txnSize,
        minCommitTs,
        asyncCommit,
        secondaries,
        rollbackTs,
        txnSource,
        lockedWithConflict,
        generation,
        unknownTail);
  }

  /** The same lock, of an asynchronous commit; secondaries are given on its primary. */
  public Lock withAsyncCommit(long least, List<Bytes> otherKeys) {
    return new Lock(
        type,
        primary,
        startTs,
        ttlMillis,
        shortValue,
        forUpdateTs,
        txnSize,
        least,
        true,
        otherKeys,
        rollbackTs,
        txnSource,
        lockedWithConflict,
        generation,
        unknownTail);
  }

  private Lock copy(long ttl, long minimum, List<Long> rollbacks) {
    return new Lock(
        type,
        primary,
        startTs,
        ttl,
        shortValue,
        forUpdateTs,
        txnSize,
        minimum,
        asyncCommit,
        secondaries,
        rollbacks,
        txnSource,
        lockedWithConflict,
        generation,
        unknownTail);
  }

  /** The stored form. */
  public byte[] encode() {
    RecordWriter out = new RecordWriter();
    out.raw(type.tag()).compactBytes(primary).varint(startTs).varint(ttlMillis);
    if (shortValue != null) {
      out.raw(SHORT_VALUE_TAG).raw(shortValue.length()).raw(shortValue);
    }
    optional(out, FOR_UPDATE_TS_TAG, forUpdateTs);
    optional(out, TXN_SIZE_TAG, txnSize);
    optional(out, MIN_COMMIT_TS_TAG, minCommitTs);
    if (asyncCommit) {
      out.raw(ASYNC_COMMIT_TAG).varint(secondaries.size());
      secondaries.forEach(out::compactBytes);
    }
    if (!rollbackTs.isEmpty()) {
      out.raw(ROLLBACK_TS_TAG).varint(rollbackTs.size());
      rollbackTs.forEach(out::fixed);
    }
    if (txnSource != 0) {
      out.raw(TXN_SOURCE_TAG).varint(txnSource);
    }
    if (lockedWithConflict) {
      out.raw(LOCKED_WITH_CONFLICT_TAG);
    }
    optional(out, GENERATION_TAG, generation);
    return out.raw(unknownTail).toByteArray();
  }

  private static void optional(RecordWriter out, int tag, long value) {
    if (value != 0) {
      out.raw(tag).fixed(value);
    }
  }

  /**
   * Reads the stored form.
   *
   * @throws io.arrowraft.storage.engine.EngineException of kind CORRUPTION when it is malformed
   */
  public static Lock decode(byte[] stored) {
    RecordReader in = new RecordReader("lock").open(stored, 0, stored.length);
    LockType type = LockType.ofTag(in.raw());
    if (type == null) {
      throw in.malformed();
    }
    Bytes primary = in.compactBytes();
    long startTs = in.varint();
    long ttl = in.hasMore() ? in.varint() : 0;
    return new Fields().read(in).toLock(type, primary, startTs, ttl);
  }

  /** The optional fields while they are being read. */
  private static final class Fields {
    private Bytes shortValue;
    private long forUpdateTs;
    private long txnSize;
    private long minCommitTs;
    private boolean asyncCommit;
    private List<Bytes> secondaries = List.of();
    private List<Long> rollbackTs = List.of();
    private long txnSource;
    private boolean lockedWithConflict;
    private long generation;
    private Bytes unknownTail = Bytes.EMPTY;

    Fields read(RecordReader in) {
      while (in.hasMore()) {
        switch (in.raw()) {
          case SHORT_VALUE_TAG -> shortValue = in.take(in.raw());
          case FOR_UPDATE_TS_TAG -> forUpdateTs = in.fixed();
          case TXN_SIZE_TAG -> txnSize = in.fixed();
          case MIN_COMMIT_TS_TAG -> minCommitTs = in.fixed();
          case ASYNC_COMMIT_TAG -> readSecondaries(in);
          case ROLLBACK_TS_TAG -> readRollbacks(in);
          case LAST_CHANGE_TAG -> {
            in.fixed();
            in.varint();
          }
          case TXN_SOURCE_TAG -> txnSource = in.varint();
          case LOCKED_WITH_CONFLICT_TAG -> lockedWithConflict = true;
          case GENERATION_TAG -> generation = in.fixed();
          default -> unknownTail = in.unknownTail();
        }
      }
      return this;
    }

    private void readSecondaries(RecordReader in) {
      asyncCommit = true;
      int count = in.count(1);
      secondaries = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        secondaries.add(in.compactBytes());
      }
    }

    private void readRollbacks(RecordReader in) {
      int count = in.count(8);
      rollbackTs = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        rollbackTs.add(in.fixed());
      }
    }

    Lock toLock(LockType type, Bytes primary, long startTs, long ttl) {
      return new Lock(
          type,
          primary,
          startTs,
          ttl,
          shortValue,
          forUpdateTs,
          txnSize,
          minCommitTs,
          asyncCommit,
          secondaries,
          rollbackTs,
          txnSource,
          lockedWithConflict,
          generation,
          unknownTail);
    }
  }
}
