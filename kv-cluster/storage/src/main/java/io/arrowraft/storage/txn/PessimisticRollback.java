package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.MvccReader;
import io.arrowraft.storage.mvcc.Timestamps;
import java.util.List;

/**
 * Gives up pessimistic locks of a transaction that goes on: those of a statement that is run again,
 * for instance. It leaves no record, since the keys may be locked once more.
 *
 * @param forUpdateTs locks taken later than this stay: they are of a newer attempt
 */
public record PessimisticRollback(List<Bytes> keys, long startTs, long forUpdateTs)
    implements Command<Done> {
  public PessimisticRollback {
    keys = List.copyOf(keys);
  }

  @Override
  public List<Bytes> latchKeys() {
    return LatchKeys.of(keys);
  }

  @Override
  public Outcome<Done> evaluate(MvccReader reader) {
    Changes changes = new Changes();
    for (Bytes key : latchKeys()) {
      Lock lock = reader.lock(key);
      if (lock != null
          && lock.isPessimistic()
          && lock.startTs() == startTs
          && !Timestamps.isAfter(lock.forUpdateTs(), forUpdateTs)) {
        changes.unlock(key);
      }
    }
    return Outcome.success(Done.DONE, changes, 0);
  }
}
