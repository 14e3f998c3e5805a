package io.arrowraft.server.txn;

import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.storage.mvcc.ReadView;
import java.util.Optional;
import java.util.Set;

/** What a request's context lets a read see. */
public final class ReadViews {
  private ReadViews() {}

  /**
   * The view of a read at {@code readTs}; empty for an isolation level that is not served.
   *
   * @param readTs timestamp; its maximum value means the latest data
   */
  public static Optional<ReadView> of(Context context, long readTs) {
    return isolation(context)
        .map(
            isolation ->
                new ReadView(
                    readTs,
                    isolation,
                    Set.copyOf(context.getResolvedLocksList()),
                    Set.copyOf(context.getCommittedLocksList())));
  }

  private static Optional<ReadView.Isolation> isolation(Context context) {
    return switch (context.getIsolationLevel()) {
      case SI -> Optional.of(ReadView.Isolation.SNAPSHOT);
      case RC -> Optional.of(ReadView.Isolation.READ_COMMITTED);
      case RCCheckTS, UNRECOGNIZED -> Optional.empty();
    };
  }
}
