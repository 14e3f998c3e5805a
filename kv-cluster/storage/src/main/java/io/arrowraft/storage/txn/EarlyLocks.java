package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.Lock;
import java.util.function.LongFunction;

/**
 * Locks that readers of the store meet before they are applied. A command takes them while its
 * latches are held; whoever runs the command keeps them until its changes are applied or known
 * never to be.
 */
public interface EarlyLocks {
  /**
   * Locks a user key for readers, then makes its lock from the greatest timestamp that anybody has
   * read at: in this order, so that no read goes unnoticed (rule 35).
   *
   * @param lock makes the lock, whose least commit timestamp must be after the one it is given;
   *     what it throws leaves the key unlocked
   * @return the lock as made
   */
  Lock hold(Bytes key, LongFunction<Lock> lock);

  /** Lets go of all that this command has taken. */
  void release();
}
