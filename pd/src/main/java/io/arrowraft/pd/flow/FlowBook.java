package io.arrowraft.pd.flow;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.RegionTraffic;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.pdpb.PeerStat;
import io.arrowraft.proto.pdpb.StoreStats;
import io.arrowraft.runtime.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntSupplier;

/** Keeps the traffic of regions and stores. */
public final class FlowBook implements HotView {
  private static final double HALF_LIFE_NANOS = Duration.ofSeconds(30).toNanos();
  private static final long FORGET_NANOS = Duration.ofMinutes(10).toNanos();

  /** Below these rates nobody is hot: the values of PD. */
  private static final Rates WRITE_FLOOR = new Rates(1024, 32, 32);

  private static final Rates READ_FLOOR = new Rates(8192, 128, 128);

  /** A hot region has this much more than the mean of all. */
  private static final double STANDS_OUT = 1.5;

  private static final int HITS_MAX = 20;

  private static final class Region {
    private Rates read = Rates.NONE;
    private Rates write = Rates.NONE;
    private int readHits;
    private int writeHits;
    private long atNanos;
    private long readAtNanos;
    private long leaderStore;
    private long youngestStore;
    private long[] stores = new long[0];
  }

  private final TimeSource time;
  private final IntSupplier hitsNeeded;
  private final Map<Long, Region> regions = new HashMap<>();
  private final TreeMap<Long, Region> hotReads = new TreeMap<>();
  private final TreeMap<Long, Region> hotWrites = new TreeMap<>();
  private final ReadShares shares = new ReadShares();
  private final Map<Aspect, Map<Long, Rates>> loads = new EnumMap<>(Aspect.class);
  private Rates allReads = Rates.NONE;
  private Rates allWrites = Rates.NONE;

  /**
   * @param hitsNeeded reports in a row that make a region hot
   */
  public FlowBook(TimeSource time, IntSupplier hitsNeeded) {
    this.time = time;
    this.hitsNeeded = hitsNeeded;
    reset();
  }

  /** Forgets everything. */
  public void reset() {
    regions.clear();
    hotReads.clear();
    hotWrites.clear();
    shares.clear();
    for (Aspect aspect : Aspect.values()) {
      loads.put(aspect, new HashMap<>());
    }
    allReads = Rates.NONE;
    allWrites = Rates.NONE;
  }

  /** Takes what a region's leader reports. */
  public void report(RegionInfo info) {
    long now = time.nanos();
    Region region = regions.get(info.id());
    if (region == null) {
      region = new Region();
      region.atNanos = now;
      region.readAtNanos = now;
      regions.put(info.id(), region);
    }
    RegionTraffic traffic = info.traffic();
    double elapsed = elapsed(traffic.seconds(), now - region.atNanos);
    count(region, -1);
    place(info, region);
    if (elapsed > 0) {
      region.atNanos = now;
      double part = part(elapsed);
      region.write =
          region.write.towards(
              perSecond(traffic.bytesWritten(), traffic.keysWritten(), traffic.writes(), elapsed),
              part);
      boolean reads = traffic.bytesRead() + traffic.keysRead() + traffic.reads() > 0;
      if (reads || now - region.readAtNanos >= 2 * HALF_LIFE_NANOS) {
        // Stores may report reads with their own heartbeats instead: nothing here means little.
        region.readAtNanos = now;
        region.read =
            region.read.towards(
                perSecond(traffic.bytesRead(), traffic.keysRead(), traffic.reads(), elapsed), part);
      }
    }
    count(region, 1);
    if (elapsed > 0) {
      judge(info.id(), region);
    }
  }

  /** Takes note of where a region's replicas are, and who serves the reads of those that left. */
  private void place(RegionInfo info, Region region) {
    long[] before = region.stores;
    region.leaderStore = info.leaderStore();
    region.stores = info.peers().stream().mapToLong(Peer::getStoreId).toArray();
    for (long store : region.stores) {
      if (Arrays.stream(before).noneMatch(known -> known == store)) {
        region.youngestStore = store;
      }
    }
    for (ReadShares.Share share : shares.of(info.id())) {
      if (!isFollower(region, share.storeId())) {
        boolean left = region.leaderStore != share.storeId();
        drop(share);
        // Until stores say otherwise, whoever took its place serves what it served. What a new
        // leader serves is reported as the leader's part.
        if (left
            && isFollower(region, region.youngestStore)
            && shares.find(info.id(), region.youngestStore) == null) {
          ReadShares.Share heir = shares.begin(info.id(), region.youngestStore, share.atNanos());
          heir.inherit(share);
          count(heir, 1);
        }
      }
    }
  }

