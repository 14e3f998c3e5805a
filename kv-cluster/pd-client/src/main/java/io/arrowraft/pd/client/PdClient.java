package io.arrowraft.pd.client;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.pd.GcProgress;
import io.arrowraft.proto.pd.ResolvedRange;
import io.arrowraft.proto.pdpb.StoreHeartbeatResponse;
import io.arrowraft.proto.pdpb.StoreStats;
import io.arrowraft.runtime.Bytes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The placement driver's API. Futures fail with {@link PdException} only, and complete within the
 * configured bound.
 */
public interface PdClient extends AutoCloseable {

  // Time and ids.

  /** The cluster's id, from the first contact on. */
  CompletableFuture<Long> clusterId();

  /** A timestamp greater than every one given out before this call. */
  CompletableFuture<Timestamp> timestamp();

  /** An id that nobody else has or will have. */
  CompletableFuture<Long> allocateId();

  // Routing. Keys are encoded as regions hold them.

  /** The region that holds {@code key}; empty while the placement driver knows of none. */
  CompletableFuture<Optional<RegionInfo>> region(Bytes key);

  /** The region before the one that holds {@code key}. */
  CompletableFuture<Optional<RegionInfo>> previousRegion(Bytes key);

  /** The region with an id. */
  CompletableFuture<Optional<RegionInfo>> regionById(long regionId);

  /**
   * Regions that touch [start, end) in key order; an empty {@code end} is the end of the key space.
   * Fewer than {@code limit} means that there are no more.
   */
  CompletableFuture<List<RegionInfo>> scanRegions(Bytes start, Bytes end, int limit);

  /** How much data the regions that touch [start, end) hold. */
  CompletableFuture<RangeStatistics> rangeStatistics(Bytes start, Bytes end);

  /** The store with an id, tombstones included. */
  CompletableFuture<Optional<StoreInfo>> store(long storeId);

  /** All stores but tombstones, by id. */
  CompletableFuture<List<StoreInfo>> stores();

  // What stores tell.

  /** Whether the cluster has its first store and region. */
  CompletableFuture<Boolean> isBootstrapped();

  /**
   * Registers the first store and region.
   *
   * @return false if the cluster had been bootstrapped before, by whomever: look up what there is
   */
  CompletableFuture<Boolean> bootstrap(Store store, Region region);

  /** Registers a store, or what has changed about it. */
  CompletableFuture<Void> putStore(Store store);

  /** Tells that a store is alive and how it is. */
  CompletableFuture<StoreHeartbeatResponse> storeHeartbeat(StoreStats stats);

  /** Opens the line for region reports and orders. */
  RegionHeartbeats openRegionHeartbeats(RegionHeartbeats.Listener listener);

  /** Ids for {@code count} new regions out of {@code region}. */
  CompletableFuture<List<SplitIds>> askBatchSplit(Region region, int count);

  /**
   * Tells the regions that a split has left, so that routing is right before their first reports.
   */
  CompletableFuture<Void> reportBatchSplit(List<Region> regions);

  // Operations.

  /** Asks for regions to be spread over the stores. */
  CompletableFuture<Void> scatter(List<Long> regionIds, String group);

  /**
   * Asks for regions to begin at {@code keys}.
   *
   * @return ids of the regions that do
   */
  CompletableFuture<List<Long>> splitRegions(List<Bytes> keys);

  // Garbage collection.

  /**
   * Says how far the locks of regions led on a store are resolved.
   *
   * @return how far garbage collection is
   */
  CompletableFuture<GcProgress> reportGarbageCollection(long storeId, List<ResolvedRange> resolved);

  /** No version that a read at or after this timestamp needs has been collected. */
  CompletableFuture<Timestamp> gcSafePoint();

  /** Moves the safe point forward, never back; answers the one in force. */
  CompletableFuture<Timestamp> advanceGcSafePoint(Timestamp safePoint);

  /**
   * Holds garbage collection below {@code safePoint} for a while; zero lets go. Answers the lowest
   * hold.
   */
  CompletableFuture<ServiceSafePoint> holdSafePoint(
      String service, Duration timeToLive, Timestamp safePoint);

  /**
   * Fails what is under way and refuses what comes. The RPC client and the loop are the caller's to
   * close.
   */
  @Override
  void close();
}
