package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.mvcc.MvccReader;
import java.util.List;

/**
 * Settles given keys of one transaction whose fate is known.
 *
 * @param commitTs 0 if the transaction was rolled back
 */
public record ResolveLockKeys(List<Bytes> keys, long startTs, long commitTs)
    implements Command<Done> {
  public ResolveLockKeys {
    keys = List.copyOf(keys);
  }

  @Override
  public List<Bytes> latchKeys() {
    return LatchKeys.of(keys);
  }

  @Override
  public Outcome<Done> evaluate(MvccReader reader) {
    return commitTs == 0
        ? new Rollback(keys, startTs).evaluate(reader)
        : new Commit(keys, startTs, commitTs).evaluate(reader);
  }
}