  /** Takes what a store reports of its busiest peers, and so also of those that are not. */
  public void report(StoreStats stats) {
    long now = time.nanos();
    long store = stats.getStoreId();
    long interval = RegionTraffic.seconds(stats.getInterval());
    Set<Long> named = new HashSet<>();
    for (PeerStat peer : stats.getPeerStatsList()) {
      named.add(peer.getRegionId());
      Region region = regions.get(peer.getRegionId());
      if (region != null && region.leaderStore == store) {
        reportLeader(peer, region, interval, now);
      } else if (region != null && isFollower(region, store)) {
        reportFollower(peer, store, interval, now);
      }
    }
    for (ReadShares.Share share : shares.on(store)) {
      if (!named.contains(share.regionId())) {
        report(share, Rates.NONE, elapsed(interval, now - share.atNanos()), now);
      }
    }
  }

  private void reportLeader(PeerStat peer, Region region, long interval, long now) {
    double elapsed = elapsed(interval, now - region.readAtNanos);
    if (elapsed > 0) {
      region.readAtNanos = now;
      count(region, -1);
      region.read = region.read.towards(readsOf(peer, elapsed), part(elapsed));
      count(region, 1);
      judge(peer.getRegionId(), region);
    }
  }

  private void reportFollower(PeerStat peer, long store, long interval, long now) {
    if (peer.getReadBytes() + peer.getReadKeys() + RegionTraffic.reads(peer.getQueryStats()) == 0
        && shares.find(peer.getRegionId(), store) == null) {
      return;
    }
    ReadShares.Share share = shares.begin(peer.getRegionId(), store, now);
    double elapsed = elapsed(interval, now - share.atNanos());
    if (elapsed > 0) {
      report(share, readsOf(peer, elapsed), elapsed, now);
    }
  }

  private void report(ReadShares.Share share, Rates sample, double elapsed, long now) {
    count(share, -1);
    share.report(sample, part(elapsed), now);
    count(share, 1);
    Rates mean = Rates.NONE.plus(allReads, 1.0 / regions.size());
    share.judged(hits(share.hits(), share.rates().exceeds(READ_FLOOR, mean, STANDS_OUT)));
    if (share.isNothing()) {
      drop(share);
    }
  }

  private void drop(ReadShares.Share share) {
    count(share, -1);
    shares.remove(share);
  }

  private void count(ReadShares.Share share, int times) {
    allReads = allReads.plus(share.rates(), times);
    add(Aspect.READ, share.storeId(), share.rates(), times);
  }

  private static boolean isFollower(Region region, long store) {
    return region.leaderStore != store && Arrays.stream(region.stores).anyMatch(s -> s == store);
  }

  private static Rates readsOf(PeerStat peer, double seconds) {
    return perSecond(
        peer.getReadBytes(),
        peer.getReadKeys(),
        RegionTraffic.reads(peer.getQueryStats()),
        seconds);
  }

  /** Forgets a region that is gone. */
  public void forget(long regionId) {
    Region region = regions.remove(regionId);
    if (region != null) {
      count(region, -1);
      shares.of(regionId).forEach(this::drop);
      hotReads.remove(regionId);
      hotWrites.remove(regionId);
    }
  }

  /** Lets regions cool down that have not been heard of for long. */
  public void sweep() {
    long now = time.nanos();
    for (TreeMap<Long, Region> hot : List.of(hotReads, hotWrites)) {
      List<Long> silent = new ArrayList<>();
      hot.forEach(
          (id, region) -> {
            if (now - region.atNanos > FORGET_NANOS) {
              silent.add(id);
            }
          });
      silent.forEach(this::forget);
    }
    shares.all().stream().filter(share -> now - share.atNanos() > FORGET_NANOS).forEach(this::drop);
  }

