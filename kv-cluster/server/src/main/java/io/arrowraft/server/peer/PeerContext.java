package io.arrowraft.server.peer;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.raft.MultiRaft;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.server.apply.ConsistencyListener;
import io.arrowraft.server.region.RegionObservers;
import io.arrowraft.server.state.HeldSafePoint;
import io.arrowraft.storage.engine.Engine;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What all replicas of a store share.
 *
 * @param configs the configuration that holds now
 * @param regionLoops each owns the replicas whose place it is ({@link MultiRaft#placeOf})
 * @param applyLoops the same for applying
 * @param workers for scans
 * @param traffic what the regions do in sum
 * @param damaged replicas that must not be used
 * @param safePoint what garbage collection has passed
 * @param consistency told of consistency checks that are applied
 * @param readGuard asked before other replicas of regions led here are read
 */
record PeerContext(
    Environment environment,
    long storeId,
    AtomicReference<RegionConfig> configs,
    Engine engine,
    RegionObservers observers,
    PdClient pd,
    List<EventLoop> regionLoops,
    List<EventLoop> applyLoops,
    WorkerPool workers,
    StoreMeters meters,
    StoreTraffic traffic,
    StoreReadGuard readGuard,
    DamagedReplicas damaged,
    HeldSafePoint safePoint,
    AtomicReference<ConsistencyListener> consistency,
    RegionDirectory directory) {
  PeerContext {
    regionLoops = List.copyOf(regionLoops);
    applyLoops = List.copyOf(applyLoops);
  }

  /** As of now: some of it may change while the store runs. */
  RegionConfig config() {
    return configs.get();
  }

  EventLoop regionLoop(long regionId) {
    return regionLoops.get(MultiRaft.placeOf(regionId, regionLoops.size()));
  }

  EventLoop applyLoop(long regionId) {
    return applyLoops.get(MultiRaft.placeOf(regionId, applyLoops.size()));
  }
}
