package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockType;

/** What one kind of commit makes of the keys that a prewrite may lock. */
interface PrewriteLocks {
  /** The key is locked by this transaction already: the command is a repetition. */
  void locked(Lock own);

  /** The key was checked and takes no lock. */
  void checked();

  /**
   * The key may be locked.
   *
   * @param inline the value if it is short, else null
   * @param held the pessimistic lock that the transaction has on the key, or null
   */
  void lock(Changes changes, Bytes key, LockType type, Bytes inline, Lock held);

  /** Adds what comes after all keys, and says what the prewrite has settled. */
  Prewrite.Result finish(Changes changes);

  /** What to answer when the transaction has committed before. */
  Prewrite.Result committedBefore(long commitTs);
}
