package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.MvccReader;
import java.util.List;

/**
 * Commits keys that a transaction has locked. Committing after the lock's time to live is legal
 * while the lock is there (rule 31).
 */
public record Commit(List<Bytes> keys, long startTs, long commitTs) implements Command<Done> {
  public Commit {
    keys = List.copyOf(keys);
  }

  @Override
  public List<Bytes> latchKeys() {
    return LatchKeys.of(keys);
  }

  @Override
  public Outcome<Done> evaluate(MvccReader reader) {
    Changes changes = new Changes();
    try {
      CommitRules.checkTimestamps(startTs, commitTs);
      for (Bytes key : latchKeys()) {
        CommitRules.commit(reader, changes, key, startTs, commitTs);
      }
      return Outcome.success(Done.DONE, changes, 0);
    } catch (Abort abort) {
      return Outcome.failure(List.of(abort.error()), 0);
    }
  }
}
