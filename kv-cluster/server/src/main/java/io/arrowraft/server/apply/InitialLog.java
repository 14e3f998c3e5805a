package io.arrowraft.server.apply;

import io.arrowraft.proto.store.ApplyState;
import io.arrowraft.raft.core.RaftStorage;

/**
 * Where the log of a region begins that was made whole on all its replicas at once, by bootstrap or
 * split: as if entries up to this one had been applied and compacted. It is above zero so that an
 * empty replica, which starts at zero, is seen to lack them and gets a snapshot.
 */
public final class InitialLog {
  public static final long INDEX = RaftStorage.BOOTSTRAP_INDEX;
  public static final long TERM = RaftStorage.BOOTSTRAP_TERM;

  private InitialLog() {}

  public static ApplyState applyState(Counts counts) {
    return ApplyState.newBuilder()
        .setAppliedIndex(INDEX)
        .setAppliedTerm(TERM)
        .setCounts(counts.toProto())
        .build();
  }
}
