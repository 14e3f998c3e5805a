package io.arrowraft.server.store;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.proto.store.StoreIdent;
import io.arrowraft.runtime.Async;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Finds out, once and for ever, which store of which cluster a directory belongs to. */
final class StoreIdentity {
  private final Engine engine;
  private final PdClient pd;
  private final Executor worker;

  StoreIdentity(Engine engine, PdClient pd, Executor worker) {
    this.engine = engine;
    this.pd = pd;
    this.worker = worker;
  }

  /** The identity, made if the directory is new; completes on the worker. */
  CompletableFuture<StoreIdent> find() {
    return Async.on(worker, pd.clusterId()).thenCompose(this::findIn);
  }

  private CompletableFuture<StoreIdent> findIn(long clusterId) {
    Optional<StoreIdent> stored = RegionRecords.ident(engine);
    if (stored.isPresent()) {
      long owner = stored.get().getClusterId();
      if (owner != clusterId) {
        return CompletableFuture.failedFuture(
            new StoreStartException(
                StoreStartException.Code.OTHER_CLUSTER,
                "the data directory belongs to cluster "
                    + owner
                    + " (as store "
                    + stored.get().getStoreId()
                    + "), but the placement driver serves cluster "
                    + clusterId
                    + "; give the right placement driver address or an empty data directory"));
      }
      return CompletableFuture.completedFuture(stored.get());
    }
    return Async.on(worker, pd.allocateId()).thenApply(id -> persist(clusterId, id));
  }

  private StoreIdent persist(long clusterId, long storeId) {
    StoreIdent ident = StoreIdent.newBuilder().setClusterId(clusterId).setStoreId(storeId).build();
    WriteBatch batch = new WriteBatch();
    RegionRecords.putIdent(batch, ident);
    engine.write(batch, true);
    return ident;
  }
}
