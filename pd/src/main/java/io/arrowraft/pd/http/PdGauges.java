package io.arrowraft.pd.http;

import io.arrowraft.pd.settings.ScheduleConfig;
import io.arrowraft.pd.store.StoreStatus;
import io.arrowraft.proto.pdpb.OperatorStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;

/** The state of the cluster as gauges that are brought up to date before each scrape. */
final class PdGauges {
  private static final List<String> STATES =
      List.of("Up", "Disconnected", "Down", "Offline", "Tombstone");

  private static final List<OperatorStatus> ENDS =
      List.of(
          OperatorStatus.SUCCESS,
          OperatorStatus.TIMEOUT,
          OperatorStatus.CANCEL,
          OperatorStatus.REPLACE);

  private final AtomicLong leads;
  private final AtomicLong regions;
  private final AtomicLong leaderless;
  private final AtomicLong withDownPeers;
  private final AtomicLong withPendingPeers;
  private final AtomicLong withMissingPeers;
  private final AtomicLong operators;
  private final TreeMap<String, AtomicLong> stores = new TreeMap<>();
  private final EnumMap<OperatorStatus, AtomicLong> ended = new EnumMap<>(OperatorStatus.class);

  PdGauges(MeterRegistry meters) {
    leads = gauge(meters, "arrowraft_pd_leads", "1 while this member leads and serves, else 0");
    regions = gauge(meters, "arrowraft_pd_regions", "Regions of the cluster");
    leaderless =
        gauge(meters, "arrowraft_pd_leaderless_regions", "Regions whose leader is not known");
    withDownPeers =
        gauge(meters, "arrowraft_pd_down_peer_regions", "Regions with a peer that is silent");
    withPendingPeers =
        gauge(meters, "arrowraft_pd_pending_peer_regions", "Regions with a peer that lags behind");
    withMissingPeers =
        gauge(meters, "arrowraft_pd_missing_peer_regions", "Regions with fewer peers than wanted");
    operators = gauge(meters, "arrowraft_pd_running_operators", "Operators that run");
    for (OperatorStatus status : ENDS) {
      AtomicLong value = new AtomicLong();
      ended.put(status, value);
      FunctionCounter.builder("arrowraft_pd_ended_operators", value, AtomicLong::get)
          .description("Operators that have ended since this member started")
          .tag("status", status.name().toLowerCase(Locale.ROOT))
          .register(meters);
    }
    for (String state : STATES) {
      AtomicLong value = new AtomicLong();
      stores.put(state, value);
      Gauge.builder("arrowraft_pd_stores", value, AtomicLong::get)
          .description("Stores by their state")
          .tag("state", state.toLowerCase(Locale.ROOT))
          .register(meters);
    }
  }

  void refresh(
      boolean serving,
      RegionCounts counts,
      List<StoreStatus> all,
      ScheduleConfig config,
      int running) {
    leads.set(serving ? 1 : 0);
    regions.set(counts.regions());
    leaderless.set(counts.leaderless());
    withDownPeers.set(counts.withDownPeers());
    withPendingPeers.set(counts.withPendingPeers());
    withMissingPeers.set(counts.withMissingPeers());
    operators.set(running);
    for (String state : STATES) {
      stores
          .get(state)
          .set(all.stream().filter(s -> StoreJson.stateName(s, config).equals(state)).count());
    }
  }

  /** Takes note of how many operators have ended in which way. */
  void refreshEnded(ToLongFunction<OperatorStatus> count) {
    ended.forEach((status, value) -> value.set(count.applyAsLong(status)));
  }

  private static AtomicLong gauge(MeterRegistry meters, String name, String description) {
    AtomicLong value = new AtomicLong();
    Gauge.builder(name, value, AtomicLong::get).description(description).register(meters);
    return value;
  }
}
