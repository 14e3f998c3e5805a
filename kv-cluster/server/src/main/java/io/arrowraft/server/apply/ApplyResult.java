package io.arrowraft.server.apply;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.MergeState;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.raft.core.MembershipChange;
import java.util.List;
import java.util.Optional;

/**
 * What applying a run of entries did.
 *
 * @param region the region now
 * @param appliedIndex the last entry applied
 * @param outcomes one for each entry, in order
 * @param memberships changes that took effect, in order, with their indexes
 * @param children replicas that splits created on this store
 * @param removed this replica is no longer a member: its data is gone and its tombstone durable
 * @param merging the merge that the region is prepared for now
 * @param absorbed replicas whose data has become this one's; their tombstones are durable
 * @param awaited what the next entry waits for; entries from there on have no outcome yet
 * @param counts estimates of the region's data
 * @param bytesWritten put by these entries
 * @param keysWritten put or deleted by these entries
 */
public record ApplyResult(
    Region region,
    long appliedIndex,
    long appliedTerm,
    List<EntryOutcome> outcomes,
    List<AppliedMembership> memberships,
    List<NewReplica> children,
    boolean removed,
    Optional<MergeState> merging,
    List<RegionState> absorbed,
    Optional<Awaited> awaited,
    Counts counts,
    long bytesWritten,
    long keysWritten) {
  public ApplyResult {
    outcomes = List.copyOf(outcomes);
    memberships = List.copyOf(memberships);
    children = List.copyOf(children);
    absorbed = List.copyOf(absorbed);
  }

  /** Whether every entry took effect, and changed nothing but data. */
  public boolean changedDataOnly() {
    return !removed
        && outcomes.stream()
            .allMatch(outcome -> outcome.refusal().isEmpty() && outcome.parts().isEmpty());
  }

  /** A membership entry that took effect. */
  public record AppliedMembership(long index, MembershipChange change) {}

  /** A region whose data and state are in the engine and whose peer is still to be started. */
  public record NewReplica(Region region, long peerId) {}
}
