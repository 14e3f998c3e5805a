package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.CommitRecord;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockedKey;
import io.arrowraft.storage.mvcc.MvccReader;
import io.arrowraft.storage.mvcc.Timestamps;
import java.util.List;
import java.util.Objects;

/**
 * Finds out what became of a transaction by its primary key, rolling it back if it is abandoned, or
 * pushing its commit past the caller's snapshot.
 *
 * @param lockTs start timestamp of the transaction in question
 * @param callerStartTs start timestamp of the transaction that met its lock; 0 for none
 * @param currentTs the time by which expiry is judged
 * @param rollbackIfNotExist roll the transaction back if its primary has neither lock nor record
 * @param forceSyncCommit treat an asynchronous commit as an ordinary one: it is known to have
 *     fallen back
 * @param resolvingPessimisticLock the caller met a pessimistic lock, so the transaction may not
 *     have begun to commit and its primary may still change
 * @param verifyIsPrimary check that the lock names this key as its primary
 */
public record CheckTxnStatus(
    Bytes primaryKey,
    long lockTs,
    long callerStartTs,
    long currentTs,
    boolean rollbackIfNotExist,
    boolean forceSyncCommit,
    boolean resolvingPessimisticLock,
    boolean verifyIsPrimary)
    implements Command<TxnStatus> {

  public CheckTxnStatus {
    Objects.requireNonNull(primaryKey, "primaryKey");
  }

  @Override
  public List<Bytes> latchKeys() {
    return List.of(primaryKey);
  }

  @Override
  public Outcome<TxnStatus> evaluate(MvccReader reader) {
    Changes changes = new Changes();
    RollbackRules rollbacks = new RollbackRules(reader, changes);
    try {
      Lock lock = reader.lock(primaryKey);
      TxnStatus status =
          lock != null && lock.startTs() == lockTs
              ? locked(reader, changes, rollbacks, lock)
              : unlocked(reader, rollbacks, lock);
      return Outcome.success(status, changes, observedTs());
    } catch (Abort abort) {
      return Outcome.failure(List.of(abort.error()), observedTs());
    }
  }

  private TxnStatus locked(MvccReader reader, Changes changes, RollbackRules rollbacks, Lock lock)
      throws Abort {
    if (verifyIsPrimary && !primaryKey.equals(lock.primary())) {
      return notPrimary(reader, changes, rollbacks, lock);
    }
    if (lock.asyncCommit() && !forceSyncCommit) {
      // It may have committed without a record here: its secondaries must be asked (rule 39).
      return new TxnStatus.Uncommitted(new LockedKey(primaryKey, lock), false);
    }
    if (lock.isPessimistic() && lock.lockedWithConflict()) {
      TxnStatus determined = determined(reader.commitRecord(primaryKey, lockTs));
      if (determined != null) {
        changes.unlock(primaryKey);
        return determined;
      }
    }
    if (lock.isExpiredAt(currentTs)) {
      if (lock.isPessimistic() && resolvingPessimisticLock) {
        // Rule 44: the transaction may be alive and choose another primary, so no record.
        changes.unlock(primaryKey);
        return new TxnStatus.PessimisticallyRolledBack();
      }
      rollbacks.rollBackLock(primaryKey, lock, true);
      return new TxnStatus.TtlExpired();
    }
    return push(changes, lock);
  }

  /** Moves the least commit timestamp of a live transaction past the caller's snapshot. */
  private TxnStatus push(Changes changes, Lock lock) {
    boolean readsLatest = callerStartTs == Timestamps.MAX;
    Lock now = lock;
    if (lock.minCommitTs() != 0
        && !readsLatest
        && !Timestamps.isAfter(lock.minCommitTs(), callerStartTs)) {
      now = lock.withMinCommitTs(Timestamps.max(callerStartTs + 1, currentTs));
      changes.putLock(primaryKey, now);
    }
    boolean pushed =
        readsLatest || (callerStartTs != 0 && Timestamps.isAfter(now.minCommitTs(), callerStartTs));
    return new TxnStatus.Uncommitted(new LockedKey(primaryKey, now), pushed);
  }

  /** Rule 46: a lock that names another primary must not decide the transaction. */
  private TxnStatus notPrimary(
      MvccReader reader, Changes changes, RollbackRules rollbacks, Lock lock) throws Abort {
    if (resolvingPessimisticLock || !lock.isPessimistic()) {
      throw new Abort(new TxnError.PrimaryMismatch(new LockedKey(primaryKey, lock)));
    }
    // The caller met a prewritten lock, whose primary is certain to be this key: the pessimistic
    // lock is a stale one from before the primary changed.
    TxnStatus status = unlocked(reader, rollbacks, null);
    changes.unlock(primaryKey);
    return status;
  }

  private TxnStatus unlocked(MvccReader reader, RollbackRules rollbacks, Lock otherLock)
      throws Abort {
    CommitRecord record = reader.commitRecord(primaryKey, lockTs);
    TxnStatus determined = determined(record);
    if (determined != null) {
      return determined;
    }
    if (!rollbackIfNotExist) {
      throw new Abort(new TxnError.TxnNotFound(lockTs, primaryKey));
    }
    if (resolvingPessimisticLock) {
      return new TxnStatus.LockNotExistDoNothing();
    }
    rollbacks.recordMissing(primaryKey, lockTs, otherLock, record, true);
    return new TxnStatus.LockNotExist();
  }

  private static TxnStatus determined(CommitRecord record) {
    if (record instanceof CommitRecord.Found found) {
      return found.isRollback()
          ? new TxnStatus.RolledBack()
          : new TxnStatus.Committed(found.record().commitTs());
    }
    return record instanceof CommitRecord.OverlappedRollback ? new TxnStatus.RolledBack() : null;
  }

  /** The caller reads at its start; a transaction must not commit before that unnoticed. */
  private long observedTs() {
    long observed = lockTs;
    if (currentTs != Timestamps.MAX) {
      observed = Timestamps.max(observed, currentTs);
    }
    if (callerStartTs != Timestamps.MAX) {
      observed = Timestamps.max(observed, callerStartTs);
    }
    return observed;
  }
}
