package io.arrowraft.server.store;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.runtime.Async;
import io.arrowraft.server.apply.Counts;
import io.arrowraft.server.apply.InitialLog;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the cluster's first region, if nobody has. The region is written here first, with a mark
 * that says so, then told; the mark goes when the placement driver's answer is known, and with it
 * the region if another store was quicker. A crash in between finds the mark and asks again.
 */
final class ClusterBootstrap {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterBootstrap.class);

  private final Engine engine;
  private final PdClient pd;
  private final Executor worker;

  ClusterBootstrap(Engine engine, PdClient pd, Executor worker) {
    this.engine = engine;
    this.pd = pd;
    this.worker = worker;
  }

  /** Completes, on the worker, when the cluster has its first region. */
  CompletableFuture<Void> run(Store store) {
    return Async.on(worker, pd.isBootstrapped())
        .thenCompose(
            bootstrapped -> {
              Optional<Region> prepared = RegionRecords.preparedBootstrap(engine);
              if (bootstrapped) {
                return prepared.isPresent()
                    ? settle(prepared.get())
                    : CompletableFuture.<Void>completedFuture(null);
              }
              return prepared
                  .map(CompletableFuture::completedFuture)
                  .orElseGet(() -> prepare(store))
                  .thenCompose(region -> tell(store, region));
            });
  }

  private CompletableFuture<Region> prepare(Store store) {
    if (!RegionRecords.allRegionStates(engine).isEmpty()) {
      return CompletableFuture.failedFuture(
          new StoreStartException(
              StoreStartException.Code.CLUSTER_LOST,
              "the data directory of store "
                  + store.getId()
                  + " holds regions, but the placement driver says that the cluster was never"
                  + " started; restore the placement driver's data directory"));
    }
    return Async.on(worker, pd.allocateId())
        .thenCompose(
            regionId ->
                Async.on(worker, pd.allocateId())
                    .thenApply(peerId -> persist(store.getId(), regionId, peerId)));
  }

  private Region persist(long storeId, long regionId, long peerId) {
    Region region =
        Region.newBuilder()
            .setId(regionId)
            .setRegionEpoch(RegionEpoch.newBuilder().setConfVer(1).setVersion(1))
            .addPeers(Peer.newBuilder().setId(peerId).setStoreId(storeId))
            .build();
    WriteBatch batch = new WriteBatch();
    RegionRecords.putPreparedBootstrap(batch, region);
    RegionRecords.putRegionState(
        batch,
        RegionState.newBuilder()
            .setPhase(RegionPhase.NORMAL)
            .setRegion(region)
            .setPeerId(peerId)
            .build());
    RegionRecords.putApplyState(batch, regionId, InitialLog.applyState(Counts.ZERO));
    engine.write(batch, true);
    return region;
  }

  private CompletableFuture<Void> tell(Store store, Region region) {
    return Async.on(worker, pd.bootstrap(store, region))
        .thenCompose(
            first -> {
              if (!first) {
                return settle(region);
              }
              LOG.atInfo()
                  .addKeyValue("store", store.getId())
                  .addKeyValue("region", region.getId())
                  .log("cluster bootstrapped");
              clearMark();
              return CompletableFuture.<Void>completedFuture(null);
            });
  }

  /** The cluster has a first region: is it ours, told before a crash or lost answer? */
  private CompletableFuture<Void> settle(Region prepared) {
    return Async.on(worker, pd.regionById(prepared.getId()))
        .thenAccept(
            found -> {
              if (found.isPresent()) {
                clearMark();
              } else {
                withdraw(prepared);
              }
            });
  }

  private void clearMark() {
    WriteBatch batch = new WriteBatch();
    RegionRecords.clearPreparedBootstrap(batch);
    engine.write(batch, true);
  }

  private void withdraw(Region prepared) {
    LOG.atInfo()
        .addKeyValue("withdrawn", prepared.getId())
        .log("another store bootstrapped the cluster");
    WriteBatch batch = new WriteBatch();
    RegionRecords.clearPreparedBootstrap(batch);
    RegionRecords.deleteRegion(batch, prepared.getId());
    engine.write(batch, true);
  }
}
