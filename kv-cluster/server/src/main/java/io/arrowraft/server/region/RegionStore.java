package io.arrowraft.server.region;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.StagedFile;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The regions of one store. Safe for use by any thread; every stage completes by the deadline of
 * its request, on any thread.
 *
 * <p>Checks common to all requests, in this order: the store id of {@link RegionRequest#peer()},
 * the region, the peer id, leadership (unless a replica read), the term if one is given, the epoch.
 * Key ranges are the caller's to check, against {@link RegionSnapshot#region()}.
 */
public interface RegionStore {
  /** This store's id in the cluster. */
  long storeId();

  /**
   * A view of the engine that holds every write of the region acknowledged before this call: by the
   * leader's lease, else by a read index. It covers the whole store; the caller keeps to the
   * region's range, whose bounds come from the same instant. The caller closes it.
   *
   * @return fails with {@link RegionErrorException}
   */
  CompletionStage<RegionSnapshot> snapshot(RegionRequest request);

  /**
   * As {@link #snapshot}, for a reader of data that the leader must be asked about. If this replica
   * does not lead, the leader's {@link ReadGuard} hears the question before the read index is
   * confirmed; a leader's own reader has looked already.
   *
   * @param question for the guard
   * @return fails with {@link ReadBlockedException} if the guard stands in the way
   */
  CompletionStage<RegionSnapshot> snapshot(RegionRequest request, byte[] question);

  /**
   * The replica here cannot be read: stored bytes are not what was written. It is marked, stops
   * serving and voting, and is replaced (correctness rule 55).
   */
  void damaged(long regionId, String reason);

  /**
   * What to answer a read of a region with that failed: of one that met damage the replica is given
   * up, and the caller finds another that has what this one cannot read.
   */
  default Throwable readFailure(long regionId, Throwable failure) {
    if (failure instanceof EngineException engine
        && engine.kind() == EngineException.Kind.CORRUPTION) {
      damaged(regionId, "a read failed: " + failure.getMessage());
      return RegionErrors.regionNotFound(regionId);
    }
    return failure;
  }

  /** Sets who is asked before other replicas of regions led here are read; before the start. */
  void guardReads(ReadGuard guard);

  /**
   * Replicates {@code mutations} and completes once they are applied on this store, visible to
   * later snapshots.
   *
   * @param term the term of the snapshot the mutations were computed from; the write is refused
   *     with {@code StaleCommand} if the leadership has moved since, even if it has come back; 0
   *     for mutations that depend on no data
   * @param mutations keys as stored; all inside the region
   * @return fails with {@link RegionErrorException} if the write is known never to apply, and with
   *     {@link OutcomeUnknownException} if it may
   */
  CompletionStage<Void> write(
      RegionRequest request, long term, List<WriteBatch.Operation> mutations);

  /**
   * Replicates the removal of versions, and completes once it is applied on this store.
   *
   * @param term as of {@link #write}, and not 0
   * @return fails as {@link #write} does
   */
  CompletionStage<Void> collect(RegionRequest request, long term, CollectStep step);

  /**
   * Nobody reads below {@code safePoint} any more, as the placement driver says. It is kept over
   * restarts.
   */
  void raiseSafePoint(long safePoint);

  /** What garbage collection has passed here; 0 if nothing. */
  long safePoint();

  /**
   * Has every replica of a region take in files that are staged on its store, and completes once
   * they are applied on this one. Both parts of the request's epoch must be the region's.
   *
   * @param files as they were recorded when they were staged; none to be told only what is wrong
   *     with the request, if anything is. A majority of the replicas must have them, or the region
   *     may be lost
   * @return fails as {@link #write} does
   */
  CompletionStage<Void> ingest(RegionRequest request, List<StagedFile> files);

  /**
   * The index that a reader of this region must have applied to see every write acknowledged before
   * this call.
   *
   * @return fails with {@link RegionErrorException}
   */
  CompletionStage<Long> readIndex(RegionRequest request);

  /**
   * Splits a region.
   *
   * @param splitKeys where the new regions begin, as region keys (memcomparable-encoded for
   *     transactional data, plain for raw); keys outside the region and its start key are ignored
   * @return the regions that now cover the range, in key order, once the split is applied on this
   *     store; fails with {@link RegionErrorException}, or with {@link OutcomeUnknownException}
   */
  CompletionStage<List<Region>> split(RegionRequest request, List<byte[]> splitKeys);

  /**
   * Hashes a region's data at its applied index, to compare replicas.
   *
   * @return fails with {@link RegionErrorException} if the region is not here
   */
  CompletionStage<RegionHash> regionHash(long regionId);

  /**
   * What is known now of a region with a replica here; empty if there is none that is initialised.
   */
  Optional<RegionView> region(long regionId);

  /** All initialised regions with a replica here, in key order. */
  List<RegionView> regions();

  /**
   * Where to count what a request asks of a region; nobody looks at it if the region is not here.
   */
  RegionLoad load(long regionId);

  /** Where to register for what is applied. */
  RegionObservers observers();
}
