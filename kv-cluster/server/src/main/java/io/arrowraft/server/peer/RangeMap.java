package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.server.state.KeyRanges;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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

  /** Another region, held or reserved, that overlaps with {@code incoming}. */
  Optional<Region> conflict(Region incoming) {
    Optional<Region> holder = overlapping(held, incoming);
    return holder.isPresent() ? holder : overlapping(reserved, incoming);
  }

  /** Reserves a range for a snapshot, if it is free. */
  boolean reserve(Region incoming) {
    if (reserved.containsKey(incoming.getId()) || conflict(incoming).isPresent()) {
      return false;
    }
    reserved.put(incoming.getId(), incoming);
    return true;
  }

  void release(long regionId) {
    reserved.remove(regionId);
  }

  private static Optional<Region> overlapping(Map<Long, Region> regions, Region incoming) {
    for (Region region : regions.values()) {
      if (region.getId() != incoming.getId() && KeyRanges.overlap(region, incoming)) {
        return Optional.of(region);
      }
    }
    return Optional.empty();
  }
}
