package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.server.apply.ApplyResult;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What a replica tells its store. Callable from any loop. */
interface PeerEvents {
  /**
   * A split has made replicas here.
   *
   * @param campaign this store led the old region, so the new ones find their leader here at once
   * @return completes when they are started
   */
  CompletionStage<Void> replicasCreated(List<ApplyResult.NewReplica> replicas, boolean campaign);

  /** Range, epoch or peers of a region are now these, in engine and log. */
  void regionChanged(Region region);

  /** The replica stops: its group gets no more messages. On its loop. */
  void closing(RegionPeer peer);

  /** The replica's data is gone, and its log. Any thread. */
  void destroyed(RegionPeer peer);

  /**
   * Asks whether a snapshot may be taken in: its range must be free of other regions and of other
   * snapshots. The range stays reserved until {@link #release}.
   */
  CompletionStage<Boolean> reserve(Region incoming);

  void release(long regionId);

  /** A message is for a later replica of a region than the one that is here. */
  void newerReplica(RaftEnvelope envelope);

  /** This replica leads and something worth telling has changed. */
  void reportNow(RegionPeer peer);
}
