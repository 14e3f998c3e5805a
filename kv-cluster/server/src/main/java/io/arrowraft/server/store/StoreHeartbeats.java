package io.arrowraft.server.store;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.proto.pdpb.StoreStats;
import io.arrowraft.proto.pdpb.TimeInterval;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.Timer;
import io.arrowraft.server.peer.StoreRegions;
import io.arrowraft.server.region.RegionView;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports the store, and from time to time all regions it leads. Owned by its loop. */
final class StoreHeartbeats {
  private static final Logger LOG = LoggerFactory.getLogger(StoreHeartbeats.class);

  private final StoreConfig config;
  private final long storeId;
  private final StoreRegions regions;
  private final PdClient pd;
  private final EventLoop loop;
  private final TimeSource time;
  private final long startSeconds;
  private long lastSeconds;
  private Timer storeTimer;
  private Timer regionTimer;
  private boolean stopped;

  StoreHeartbeats(
      StoreConfig config,
      long storeId,
      StoreRegions regions,
      PdClient pd,
      EventLoop loop,
      TimeSource time) {
    this.config = config;
    this.storeId = storeId;
    this.regions = regions;
    this.pd = pd;
    this.loop = loop;
    this.time = time;
    this.startSeconds = time.wallMillis() / 1000;
    this.lastSeconds = startSeconds;
  }

  void start() {
    loop.execute(
        () -> {
          reportStore();
          regionTimer = loop.schedule(config.regionHeartbeat(), this::reportRegions);
        });
  }

  private void reportStore() {
    if (stopped) {
      return;
    }
    pd.storeHeartbeat(stats())
        .whenComplete(
            (response, failure) -> {
              if (failure != null) {
                LOG.warn(
                    "store heartbeat failed: store={}, reason={}",
                    storeId,
                    Async.cause(failure).getMessage());
              }
            });
    storeTimer = loop.schedule(config.storeHeartbeat(), this::reportStore);
  }

  private StoreStats stats() {
    List<RegionView> views = regions.regions().regions();
    long used = 0;
    for (RegionView view : views) {
      used += view.approximateBytes();
    }
    long now = time.wallMillis() / 1000;
    StoreStats.Builder stats =
        StoreStats.newBuilder()
            .setStoreId(storeId)
            .setCapacity(config.capacityBytes())
            .setAvailable(Math.max(0, config.capacityBytes() - used))
            .setUsedSize(used)
            .setRegionCount(views.size())
            .setStartTime((int) startSeconds)
            .setInterval(
                TimeInterval.newBuilder().setStartTimestamp(lastSeconds).setEndTimestamp(now));
    lastSeconds = now;
    return stats.build();
  }

  private void reportRegions() {
    if (stopped) {
      return;
    }
    regions.reportAll();
    regionTimer = loop.schedule(config.regionHeartbeat(), this::reportRegions);
  }

  void stop() {
    loop.execute(
        () -> {
          stopped = true;
          if (storeTimer != null) {
            storeTimer.cancel();
          }
          if (regionTimer != null) {
            regionTimer.cancel();
          }
        });
  }
}
