package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.CommitMergeCommand;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.proto.store.SnapshotManifest;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.server.apply.ApplyResult;
import io.arrowraft.server.apply.MergeSource;
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
   * Asks whether a snapshot may be taken in: its range must be free of other regions, those
   * excepted that have become part of the incoming one, and of other snapshots. The range stays
   * reserved until {@link #release}.
   */
  CompletionStage<Boolean> reserve(SnapshotManifest incoming);

  /**
   * A snapshot is about to be installed: stops the replicas that it covers, whose regions have
   * become part of the incoming one.
   *
   * @return their states; they are to end in the batch that begins the installation, and then be
   *     reported by {@link #cleared}
   */
  CompletionStage<List<RegionState>> clear(SnapshotManifest incoming);

  /**
   * A merge can only be applied when the source's replica here has applied all of its log.
   *
   * @return completes when it has, and stands still
   */
  CompletionStage<MergeSource> sourceWanted(RegionPeer target, CommitMergeCommand merge);

  /** These regions have become part of {@code region}; their tombstones here are durable. */
  void absorbed(Region region, List<RegionState> sources);

  /**
   * The snapshot's installation has begun, durably, and these replicas have ended with it; others
   * of regions that have become part of the snapshot's are of no use to anybody.
   */
  void cleared(SnapshotManifest incoming, List<RegionState> covered);

  /** A source stands still for a target that has left this store meanwhile. */
  void sourceObsolete(RegionState source);

  /**
   * A split is going to make replicas of these regions.
   *
   * @return completes when nobody else makes, changes or removes replicas of theirs, until {@link
   *     #childrenDone}
   */
  CompletionStage<Void> childrenExpected(List<Long> regionIds);

  void childrenDone(List<Long> regionIds);

  void release(long regionId);

  /** A message is for a later replica of a region than the one that is here. */
  void newerReplica(RaftEnvelope envelope);

  /** This replica leads and something worth telling has changed. */
  void reportNow(RegionPeer peer);
}
