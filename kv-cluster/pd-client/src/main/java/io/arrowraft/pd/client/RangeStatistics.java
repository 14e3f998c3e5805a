package io.arrowraft.pd.client;

import java.util.List;

/**
 * How much data a key range holds, by the last reports of the leaders of the regions that touch it.
 *
 * @param approximateBytes 0 may also mean that no leader has reported yet
 */
public record RangeStatistics(
    long regions, long approximateBytes, long approximateKeys, List<StoreLoad> stores) {

  /** What one store has of the range. */
  public record StoreLoad(long storeId, long leaders, long peers) {}

  public RangeStatistics {
    stores = List.copyOf(stores);
  }
}
