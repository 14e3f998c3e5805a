package io.arrowraft.pd.region;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** Regions by range and by id. */
public final class RegionTree {
  private final TreeMap<ByteString, RegionInfo> byStart = new TreeMap<>(Keys.ORDER);
  private final Map<Long, RegionInfo> byId = new HashMap<>();
  private final Map<Long, StoreShelf> shelves = new HashMap<>();
  private final IdSet ids = new IdSet();

  /** Begins anew from the shapes on record; leaders are unknown until they report. */
  public void reset(Collection<Region> recorded) {
    byStart.clear();
    byId.clear();
    shelves.clear();
    while (ids.size() > 0) {
      ids.remove(ids.at(ids.size() - 1));
    }
    recorded.forEach(region -> report(RegionInfo.shape(region, Optional.empty())));
  }

  /** Takes what a region's leader reports. */
  public ReportOutcome report(RegionInfo reported) {
    RegionInfo known = byId.get(reported.id());
    if (known != null) {
      RegionEpoch was = known.epoch();
      RegionEpoch is = reported.epoch();
      if (Long.compareUnsigned(is.getVersion(), was.getVersion()) < 0
          || Long.compareUnsigned(is.getConfVer(), was.getConfVer()) < 0) {
        return new ReportOutcome.Stale(
            "epoch " + text(is) + " is older than " + text(was) + " of region " + known.id());
      }
      if (is.equals(was) && Long.compareUnsigned(reported.term(), known.term()) < 0) {
        return new ReportOutcome.Stale(
            "term "
                + reported.term()
                + " is older than "
                + known.term()
                + " of region "
                + known.id());
      }
    }
    return place(reported, known);
  }

  /**
   * Takes the shape of a region from another source than its leader, such as a finished split or
   * the records on disk.
   *
   * @param parentId region whose leader is a likely leader of this one too; 0: none
   */
  public ReportOutcome reshape(Region meta, long parentId) {
    RegionInfo known = byId.get(meta.getId());
    if (known == null) {
      RegionInfo parent = byId.get(parentId);
      long likelyStore = parent == null ? 0 : parent.leaderStore();
      return report(
          RegionInfo.shape(
              meta,
              meta.getPeersList().stream()
                  .filter(peer -> peer.getStoreId() == likelyStore)
                  .findFirst()));
    }
    return report(known.withShape(meta));
  }

  private ReportOutcome place(RegionInfo reported, RegionInfo known) {
    List<RegionInfo> overlaps = overlapping(reported.startKey(), reported.endKey());
    for (RegionInfo other : overlaps) {
      if (other.id() != reported.id()
          && Long.compareUnsigned(reported.epoch().getVersion(), other.epoch().getVersion()) < 0) {
        return new ReportOutcome.Stale(
            "epoch "
                + text(reported.epoch())
                + " is older than "
                + text(other.epoch())
                + " of region "
                + other.id()
                + ", which overlaps");
      }
    }
    if (known != null && reported.isShelvedAs(known)) {
      // The usual report: nothing has changed but what was served.
      byStart.put(reported.startKey(), reported);
      byId.put(reported.id(), reported);
      return new ReportOutcome.Accepted(false, List.of());
    }
    if (known != null) {
      byStart.remove(known.startKey());
      unshelve(known);
    }
    List<Long> removed = new ArrayList<>();
    for (RegionInfo other : overlaps) {
      if (other.id() != reported.id()) {
        byStart.remove(other.startKey());
        byId.remove(other.id());
        ids.remove(other.id());
        unshelve(other);
        removed.add(other.id());
      }
    }
    byStart.put(reported.startKey(), reported);
    byId.put(reported.id(), reported);
    ids.add(reported.id());
    shelve(reported);
    boolean shapeChanged = known == null || !known.meta().equals(reported.meta());
    return new ReportOutcome.Accepted(shapeChanged, removed);
  }

  private void shelve(RegionInfo region) {
    for (Peer peer : region.peers()) {
      shelves.computeIfAbsent(peer.getStoreId(), id -> new StoreShelf()).add(region, peer);
    }
  }