  @Override
  public boolean isHot(long regionId) {
    Region region = hotWrites.get(regionId);
    if (region != null && region.writeHits >= hitsNeeded.getAsInt()) {
      return true;
    }
    region = hotReads.get(regionId);
    return (region != null && region.readHits >= hitsNeeded.getAsInt())
        || shares.of(regionId).stream().anyMatch(share -> share.hits() >= hitsNeeded.getAsInt());
  }

  @Override
  public List<HotRegion> hot(boolean writes) {
    List<HotRegion> found = new ArrayList<>();
    (writes ? hotWrites : hotReads)
        .forEach(
            (id, region) -> {
              int hits = writes ? region.writeHits : region.readHits;
              if (hits >= hitsNeeded.getAsInt()) {
                Rates rates = writes ? region.write : region.read;
                found.add(new HotRegion(id, region.leaderStore, rates, hits));
              }
            });
    if (!writes) {
      for (ReadShares.Share share : shares.all()) {
        if (share.hits() >= hitsNeeded.getAsInt()) {
          found.add(new HotRegion(share.regionId(), share.storeId(), share.rates(), share.hits()));
        }
      }
    }
    return found;
  }

  @Override
  public Rates rates(long regionId, boolean writes) {
    Region region = regions.get(regionId);
    return region == null ? Rates.NONE : writes ? region.write : region.read;
  }

  @Override
  public Rates reads(long regionId, long storeId) {
    Region region = regions.get(regionId);
    if (region != null && region.leaderStore == storeId) {
      return region.read;
    }
    ReadShares.Share share = shares.find(regionId, storeId);
    return share == null ? Rates.NONE : share.rates();
  }

  @Override
  public Rates load(Aspect aspect, long storeId) {
    return loads.get(aspect).getOrDefault(storeId, Rates.NONE);
  }

  private void count(Region region, int times) {
    allReads = allReads.plus(region.read, times);
    allWrites = allWrites.plus(region.write, times);
    if (region.leaderStore != 0) {
      add(Aspect.READ, region.leaderStore, region.read, times);
      add(Aspect.WRITE_LEADER, region.leaderStore, region.write, times);
    }
    for (long store : region.stores) {
      add(Aspect.WRITE, store, region.write, times);
    }
  }

  private void add(Aspect aspect, long store, Rates rates, int times) {
    if (!rates.equals(Rates.NONE)) {
      Map<Long, Rates> stores = loads.get(aspect);
      stores.put(store, stores.getOrDefault(store, Rates.NONE).plus(rates, times));
    }
  }

  private void judge(long id, Region region) {
    double count = regions.size();
    Rates meanWrite = Rates.NONE.plus(allWrites, 1 / count);
    Rates meanRead = Rates.NONE.plus(allReads, 1 / count);
    region.writeHits =
        hits(region.writeHits, region.write.exceeds(WRITE_FLOOR, meanWrite, STANDS_OUT));
    region.readHits = hits(region.readHits, region.read.exceeds(READ_FLOOR, meanRead, STANDS_OUT));
    keep(hotWrites, id, region, region.writeHits);
    keep(hotReads, id, region, region.readHits);
  }

  private static void keep(TreeMap<Long, Region> hot, long id, Region region, int hits) {
    if (hits > 0) {
      hot.put(id, region);
    } else {
      hot.remove(id);
    }
  }

  private static int hits(int before, boolean more) {
    return more ? Math.min(HITS_MAX, before + 1) : Math.max(0, before - 1);
  }

  /** Seconds that a report is about; 0 if it came at the same time as the one before. */
  private static double elapsed(long said, long nanosSince) {
    return said > 0 ? said : nanosSince / 1e9;
  }

  private static double part(double seconds) {
    return 1 - Math.pow(0.5, seconds * 1e9 / HALF_LIFE_NANOS);
  }

  private static Rates perSecond(long bytes, long keys, long queries, double seconds) {
    return new Rates(bytes / seconds, keys / seconds, queries / seconds);
  }
}
