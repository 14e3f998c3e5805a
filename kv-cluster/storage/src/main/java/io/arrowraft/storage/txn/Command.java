package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.MvccReader;
import java.util.List;

/**
 * A transactional write as a value.
 *
 * @param <V> what success says
 */
public sealed interface Command<V>
    permits Prewrite,
        AcquirePessimisticLocks,
        PessimisticRollback,
        Commit,
        Cleanup,
        Rollback,
        CheckTxnStatus,
        ResolveLocks,
        ResolveLockKeys,
        CheckSecondaryLocks,
        TxnHeartBeat {

  /**
   * The user keys whose latches are held from before the snapshot is taken until the modifications
   * are applied or known never to be (rule 51); sorted and distinct.
   */
  List<Bytes> latchKeys();

  /** Decides, from a snapshot, what the command changes. */
  Outcome<V> evaluate(MvccReader reader);

  /** As {@link #evaluate(MvccReader)}; may lock keys for readers ahead of the changes. */
  default Outcome<V> evaluate(MvccReader reader, EarlyLocks early) {
    return evaluate(reader);
  }
}
