package io.arrowraft.client.coprocessor;

import io.arrowraft.client.region.Region;
import io.arrowraft.table.KeyRange;
import java.util.List;

/**
 * Key ranges that lie in one region.
 *
 * @param region as it was when the ranges were cut
 * @param storeAddress {@code host:port} of the store that leads it, where the data is read
 * @param ranges plain keys, ascending and apart, never empty
 */
public record RegionRanges(Region region, String storeAddress, List<KeyRange> ranges) {
  public RegionRanges {
    ranges = List.copyOf(ranges);
    if (ranges.isEmpty()) {
      throw new IllegalArgumentException(region + " without ranges");
    }
  }

  public long regionId() {
    return region.id();
  }

  /** The host of {@link #storeAddress}, without the port. */
  public String storeHost() {
    return storeAddress.substring(0, storeAddress.lastIndexOf(':'));
  }
}
