package io.arrowraft.coprocessor.read;

import io.arrowraft.table.KeyRange;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * How a read is divided among tasks. Each part holds whole regions that follow one another in key
 * order, so that a part's rows are in key order too.
 */
public record RegionPlan(List<Part> parts) {
  public RegionPlan {
    parts = List.copyOf(parts);
  }

  /**
   * The regions of one task.
   *
   * @param ranges ascending and apart
   * @param preferredHosts hosts (without port) of the leaders, in key order of their regions
   */
  public record Part(
      List<KeyRange> ranges,
      List<String> preferredHosts,
      int regions,
      long estimatedBytes,
      long estimatedKeys) {
    public Part {
      ranges = List.copyOf(ranges);
      preferredHosts = List.copyOf(preferredHosts);
    }
  }

  /**
   * Groups neighbouring regions until a part reaches the target.
   *
   * @param shares in key order
   * @param targetBytes size of a part from which on it takes no further region; regions of unknown
   *     size stay alone
   */
  public static RegionPlan of(List<RegionShare> shares, long targetBytes) {
    List<Part> parts = new ArrayList<>();
    List<RegionShare> open = new ArrayList<>();
    long openBytes = 0;
    for (RegionShare share : shares) {
      boolean joins =
          !open.isEmpty()
              && share.estimatedBytes() > 0
              && openBytes > 0
              && openBytes + share.estimatedBytes() <= targetBytes;
      if (!joins && !open.isEmpty()) {
        parts.add(part(open));
        open.clear();
        openBytes = 0;
      }
      open.add(share);
      openBytes += share.estimatedBytes();
    }
    if (!open.isEmpty()) {
      parts.add(part(open));
    }
    return new RegionPlan(parts);
  }

  private static Part part(List<RegionShare> shares) {
    List<KeyRange> ranges = new ArrayList<>();
    Set<String> hosts = new LinkedHashSet<>();
    long bytes = 0;
    long keys = 0;
    for (RegionShare share : shares) {
      ranges.addAll(share.ranges());
      if (!share.host().isEmpty()) {
        int colon = share.host().lastIndexOf(':');
        hosts.add(colon < 0 ? share.host() : share.host().substring(0, colon));
      }
      bytes += share.estimatedBytes();
      keys += share.estimatedKeys();
    }
    return new Part(ranges, List.copyOf(hosts), shares.size(), bytes, keys);
  }

  public int regions() {
    return parts.stream().mapToInt(Part::regions).sum();
  }

  public long estimatedBytes() {
    return parts.stream().mapToLong(Part::estimatedBytes).sum();
  }

  public long estimatedKeys() {
    return parts.stream().mapToLong(Part::estimatedKeys).sum();
  }
}
