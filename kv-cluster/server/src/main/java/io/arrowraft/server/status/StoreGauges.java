package io.arrowraft.server.status;

import io.arrowraft.server.region.RegionView;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** What a store holds, as gauges that are brought up to date before each scrape. */
final class StoreGauges {
  private final AtomicLong regions = new AtomicLong();
  private final AtomicLong leaders = new AtomicLong();
  private final AtomicLong leaderless = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong keys = new AtomicLong();

  StoreGauges(MeterRegistry meters) {
    gauge(meters, "arrowraft_store_regions", "Replicas of regions on this store", regions);
    gauge(meters, "arrowraft_store_leaders", "Regions led by this store", leaders);
    gauge(
        meters,
        "arrowraft_store_leaderless_regions",
        "Replicas that know no leader at the moment",
        leaderless);
    gauge(meters, "arrowraft_store_data_bytes", "Data in the regions here, an estimate", bytes);
    gauge(meters, "arrowraft_store_data_keys", "Keys in the regions here, an estimate", keys);
  }

  void refresh(List<RegionView> views) {
    long led = 0;
    long without = 0;
    long size = 0;
    long count = 0;
    for (RegionView view : views) {
      led += view.isLeader() ? 1 : 0;
      without += view.leader().isEmpty() ? 1 : 0;
      size += view.approximateBytes();
      count += view.approximateKeys();
    }
    regions.set(views.size());
    leaders.set(led);
    leaderless.set(without);
    bytes.set(size);
    keys.set(count);
  }

  private static void gauge(
      MeterRegistry meters, String name, String description, AtomicLong value) {
    Gauge.builder(name, value, AtomicLong::get).description(description).register(meters);
  }
}
