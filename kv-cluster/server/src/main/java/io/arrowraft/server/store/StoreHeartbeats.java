package io.arrowraft.server.store;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.PdException;
import io.arrowraft.proto.pdpb.StoreStats;
import io.arrowraft.proto.pdpb.TimeInterval;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.Timer;
import io.arrowraft.server.peer.StoreRegions;
import io.arrowraft.server.peer.StoreStatistics;
import io.arrowraft.server.region.LoadCounts;
import io.arrowraft.server.region.RegionView;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
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
  private final Optional<DiskSpace> disk;
  private final Executor worker;
  private final long startSeconds;
  private long lastSeconds;
  private final SlowScore slowness = new SlowScore();
  private final CompletableFuture<PdException> removed = new CompletableFuture<>();

  /** Regions take turns within their interval, so that the reports of many do not come at once. */
  private final int parts;

  private int nextPart;
  private Timer storeTimer;
  private Timer regionTimer;
  private boolean stopped;

  /**
   * What is reported.
   *
   * @param disk empty where there is none, and the configuration says all
   */
  record Subject(long storeId, StoreRegions regions, Optional<DiskSpace> disk) {}

  /**
   * @param worker on which the disk is looked at
   */
  StoreHeartbeats(
      StoreConfig config,
      Subject subject,
      PdClient pd,
      EventLoop loop,
      TimeSource time,
      Executor worker) {
    this.config = config;
    this.storeId = subject.storeId();
    this.regions = subject.regions();
    this.disk = subject.disk();
    this.worker = worker;
    this.pd = pd;
    this.loop = loop;
    this.time = time;
    this.startSeconds = time.wallMillis() / 1000;
    this.lastSeconds = startSeconds;
    this.parts = (int) Math.max(1, Math.min(3600, config.regionHeartbeat().toSeconds()));
  }

  void start() {
    loop.execute(
        () -> {
          reportStore();
          regionTimer = loop.schedule(partInterval(), this::reportRegions);
        });
  }

  /** Completes, on any thread, when the placement driver says that the store is a tombstone. */
  CompletableFuture<PdException> removed() {
    return removed;
  }

  private Duration partInterval() {
    return config.regionHeartbeat().dividedBy(parts);
  }

  private void reportStore() {
    if (stopped) {
      return;
    }
    if (disk.isEmpty()) {
      send(Optional.empty());
    } else {
      worker.execute(
          () -> {
            Optional<DiskSpace.Room> room = look(disk.get());
            loop.execute(() -> send(room));
          });
    }
    storeTimer = loop.schedule(config.storeHeartbeat(), this::reportStore);
  }

  private Optional<DiskSpace.Room> look(DiskSpace space) {
    try {
      return Optional.of(space.measure());
    } catch (UncheckedIOException unanswered) {
      LOG.atWarn()
          .addKeyValue("store", storeId)
          .setCause(unanswered)
          .log("free space is not known");
      return Optional.empty();
    }
  }

  private void send(Optional<DiskSpace.Room> room) {
    if (stopped) {
      return;
    }
    pd.storeHeartbeat(stats(room))
        .whenComplete(
            (response, failure) -> {
              if (failure != null) {
                onRefusal(Async.cause(failure));
              }
            });
  }

  private void onRefusal(Throwable reason) {
    if (reason instanceof PdException refusal
        && refusal.code() == PdException.Code.STORE_REMOVED
        && removed.complete(refusal)) {
      LOG.atInfo()
          .addKeyValue("store", storeId)
          .addKeyValue("reason", refusal.getMessage())
          .log("store is a tombstone");
      return;
    }
    LOG.atWarn()
        .addKeyValue("store", storeId)
        .addKeyValue("reason", reason.getMessage())
        .log("store heartbeat failed");
  }

  private StoreStats stats(Optional<DiskSpace.Room> room) {
    List<RegionView> views = regions.regions().regions();
    long used = 0;
    for (RegionView view : views) {
      used += view.approximateBytes();
    }
    long capacity =
        Math.min(
            config.capacityBytes(), room.map(DiskSpace.Room::capacityBytes).orElse(Long.MAX_VALUE));
    long available =
        Math.min(
            Math.max(0, capacity - used),
            room.map(DiskSpace.Room::availableBytes).orElse(Long.MAX_VALUE));
    long now = time.wallMillis() / 1000;
    StoreStatistics did = regions.takeStatistics();
    LoadCounts load = did.load();
    int slowScore =
        slowness.update(
            did.logWrites(),
            did.slowLogWrites(),
            Duration.ofSeconds(Math.max(0, now - lastSeconds)));
    StoreStats.Builder stats =
        StoreStats.newBuilder()
            .setStoreId(storeId)
            .setCapacity(capacity)
            .setAvailable(available)
            .setUsedSize(used)
            .setRegionCount(views.size())
            .setStartTime((int) startSeconds)
            .setSendingSnapCount(did.sendingSnapshots())
            .setIsBusy(did.refusals() > 0 || did.logStalled() || did.full())
            .setBytesWritten(load.bytesWritten())
            .setKeysWritten(load.keysWritten())
            .setBytesRead(load.bytesRead())
            .setKeysRead(load.keysRead())
            .setQueryStats(load.toProto())
            .addAllPeerStats(did.hot())
            .addAllDamagedRegionsId(did.damagedRegions())
            .setSlowScore(slowScore)
            .setInterval(
                TimeInterval.newBuilder().setStartTimestamp(lastSeconds).setEndTimestamp(now));
    lastSeconds = now;
    return stats.build();
  }

  private void reportRegions() {
    if (stopped) {
      return;
    }
    regions.reportPart(nextPart, parts);
    nextPart = (nextPart + 1) % parts;
    regionTimer = loop.schedule(partInterval(), this::reportRegions);
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
