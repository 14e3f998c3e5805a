package io.arrowraft.simulation.cluster;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.server.region.RegionEvent;
import io.arrowraft.server.region.RegionObserver;
import io.arrowraft.simulation.check.ReplicationHistory;
import io.arrowraft.simulation.world.TraceHash;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.Map;
import java.util.TreeMap;

/** Tells a history what one process of a store applies, and where it leads. */
final class RegionWatch implements RegionObserver {
  private final String replica;
  private final ObservedLog log;
  private final ReplicationHistory history;
  private final Map<Long, Long> appliedOf = new TreeMap<>();

  /** Regions that have applied what is not in their log, as only the source of a merge may do. */
  private final Map<Long, String> aheadOfLog = new TreeMap<>();

  /**
   * @param log of the same process: what is applied must be durable there, or a restart could find
   *     the log behind the state
   */
  RegionWatch(String replica, ObservedLog log, ReplicationHistory history) {
    this.replica = replica;
    this.log = log;
    this.history = history;
  }

  @Override
  public void onEvent(RegionEvent event) {
    if (event instanceof RegionEvent.Applied applied) {
      applied(applied);
    } else if (event instanceof RegionEvent.Split split) {
      TraceHash hash = new TraceHash();
      split.parts().forEach(part -> hash.add(part.toByteArray()));
      history.applied(replica, split.regionId() + " (split)", split.index(), 0, hash.value());
    } else if (event instanceof RegionEvent.PeersChanged changed) {
      Region region = changed.region();
      TraceHash hash = new TraceHash();
      hash.add(region.toByteArray());
      history.applied(replica, region.getId() + " (peers)", changed.index(), 0, hash.value());
    } else if (event instanceof RegionEvent.Merged merged) {
      TraceHash hash = new TraceHash();
      hash.add(merged.region().toByteArray());
      hash.add(merged.source().toByteArray());
      history.applied(replica, merged.regionId() + " (merge)", merged.index(), 0, hash.value());
      appliedOf.remove(merged.source().getId());
      aheadOfLog.remove(merged.source().getId());
    } else if (event instanceof RegionEvent.LeaderGained gained) {
      mustHaveLog(gained.regionId());
      history.leads(replica, String.valueOf(gained.regionId()), gained.term());
    } else if (event instanceof RegionEvent.SnapshotInstalled installed) {
      appliedOf.put(installed.regionId(), installed.appliedIndex());
    } else if (event instanceof RegionEvent.Created created) {
      appliedOf.put(created.regionId(), created.appliedIndex());
      log.opened(created.regionId(), created.peer().getId());
    } else if (event instanceof RegionEvent.Destroyed destroyed) {
      appliedOf.remove(destroyed.regionId());
      aheadOfLog.remove(destroyed.regionId());
    }
  }

  /** What a merge carries is applied last of all, so nothing follows it but the merge. */
  private void mustHaveLog(long regionId) {
    String ahead = aheadOfLog.remove(regionId);
    if (ahead != null) {
      history.violation(ahead);
    }
  }

  private void applied(RegionEvent.Applied entry) {
    Long before = appliedOf.put(entry.regionId(), entry.index());
    if (before != null && entry.index() != before + 1) {
      history.violation(
          "region %d: %s applied entry %d after %d"
              .formatted(entry.regionId(), replica, entry.index(), before));
    }
    if (log.isDurable(entry.regionId(), entry.index())) {
      mustHaveLog(entry.regionId());
    } else {
      aheadOfLog.putIfAbsent(
          entry.regionId(),
          "region %d: %s applied entry %d, which is not durable in its log"
              .formatted(entry.regionId(), replica, entry.index()));
    }
    TraceHash hash = new TraceHash();
    for (WriteBatch.Operation operation : entry.mutations()) {
      hash.add(operation.family().ordinal());
      if (operation instanceof WriteBatch.Put put) {
        hash.add(put.key());
        hash.add(put.value());
      } else if (operation instanceof WriteBatch.Delete delete) {
        hash.add(delete.key());
      } else if (operation instanceof WriteBatch.DeleteRange range) {
        hash.add(range.start());
        hash.add(range.end());
      }
    }
    history.applied(
        replica, String.valueOf(entry.regionId()), entry.index(), entry.term(), hash.value());
  }
}