  private void unshelve(RegionInfo region) {
    for (Peer peer : region.peers()) {
      shelves.get(peer.getStoreId()).remove(region, peer);
    }
  }

  /** What a store holds. */
  public StoreShelf shelf(long storeId) {
    return shelves.getOrDefault(storeId, StoreShelf.EMPTY);
  }

  /** Any region. */
  public Optional<RegionInfo> random(RandomGenerator random) {
    return ids.size() == 0 ? Optional.empty() : find(ids.pick(random));
  }

  /**
   * The first regions that begin after {@code key}, in key order.
   *
   * @param inclusive whether one that begins at the key is among them
   */
  public List<RegionInfo> startingAfter(ByteString key, boolean inclusive, int limit) {
    List<RegionInfo> found = new ArrayList<>();
    for (RegionInfo region : byStart.tailMap(key, inclusive).values()) {
      if (found.size() >= limit) {
        break;
      }
      found.add(region);
    }
    return found;
  }

  /** The region that ends where one begins. */
  public Optional<RegionInfo> before(RegionInfo region) {
    return Optional.ofNullable(byStart.lowerEntry(region.startKey()))
        .map(Map.Entry::getValue)
        .filter(before -> before.endKey().equals(region.startKey()));
  }

  /** The region that begins where one ends. */
  public Optional<RegionInfo> after(RegionInfo region) {
    return region.endKey().isEmpty() ? Optional.empty() : startingAt(region.endKey());
  }

  /** The region that holds {@code key}. */
  public Optional<RegionInfo> find(ByteString key) {
    return Optional.ofNullable(byStart.floorEntry(key))
        .map(Map.Entry::getValue)
        .filter(region -> region.contains(key));
  }

  /** The region before the one that holds {@code key}, if it ends where that one begins. */
  public Optional<RegionInfo> findPrevious(ByteString key) {
    return find(key)
        .map(RegionInfo::startKey)
        .flatMap(
            start ->
                Optional.ofNullable(byStart.lowerEntry(start))
                    .map(Map.Entry::getValue)
                    .filter(before -> before.endKey().equals(start)));
  }

  /** The region with an id. */
  public Optional<RegionInfo> find(long id) {
    return Optional.ofNullable(byId.get(id));
  }

  /** The region that begins exactly at {@code key}. */
  public Optional<RegionInfo> startingAt(ByteString key) {
    return Optional.ofNullable(byStart.get(key));
  }

  /**
   * Up to {@code limit} regions that touch [start, end), in key order; an empty end is the end of
   * the key space.
   */
  public List<RegionInfo> scan(ByteString start, ByteString end, int limit) {
    List<RegionInfo> found = new ArrayList<>();
    for (RegionInfo region : from(start)) {
      if (found.size() >= limit || (!end.isEmpty() && Keys.compare(region.startKey(), end) >= 0)) {
        break;
      }
      if (Keys.endsAfter(region.endKey(), start)) {
        found.add(region);
      }
    }
    return found;
  }

  /** All regions in key order. */
  public Collection<RegionInfo> all() {
    return Collections.unmodifiableCollection(byStart.values());
  }

  public int size() {
    return byStart.size();
  }

  private List<RegionInfo> overlapping(ByteString start, ByteString end) {
    Map.Entry<ByteString, RegionInfo> first = byStart.floorEntry(start);
    // The usual report changes nothing of the range, and so overlaps itself alone.
    if (first != null && first.getKey().equals(start) && first.getValue().endKey().equals(end)) {
      return List.of(first.getValue());
    }
    return scan(start, end, Integer.MAX_VALUE);
  }

  private Iterable<RegionInfo> from(ByteString start) {
    ByteString first = byStart.floorKey(start);
    return (first == null ? byStart : byStart.tailMap(first, true)).values();
  }

  private static String text(RegionEpoch epoch) {
    return epoch.getConfVer() + "/" + epoch.getVersion();
  }
}
