package io.arrowraft.pd.http;

import io.arrowraft.pd.gc.GarbageCollection;
import io.arrowraft.pd.settings.Option;
import io.arrowraft.pd.settings.ScheduleConfig;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;

/** How far behind the present garbage collection is, brought up to date before each scrape. */
final class GcGauges {
  private static final int LOGICAL_BITS = 18;

  private final AtomicLong targetLag;
  private final AtomicLong safePointLag;
  private final AtomicLong collectableLag;
  private final AtomicLong lifeTime;
  private final AtomicLong services;

  GcGauges(MeterRegistry meters) {
    targetLag =
        gauge(
            meters, "arrowraft_gc_target_lag_seconds", "From the target to now; 0 while it is off");
    safePointLag =
        gauge(
            meters,
            "arrowraft_gc_safe_point_lag_seconds",
            "From the safe point to now; 0 while it is off, or no safe point is set");
    collectableLag =
        gauge(
            meters,
            "arrowraft_gc_collectable_lag_seconds",
            "From where stores may remove versions to now; 0 while it is off");
    lifeTime =
        gauge(meters, "arrowraft_gc_life_time_seconds", "How long old versions are meant to live");
    services =
        gauge(
            meters,
            "arrowraft_gc_service_claims",
            "Services that may hold the safe point back, the collector itself among them");
  }

  void refresh(
      boolean serving,
      GarbageCollection.Progress progress,
      int claims,
      ScheduleConfig config,
      long nowMillis) {
    boolean shown = serving && config.flag(Option.GC_ENABLE);
    targetLag.set(shown ? lagSeconds(progress.target(), nowMillis) : 0);
    safePointLag.set(shown ? lagSeconds(progress.safePoint(), nowMillis) : 0);
    collectableLag.set(shown ? lagSeconds(progress.collectable(), nowMillis) : 0);
    lifeTime.set(config.span(Option.GC_LIFE_TIME).toSeconds());
    services.set(serving ? claims : 0);
  }

  private static long lagSeconds(long timestamp, long nowMillis) {
    return timestamp == 0 ? 0 : Math.max(0, nowMillis - (timestamp >>> LOGICAL_BITS)) / 1000;
  }

  private static AtomicLong gauge(MeterRegistry meters, String name, String description) {
    AtomicLong value = new AtomicLong();
    Gauge.builder(name, value, AtomicLong::get).description(description).register(meters);
    return value;
  }
}
