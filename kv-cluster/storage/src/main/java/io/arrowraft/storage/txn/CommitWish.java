package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import java.util.List;

/**
 * How a client would like its prewrite to go on. What cannot be done falls back as a whole: one
 * phase to asynchronous if that is wished for too, that to two phases.
 *
 * @param onePhase commit with the prewrite, which carries the whole transaction
 * @param async count as committed once every key is locked
 * @param secondaries all other keys of an asynchronous commit, with the primary's prewrite
 * @param maxCommitTs the latest commit timestamp that the client accepts; 0 for any
 */
public record CommitWish(
    boolean onePhase, boolean async, List<Bytes> secondaries, long maxCommitTs) {
  /** An ordinary commit. */
  public static final CommitWish TWO_PHASE = new CommitWish(false, false, List.of(), 0);

  public CommitWish {
    secondaries = List.copyOf(secondaries);
  }

  public boolean isTwoPhase() {
    return !onePhase && !async;
  }

  CommitWish fallenBack() {
    return onePhase && async
        ? new CommitWish(false, true, secondaries, maxCommitTs)
        : CommitWish.TWO_PHASE;
  }
}
