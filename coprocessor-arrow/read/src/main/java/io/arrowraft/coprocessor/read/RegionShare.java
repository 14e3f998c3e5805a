package io.arrowraft.coprocessor.read;

import io.arrowraft.table.KeyRange;
import java.util.List;
import java.util.Objects;

/**
 * What one region holds of the ranges to read.
 *
 * @param ranges ascending and apart
 * @param host where the region's leader is, as {@code host:port}; empty if unknown
 * @param estimatedBytes size of the region, or 0 if unknown
 * @param estimatedKeys keys of the region, or 0 if unknown
 */
public record RegionShare(
    long regionId, List<KeyRange> ranges, String host, long estimatedBytes, long estimatedKeys) {
  public RegionShare {
    ranges = List.copyOf(ranges);
    Objects.requireNonNull(host, "host");
  }
}
