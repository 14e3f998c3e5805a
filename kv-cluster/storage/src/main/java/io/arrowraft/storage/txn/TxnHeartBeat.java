package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.MvccReader;
import java.util.List;
import java.util.Objects;

/**
 * Keeps a long transaction alive by raising the time to live of its primary lock; success says the
 * time to live in milliseconds, which never shrinks.
 */
public record TxnHeartBeat(Bytes primaryKey, long startTs, long adviseTtlMillis)
    implements Command<Long> {
  public TxnHeartBeat {
    Objects.requireNonNull(primaryKey, "primaryKey");
  }

  @Override
  public List<Bytes> latchKeys() {
    return List.of(primaryKey);
  }

  @Override
  public Outcome<Long> evaluate(MvccReader reader) {
    Lock lock = reader.lock(primaryKey);
    if (lock == null || lock.startTs() != startTs) {
      return Outcome.failure(List.of(new TxnError.TxnNotFound(startTs, primaryKey)), 0);
    }
    Changes changes = new Changes();
    if (lock.ttlMillis() < adviseTtlMillis) {
      changes.putLock(primaryKey, lock.withTtlMillis(adviseTtlMillis));
    }
    return Outcome.success(Math.max(lock.ttlMillis(), adviseTtlMillis), changes, 0);
  }
}
