package io.arrowraft.client.region;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.EventLoop;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * The regions that the client has met, by start key. Entries never overlap: a newer description
 * replaces whatever it meets.
 */
public final class RegionCache {
  private final EventLoop loop;
  private final PdClient pd;
  private final int regionsMax;
  private final TreeMap<Bytes, Region> byStart = new TreeMap<>();

  /** Start keys by region id, least recently used first. */
  private final LinkedHashMap<Long, Bytes> byUse = new LinkedHashMap<>(16, 0.75f, true);

  private final Map<Bytes, CompletableFuture<Optional<Region>>> lookups = new TreeMap<>();

  RegionCache(EventLoop loop, PdClient pd, int regionsMax) {
    this.loop = loop;
    this.pd = pd;
    this.regionsMax = regionsMax;
  }

  /** The region of a region key if it is remembered. */
  Optional<Region> cached(Bytes regionKey) {
    Map.Entry<Bytes, Region> entry = byStart.floorEntry(regionKey);
    if (entry == null || !entry.getValue().contains(regionKey)) {
      return Optional.empty();
    }
    byUse.get(entry.getValue().id());
    return Optional.of(entry.getValue());
  }

  /** The region of the keys just below a bound, which is empty for the end of the key space. */
  Optional<Region> cachedBelow(Bytes bound) {
    Map.Entry<Bytes, Region> entry =
        bound.isEmpty() ? byStart.lastEntry() : byStart.lowerEntry(bound);
    if (entry == null
        || !(entry.getValue().endKey().isEmpty()
            || (!bound.isEmpty() && entry.getValue().endKey().compareTo(bound) >= 0))) {
      return Optional.empty();
    }
    byUse.get(entry.getValue().id());
    return Optional.of(entry.getValue());
  }

  /** The region of a region key, remembered or asked for; empty if there is none. */
  CompletableFuture<Optional<Region>> find(Bytes regionKey) {
    Optional<Region> known = cached(regionKey);
    if (known.isPresent()) {
      return CompletableFuture.completedFuture(known);
    }
    CompletableFuture<Optional<Region>> running = lookups.get(regionKey);
    if (running != null) {
      return running;
    }
    CompletableFuture<Optional<Region>> lookup = new CompletableFuture<>();
    lookups.put(regionKey, lookup);
    Async.on(loop, pd.region(regionKey).thenApply(RegionCache::usable))
        .whenComplete(
            (found, failure) -> {
              lookups.remove(regionKey);
              if (failure == null) {
                found.ifPresent(this::add);
              }
              Async.settle(lookup, found, failure);
            });
    return lookup;
  }

  /** Remembers a region in place of all that it overlaps. */
  void add(Region region) {
    forget(region.id());
    Map.Entry<Bytes, Region> before = byStart.lowerEntry(region.startKey());
    if (before != null && before.getValue().contains(region.startKey())) {
      forget(before.getValue().id());
    }
    Map<Bytes, Region> overlapped =
        region.endKey().isEmpty()
            ? byStart.tailMap(region.startKey(), true)
            : byStart.subMap(region.startKey(), true, region.endKey(), false);
    for (Region old : new ArrayList<>(overlapped.values())) {
      forget(old.id());
    }
    byStart.put(region.startKey(), region);
    byUse.put(region.id(), region.startKey());
    while (byUse.size() > regionsMax) {
      forget(byUse.keySet().iterator().next());
    }
  }

  /** Forgets {@code region} unless something newer is remembered in its place. */
  void invalidate(Region region) {
    Bytes start = byUse.get(region.id());
    if (start != null && byStart.get(start).isSameVersion(region)) {
      forget(region.id());
    }
  }

  /** Forgets {@code region} and remembers what a store said has taken its place. */
  void replace(Region region, List<io.arrowraft.proto.metapb.Region> current) {
    invalidate(region);
    for (io.arrowraft.proto.metapb.Region now : current) {
      if (now.getPeersCount() > 0) {
        // The store lists the peer that leads first.
        add(Region.of(now, Optional.of(now.getPeers(0))));
      }
    }
  }

  /** Remembers who leads, as long as {@code region} is still what is remembered. */
  void updateLeader(Region region, Peer leader) {
    Bytes start = byUse.get(region.id());
    if (start != null && byStart.get(start).isSameVersion(region)) {
      byStart.put(start, region.withLeader(leader));
    }
  }

  int size() {
    return byStart.size();
  }

  /** A region without replicas cannot be asked; the placement driver will know more soon. */
  private static Optional<Region> usable(Optional<RegionInfo> found) {
    return found
        .filter(info -> !info.peers().isEmpty())
        .map(info -> Region.of(info.meta(), info.leader()));
  }

  private void forget(long regionId) {
    Bytes start = byUse.remove(regionId);
    if (start != null) {
      byStart.remove(start);
    }
  }
}
