package io.arrowraft.server.peer;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.PdException;
import io.arrowraft.pd.client.RangeStatistics;
import io.arrowraft.pd.client.RegionHeartbeats;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.pd.client.ServiceSafePoint;
import io.arrowraft.pd.client.SplitIds;
import io.arrowraft.pd.client.StoreInfo;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.pd.GcProgress;
import io.arrowraft.proto.pd.ResolvedRange;
import io.arrowraft.proto.pdpb.RegionHeartbeatRequest;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.pdpb.StoreHeartbeatResponse;
import io.arrowraft.proto.pdpb.StoreStats;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.state.KeyRanges;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/** A placement driver in memory that remembers what it is told and orders what a test wants. */
public final class TestPd {
  public static final long CLUSTER = 77;

  private final TreeMap<Long, RegionHeartbeatRequest> reports = new TreeMap<>();
  private final TreeSet<Long> lost = new TreeSet<>();
  private final TreeMap<Long, Store> stores = new TreeMap<>();
  private final List<RegionHeartbeats.Listener> lines = new ArrayList<>();
  private final List<StoreStats> storeReports = new ArrayList<>();
  private final long clusterId;
  private long nextId = 1000;
  private Region first;
  private int reportCount;
  private boolean tombstones;
  private int away;

  private long lastMillis;
  private final List<ResolvedRange> resolvedRanges = new ArrayList<>();
  private GcProgress gcProgress = GcProgress.getDefaultInstance();
  private long quietSafePoint;

  public TestPd() {
    this(CLUSTER);
  }

  public TestPd(long clusterId) {
    this.clusterId = clusterId;
  }

  /** A client of one store. */
  public PdClient client() {
    return new Client();
  }

  /** The newest report of a region. */
  public synchronized Optional<RegionHeartbeatRequest> report(long regionId) {
    return Optional.ofNullable(reports.get(regionId));
  }

  public synchronized List<RegionHeartbeatRequest> reports() {
    return new ArrayList<>(reports.values());
  }

  public synchronized int reportCount() {
    return reportCount;
  }

  /** Is not reached by the next questions that a start begins with. */
  public synchronized void beAway(int questions) {
    away = questions;
  }

  private synchronized boolean isAway() {
    return away > 0 && away-- > 0;
  }

  private static <T> CompletableFuture<T> unreachable() {
    return CompletableFuture.failedFuture(
        new PdException(PdException.Code.UNREACHABLE, "nobody answers in this test"));
  }

  /** Answers reports from now on as if each store were a tombstone. */
  public synchronized void removeStores() {
    tombstones = true;
  }

  public synchronized List<StoreStats> storeReports() {
    return new ArrayList<>(storeReports);
  }

  /** Timestamps are given out from this time on. */
  public synchronized void setTime(long millis) {
    lastMillis = millis;
  }

  /** What stores are told of garbage collection from now on. */
  public synchronized void tellGarbageCollection(GcProgress progress) {
    gcProgress = progress;
  }

  /** A safe point that is told to nobody who does not ask for it. */
  public synchronized void onlyKnown(long timestamp) {
    quietSafePoint = timestamp;
  }

  /** What stores have said of resolved locks, in order. */
  public synchronized List<ResolvedRange> resolvedRanges() {
    return List.copyOf(resolvedRanges);
  }

  public synchronized Optional<Region> firstRegion() {
    return Optional.ofNullable(first);
  }

  public synchronized Optional<Store> store(long storeId) {
    return Optional.ofNullable(stores.get(storeId));
  }

  /** Sends an order down all lines; stores that do not lead the region ignore it. */
  public void order(RegionHeartbeatResponse order) {
    List<RegionHeartbeats.Listener> told;
    synchronized (this) {
      told = new ArrayList<>(lines);
    }
    told.forEach(line -> line.onOrder(order));
  }

  /** The lines break and are opened again. */
  public void reconnect() {
    List<RegionHeartbeats.Listener> told;
    synchronized (this) {
      reports.clear();
      told = new ArrayList<>(lines);
    }
    told.forEach(RegionHeartbeats.Listener::onConnected);
  }

  /** Reports of a region get lost from now on. */
  public synchronized void loseReportsOf(long regionId) {
    lost.add(regionId);
  }

  public synchronized void loseNoReports() {
    lost.clear();
  }

  private synchronized void onReport(RegionHeartbeatRequest report) {
    if (lost.contains(report.getRegion().getId())) {
      return;
    }
    reportCount++;
    RegionHeartbeatRequest known = reports.get(report.getRegion().getId());
    boolean outdated =
        reports.values().stream()
            .anyMatch(
                other ->
                    other.getRegion().getId() != report.getRegion().getId()
                        && KeyRanges.overlap(other.getRegion(), report.getRegion())
                        && other.getRegion().getRegionEpoch().getVersion()
                            > report.getRegion().getRegionEpoch().getVersion());
    if (outdated) {
      return;
    }
    if (known == null
        || known.getRegion().getRegionEpoch().getVersion()
            <= report.getRegion().getRegionEpoch().getVersion()) {
      reports
          .values()
          .removeIf(
              other ->
                  KeyRanges.overlap(other.getRegion(), report.getRegion())
                      && other.getRegion().getRegionEpoch().getVersion()
                          < report.getRegion().getRegionEpoch().getVersion());
      reports.put(report.getRegion().getId(), report);
    }
  }

  private static <T> CompletableFuture<T> done(T value) {
    return CompletableFuture.completedFuture(value);
  }

