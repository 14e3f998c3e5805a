package io.arrowraft.pd.flow;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What followers serve of the reads, by region and store. A store names its busiest replicas alone,
 * so one that it does not name any more has cooled down.
 */
final class ReadShares {
  /** Below this rate of everything a share is forgotten. */
  private static final double NOTHING = 0.5;

  /** What one replica serves. */
  static final class Share {
    private final long regionId;
    private final long storeId;
    private Rates rates = Rates.NONE;
    private int hits;
    private long atNanos;

    Share(long regionId, long storeId, long atNanos) {
      this.regionId = regionId;
      this.storeId = storeId;
      this.atNanos = atNanos;
    }

    long regionId() {
      return regionId;
    }

    long storeId() {
      return storeId;
    }

    Rates rates() {
      return rates;
    }

    int hits() {
      return hits;
    }

    long atNanos() {
      return atNanos;
    }

    /** Comes closer to what was reported. */
    void report(Rates sample, double part, long nowNanos) {
      rates = rates.towards(sample, part);
      atNanos = nowNanos;
    }

    /** Takes over what another one served. */
    void inherit(Share other) {
      rates = other.rates;
      hits = other.hits;
    }

    void judged(int newHits) {
      hits = newHits;
    }

    boolean isNothing() {
      return hits == 0
          && rates.bytes() < NOTHING
          && rates.keys() < NOTHING
          && rates.queries() < NOTHING;
    }
  }

  private final TreeMap<Long, TreeMap<Long, Share>> byRegion = new TreeMap<>();
  private final Map<Long, Set<Long>> regionsByStore = new HashMap<>();

  void clear() {
    byRegion.clear();
    regionsByStore.clear();
  }

  /** The share of a replica, or null if it serves nothing. */
  Share find(long regionId, long storeId) {
    Map<Long, Share> shares = byRegion.get(regionId);
    return shares == null ? null : shares.get(storeId);
  }

  /** The same; begun if there is none. */
  Share begin(long regionId, long storeId, long nowNanos) {
    regionsByStore.computeIfAbsent(storeId, id -> new TreeSet<>()).add(regionId);
    return byRegion
        .computeIfAbsent(regionId, id -> new TreeMap<>())
        .computeIfAbsent(storeId, id -> new Share(regionId, storeId, nowNanos));
  }

  void remove(Share share) {
    TreeMap<Long, Share> shares = byRegion.get(share.regionId());
    shares.remove(share.storeId());
    if (shares.isEmpty()) {
      byRegion.remove(share.regionId());
    }
    Set<Long> regions = regionsByStore.get(share.storeId());
    regions.remove(share.regionId());
    if (regions.isEmpty()) {
      regionsByStore.remove(share.storeId());
    }
  }

  /** All shares of a region. */
  List<Share> of(long regionId) {
    TreeMap<Long, Share> shares = byRegion.get(regionId);
    return shares == null ? List.of() : List.copyOf(shares.values());
  }

  /** All shares of a store, by region. */
  List<Share> on(long storeId) {
    List<Share> shares = new ArrayList<>();
    regionsByStore
        .getOrDefault(storeId, Set.of())
        .forEach(region -> shares.add(byRegion.get(region).get(storeId)));
    return shares;
  }

  /** All of them, by region. */
  List<Share> all() {
    return byRegion.values().stream().map(TreeMap::values).flatMap(Collection::stream).toList();
  }
}
