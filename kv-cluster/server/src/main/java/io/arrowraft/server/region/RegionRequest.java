package io.arrowraft.server.region;

import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.runtime.Deadline;
import java.util.Objects;

/**
 * Which replica a request is for, and what its sender believes about the region.
 *
 * @param epoch the sender's view of the region
 * @param peer the replica addressed; its store id 0 is not checked, its id 0 neither
 * @param term refuse unless the leader is in this term; 0 for any
 * @param replicaRead a follower may answer, after asking the leader for a read index
 * @param staleRead a replica may answer from what it has; refused with {@code DataIsNotReady} while
 *     no resolved timestamp is kept
 * @param linearizable what a leader reads under its lease holds all that a follower may have shown
 *     before; data with versions needs no such promise, since locks stand for what is not applied
 * @param deadline when the sender gives up
 * @param times marked as the request passes its stages
 */
public record RegionRequest(
    long regionId,
    RegionEpoch epoch,
    Peer peer,
    long term,
    boolean replicaRead,
    boolean staleRead,
    boolean linearizable,
    Deadline deadline,
    RequestTimes times) {
  public RegionRequest {
    Objects.requireNonNull(epoch, "epoch");
    Objects.requireNonNull(peer, "peer");
    Objects.requireNonNull(deadline, "deadline");
    Objects.requireNonNull(times, "times");
  }

  /** A request that nobody watches. */
  public RegionRequest(
      long regionId,
      RegionEpoch epoch,
      Peer peer,
      long term,
      boolean replicaRead,
      boolean staleRead,
      Deadline deadline) {
    this(
        regionId,
        epoch,
        peer,
        term,
        replicaRead,
        staleRead,
        false,
        deadline,
        RequestTimes.UNWATCHED);
  }

  /** The request that {@code context} describes. */
  public static RegionRequest of(Context context, Deadline deadline) {
    return new RegionRequest(
        context.getRegionId(),
        context.getRegionEpoch(),
        context.getPeer(),
        context.getTerm(),
        context.getReplicaRead(),
        context.getStaleRead(),
        deadline);
  }

  /**
   * The same request, for the leader alone: for what only the leader can say, such as which locks
   * there are, some of them in memory.
   */
  public RegionRequest byLeader() {
    return new RegionRequest(
        regionId, epoch, peer, term, false, staleRead, linearizable, deadline, times);
  }

  /** The same request with the term that its snapshot named. */
  public RegionRequest inTerm(long newTerm) {
    return new RegionRequest(
        regionId, epoch, peer, newTerm, replicaRead, staleRead, linearizable, deadline, times);
  }

  /** The same request, linearizable. */
  public RegionRequest linearizably() {
    return new RegionRequest(
        regionId, epoch, peer, term, replicaRead, staleRead, true, deadline, times);
  }

  /** The same request with another deadline. */
  public RegionRequest until(Deadline other) {
    return new RegionRequest(
        regionId, epoch, peer, term, replicaRead, staleRead, linearizable, other, times);
  }

  /** The same request, watched. */
  public RegionRequest timedBy(RequestTimes watch) {
    return new RegionRequest(
        regionId, epoch, peer, term, replicaRead, staleRead, linearizable, deadline, watch);
  }
}
