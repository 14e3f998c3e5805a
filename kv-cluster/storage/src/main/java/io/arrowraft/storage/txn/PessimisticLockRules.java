package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.CommittedWrite;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockedKey;
import io.arrowraft.storage.mvcc.MvccReader;
import io.arrowraft.storage.mvcc.Timestamps;
import io.arrowraft.storage.mvcc.Write;
import io.arrowraft.storage.mvcc.WriteType;

/** The rules by which a pessimistic transaction locks one key. */
final class PessimisticLockRules {
  private final AcquirePessimisticLocks request;
  private final MvccReader reader;
  private final Changes changes;
  private long observedTs;

  PessimisticLockRules(AcquirePessimisticLocks request, MvccReader reader, Changes changes) {
    this.request = request;
    this.reader = reader;
    this.changes = changes;
    if (request.reading() != AcquirePessimisticLocks.Reading.NOTHING
        || request.keys().stream().anyMatch(AcquirePessimisticLocks.Key::mustNotExist)) {
      // Rule 42: finding a key empty is a read as well.
      observedTs = request.forUpdateTs();
    }
  }

  /** The newest timestamp that has been read at; 0 for none. */
  long observedTs() {
    return observedTs;
  }

  AcquirePessimisticLocks.Acquired lock(AcquirePessimisticLocks.Key key) throws Abort {
    Lock held = reader.lock(key.key());
    if (held != null) {
      return lockAgain(key, held);
    }
    CommittedWrite newest = newestChange(key.key());
    checkRolledBack(key.key(), newest);
    long conflictTs = conflictTs(key.key(), newest);
    long readTs = conflictTs == 0 ? request.forUpdateTs() : conflictTs;
    CommittedWrite existing = newest == null ? null : reader.put(key.key(), readTs, Timestamps.MAX);
    if (key.mustNotExist() && existing != null) {
      throw conflictTs != 0
          ? conflict(key.key(), newest)
          : new Abort(new TxnError.AlreadyExists(key.key(), existing.write().startTs()));
    }
    if (!request.onlyIfExists() || existing != null) {
      put(key.key(), readTs, request.lockTtlMillis(), request.minCommitTs(), conflictTs != 0);
    } else if (conflictTs != 0) {
      throw conflict(key.key(), newest);
    }
    return acquired(key.key(), existing, conflictTs);
  }

  /**
   * The newest record; rollbacks after the statement's timestamp changed nothing and are skipped.
   */
  private CommittedWrite newestChange(Bytes key) {
    CommittedWrite found = reader.newestWrite(key, Timestamps.MAX);
    while (found != null
        && found.write().type() == WriteType.ROLLBACK
        && Timestamps.isAfter(found.commitTs(), request.forUpdateTs())) {
      found = reader.newestWrite(key, found.commitTs() - 1);
    }
    return found;
  }

  /** A repetition, or another statement of the transaction that wants the same key. */
  private AcquirePessimisticLocks.Acquired lockAgain(AcquirePessimisticLocks.Key key, Lock held)
      throws Abort {
    if (held.startTs() != request.startTs()) {
      throw new Abort(new TxnError.KeyLocked(new LockedKey(key.key(), held)));
    }
    if (!held.isPessimistic()) {
      throw new Abort(new TxnError.LockTypeMismatch(request.startTs(), key.key()));
    }
    boolean older = Timestamps.isAfter(held.forUpdateTs(), request.forUpdateTs());
    long conflictTs = request.throughConflict() && older ? held.forUpdateTs() : 0;
    long readTs = conflictTs == 0 ? request.forUpdateTs() : conflictTs;
    CommittedWrite existing = reader.put(key.key(), readTs);
    if (key.mustNotExist() && existing != null) {
      throw new Abort(new TxnError.AlreadyExists(key.key(), existing.write().startTs()));
    }
    if (!older && held.forUpdateTs() != request.forUpdateTs()) {
      put(
          key.key(),
          request.forUpdateTs(),
          Math.max(held.ttlMillis(), request.lockTtlMillis()),
          Timestamps.max(held.minCommitTs(), request.minCommitTs()),
          false);
    }
    return acquired(key.key(), existing, conflictTs);
  }

  /** The transaction may have been taken for dead: then it must not lock anything any more. */
  private void checkRolledBack(Bytes key, CommittedWrite newest) throws Abort {
    CommittedWrite at = newest;
    if (newest != null && Timestamps.isAfter(newest.commitTs(), request.startTs())) {
      at = reader.newestWrite(key, request.startTs());
    }
    if (at == null || at.commitTs() != request.startTs()) {
      return;
    }
    Write write = at.write();
    if (write.type() == WriteType.ROLLBACK || write.overlappedRollback()) {
      throw new Abort(new TxnError.PessimisticLockRolledBack(request.startTs(), key));
    }
  }

  /** The commit timestamp of a version that the statement has not seen; 0 if there is none. */
  private long conflictTs(Bytes key, CommittedWrite newest) throws Abort {
    if (newest == null || !Timestamps.isAfter(newest.commitTs(), request.forUpdateTs())) {
      return 0;
    }
    if (!request.throughConflict()) {
      throw conflict(key, newest);
    }
    observedTs = Timestamps.max(observedTs, newest.commitTs());
    return newest.commitTs();
  }

  private Abort conflict(Bytes key, CommittedWrite with) {
    return new Abort(
        new TxnError.WriteConflict(
            request.startTs(),
            with.write().startTs(),
            with.commitTs(),
            key,
            request.primary(),
            TxnError.ConflictReason.PESSIMISTIC_RETRY));
  }

  private void put(Bytes key, long forUpdateTs, long ttl, long minCommitTs, boolean conflicting) {
    changes.putLock(
        key,
        Lock.pessimistic(
            request.primary(), request.startTs(), ttl, forUpdateTs, minCommitTs, conflicting));
  }

  private AcquirePessimisticLocks.Acquired acquired(
      Bytes key, CommittedWrite existing, long conflictTs) {
    boolean valueWanted =
        request.reading() == AcquirePessimisticLocks.Reading.VALUE || conflictTs != 0;
    boolean anyWanted =
        valueWanted || request.reading() == AcquirePessimisticLocks.Reading.EXISTENCE;
    return new AcquirePessimisticLocks.Acquired(
        anyWanted && existing != null,
        valueWanted && existing != null ? reader.value(key, existing.write()) : null,
        conflictTs);
  }
}
