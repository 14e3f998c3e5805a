package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.MvccReader;
import java.util.List;

/** Rolls back keys of a transaction that its own client has given up. */
public record Rollback(List<Bytes> keys, long startTs) implements Command<Done> {
  public Rollback {
    keys = List.copyOf(keys);
  }

  @Override
  public List<Bytes> latchKeys() {
    return LatchKeys.of(keys);
  }

  @Override
  public Outcome<Done> evaluate(MvccReader reader) {
    Changes changes = new Changes();
    RollbackRules rules = new RollbackRules(reader, changes);
    try {
      for (Bytes key : latchKeys()) {
        rules.cleanUp(key, startTs, 0, false);
      }
      return Outcome.success(Done.DONE, changes, 0);
    } catch (Abort abort) {
      return Outcome.failure(List.of(abort.error()), 0);
    }
  }
}
