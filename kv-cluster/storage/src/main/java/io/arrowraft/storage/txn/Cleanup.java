package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.MvccReader;
import java.util.List;
import java.util.Objects;

/**
 * Rolls back one key, its primary as a rule, of a transaction that has been abandoned. The record
 * is protected.
 *
 * @param currentTs the lock is left and reported if it has not expired by then; 0 not to wait for
 *     it
 */
public record Cleanup(Bytes key, long startTs, long currentTs) implements Command<Done> {
  public Cleanup {
    Objects.requireNonNull(key, "key");
  }

  @Override
  public List<Bytes> latchKeys() {
    return List.of(key);
  }

  @Override
  public Outcome<Done> evaluate(MvccReader reader) {
    Changes changes = new Changes();
    try {
      new RollbackRules(reader, changes).cleanUp(key, startTs, currentTs, true);
      return Outcome.success(Done.DONE, changes, 0);
    } catch (Abort abort) {
      return Outcome.failure(List.of(abort.error()), 0);
    }
  }
}