  private final class Client implements PdClient {
    @Override
    public CompletableFuture<Long> clusterId() {
      return isAway() ? unreachable() : done(clusterId);
    }

    @Override
    public CompletableFuture<Timestamp> timestamp() {
      synchronized (TestPd.this) {
        return done(Timestamp.of(++lastMillis, 0));
      }
    }

    @Override
    public CompletableFuture<Long> allocateId() {
      synchronized (TestPd.this) {
        return done(++nextId);
      }
    }

    @Override
    public CompletableFuture<Optional<RegionInfo>> region(Bytes key) {
      synchronized (TestPd.this) {
        return done(
            reports.values().stream()
                .filter(report -> KeyRanges.contains(report.getRegion(), key.toByteArray()))
                .map(report -> new RegionInfo(report.getRegion(), Optional.of(report.getLeader())))
                .findFirst());
      }
    }

    @Override
    public CompletableFuture<Optional<RegionInfo>> previousRegion(Bytes key) {
      return unused();
    }

    @Override
    public CompletableFuture<Optional<RegionInfo>> regionById(long regionId) {
      synchronized (TestPd.this) {
        if (reports.containsKey(regionId)) {
          RegionHeartbeatRequest report = reports.get(regionId);
          return done(
              Optional.of(new RegionInfo(report.getRegion(), Optional.of(report.getLeader()))));
        }
        return done(
            first != null && first.getId() == regionId
                ? Optional.of(new RegionInfo(first, Optional.empty()))
                : Optional.empty());
      }
    }

    @Override
    public CompletableFuture<List<RegionInfo>> scanRegions(Bytes start, Bytes end, int limit) {
      return unused();
    }

    @Override
    public CompletableFuture<RangeStatistics> rangeStatistics(Bytes start, Bytes end) {
      return unused();
    }

    @Override
    public CompletableFuture<Optional<StoreInfo>> store(long storeId) {
      synchronized (TestPd.this) {
        return done(Optional.ofNullable(stores.get(storeId)).map(StoreInfo::new));
      }
    }

    @Override
    public CompletableFuture<List<StoreInfo>> stores() {
      return unused();
    }

    @Override
    public CompletableFuture<Boolean> isBootstrapped() {
      synchronized (TestPd.this) {
        return done(first != null);
      }
    }

    @Override
    public CompletableFuture<Boolean> bootstrap(Store store, Region region) {
      synchronized (TestPd.this) {
        if (first != null) {
          return done(false);
        }
        first = region;
        stores.put(store.getId(), store);
        return done(true);
      }
    }

    @Override
    public CompletableFuture<Void> putStore(Store store) {
      synchronized (TestPd.this) {
        stores.put(store.getId(), store);
        return done(null);
      }
    }

    @Override
    public CompletableFuture<StoreHeartbeatResponse> storeHeartbeat(StoreStats stats) {
      synchronized (TestPd.this) {
        storeReports.add(stats);
        if (tombstones) {
          return CompletableFuture.failedFuture(
              new PdException(PdException.Code.STORE_REMOVED, "the store has been removed"));
        }
        return done(StoreHeartbeatResponse.getDefaultInstance());
      }
    }

    @Override
    public RegionHeartbeats openRegionHeartbeats(RegionHeartbeats.Listener listener) {
      synchronized (TestPd.this) {
        lines.add(listener);
      }
      listener.onConnected();
      return new RegionHeartbeats() {
        @Override
        public void report(RegionHeartbeatRequest report) {
          onReport(report);
        }

        @Override
        public void close() {
          synchronized (TestPd.this) {
            lines.remove(listener);
          }
        }
      };
    }

    @Override
    public CompletableFuture<List<SplitIds>> askBatchSplit(Region region, int count) {
      synchronized (TestPd.this) {
        List<SplitIds> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          long regionId = ++nextId;
          List<Long> peers = new ArrayList<>();
          for (int p = 0; p < region.getPeersCount(); p++) {
            peers.add(++nextId);
          }
          ids.add(new SplitIds(regionId, peers));
        }
        return done(ids);
      }
    }

    @Override
    public CompletableFuture<Void> reportBatchSplit(List<Region> regions) {
      return done(null);
    }

    @Override
    public CompletableFuture<Void> scatter(List<Long> regionIds, String group) {
      return unused();
    }

    @Override
    public CompletableFuture<List<Long>> splitRegions(List<Bytes> keys) {
      return unused();
    }

    @Override
    public CompletableFuture<GcProgress> reportGarbageCollection(
        long storeId, List<ResolvedRange> resolved) {
      synchronized (TestPd.this) {
        resolvedRanges.addAll(resolved);
        return done(gcProgress);
      }
    }

    @Override
    public CompletableFuture<Timestamp> gcSafePoint() {
      synchronized (TestPd.this) {
        return CompletableFuture.completedFuture(
            new Timestamp(Math.max(quietSafePoint, gcProgress.getSafePoint())));
      }
    }

    @Override
    public CompletableFuture<Timestamp> advanceGcSafePoint(Timestamp safePoint) {
      return unused();
    }

    @Override
    public CompletableFuture<ServiceSafePoint> holdSafePoint(
        String service, Duration timeToLive, Timestamp safePoint) {
      return unused();
    }

    @Override
    public void close() {}

    private static <T> CompletableFuture<T> unused() {
      return CompletableFuture.failedFuture(
          new UnsupportedOperationException("stores do not ask for this"));
    }
  }
}
