package io.arrowraft.server.peer;

import io.arrowraft.proto.store.MergeState;
import java.util.Optional;

/**
 * What keeps a replica from relying on its lease: a split or a merge on its way, or a merge that is
 * prepared. Other stores may apply it earlier, elect a leader for what comes of it and take writes
 * that this replica does not see (correctness rule 22). Splits of earlier leaders need no such
 * care, since a lease begins with an applied entry of the own term. Owned by the region's loop.
 */
final class Fences {
  /** The last split proposed here; 0 once it is applied, or another entry in its place. */
  private long splitIndex;

  /** The same for the last merge. */
  private long mergeIndex;

  private Optional<MergeState> merging = Optional.empty();

  /** When the prepared merge is looked after again. */
  private long nextStepNanos = Long.MIN_VALUE;

  void splitProposed(long index) {
    splitIndex = index;
  }

  void mergeProposed(long index) {
    mergeIndex = index;
  }

  /** Whether that changes anything. */
  boolean applied(long index, Optional<MergeState> mergingNow) {
    boolean merges = !merging.equals(mergingNow);
    boolean passed =
        (splitIndex != 0 && index >= splitIndex) || (mergeIndex != 0 && index >= mergeIndex);
    if (!merges && !passed) {
      return false;
    }
    splitIndex = index >= splitIndex ? 0 : splitIndex;
    mergeIndex = index >= mergeIndex ? 0 : mergeIndex;
    if (merges) {
      merging = mergingNow;
      nextStepNanos = Long.MIN_VALUE;
    }
    return true;
  }

  /** The merge that is prepared here. */
  Optional<MergeState> merging() {
    return merging;
  }

  boolean isStepDue(long nowNanos) {
    return nextStepNanos == Long.MIN_VALUE || nowNanos - nextStepNanos >= 0;
  }

  void stepTaken(long nextNanos) {
    nextStepNanos = nextNanos;
  }

  /** Whether requests are to be refused. */
  boolean isMerging() {
    return mergeIndex != 0 || merging.isPresent();
  }

  boolean isUp() {
    return splitIndex != 0 || isMerging();
  }
}
