package io.arrowraft.server.peer;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.server.state.KeyRanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/**
 * The ranges that regions of this store hold, and those that incoming snapshots have reserved. A
 * range is held until its data is gone, so what is free here is free on disk. Owned by the control
 * loop.
 */
final class RangeMap {
  private final Map<Long, Region> held = new TreeMap<>();
  private final Map<Long, Region> reserved = new TreeMap<>();

  void hold(Region region) {
    held.put(region.getId(), region);
  }

  void letGo(long regionId) {
    held.remove(regionId);
    reserved.remove(regionId);
  }

  /**
   * Another region, held or reserved, that overlaps with {@code incoming}.
   *
   * @param covered regions by id that may hold a part of the range
   */
  Optional<Region> conflict(Region incoming, LongPredicate covered) {
    for (Region region : overlapping(held, incoming)) {
      if (!covered.test(region.getId())) {
        return Optional.of(region);
      }
    }
    return overlapping(reserved, incoming).stream().findFirst();
  }

  /** The other regions that hold a part of the range. */
  List<Region> holders(Region incoming) {
    return overlapping(held, incoming);
  }

  /** Whether another region that this one adjoins is held, and is older than {@code version}. */
  boolean hasOlderNeighbour(Region region, long version) {
    for (Region other : held.values()) {
      boolean adjoins =
          isBorder(region.getEndKey(), other.getStartKey())
              || isBorder(other.getEndKey(), region.getStartKey());
      if (adjoins && other.getRegionEpoch().getVersion() < version) {
        return true;
      }
    }
    return false;
  }

  private static boolean isBorder(ByteString end, ByteString start) {
    return !end.isEmpty() && KeyRanges.compare(end, start) == 0;
  }

  /** Reserves a range for a snapshot, if it is free. */
  boolean reserve(Region incoming, LongPredicate covered) {
    if (reserved.containsKey(incoming.getId()) || conflict(incoming, covered).isPresent()) {
      return false;
    }
    reserved.put(incoming.getId(), incoming);
    return true;
  }

  void release(long regionId) {
    reserved.remove(regionId);
  }

  private static List<Region> overlapping(Map<Long, Region> regions, Region incoming) {
    List<Region> found = new ArrayList<>();
    for (Region region : regions.values()) {
      if (region.getId() != incoming.getId() && KeyRanges.overlap(region, incoming)) {
        found.add(region);
      }
    }
    return found;
  }
}
