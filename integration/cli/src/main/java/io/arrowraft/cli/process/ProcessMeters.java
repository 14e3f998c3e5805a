package io.arrowraft.cli.process;

import io.arrowraft.rpc.http.Telemetry;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;

/** The metrics of a server process. */
public final class ProcessMeters {
  /** Times whose distribution is shown, not only their sum. */
  private static final List<String> BUCKETED =
      List.of(
          "grpc.server.processing.duration",
          "arrowraft_raft_append_seconds",
          "arrowraft_raft_commit_seconds",
          "arrowraft_apply_wait_seconds",
          "arrowraft_apply_batch_seconds",
          "arrowraft_engine_synced_write_seconds");

  /** Bounds of the buckets of times: few, since each method of each service has its own. */
  private static final double[] BUCKETS_NANOS =
      LongStream.of(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000)
          .mapToDouble(millis -> Duration.ofMillis(millis).toNanos())
          .toArray();

  private ProcessMeters() {}

  /** A new registry that Prometheus can scrape, with what the JVM says of itself. */
  public static Telemetry prometheus() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    registry.config().meterFilter(buckets());
    new JvmMemoryMetrics().bindTo(registry);
    // Listens to the JVM's collectors for as long as the process lives.
    new JvmGcMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    return new Telemetry(registry, registry::scrape);
  }

  private static MeterFilter buckets() {
    return new MeterFilter() {
      @Override
      public DistributionStatisticConfig configure(
          Meter.Id id, DistributionStatisticConfig config) {
        return BUCKETED.contains(id.getName())
            ? DistributionStatisticConfig.builder()
                .serviceLevelObjectives(BUCKETS_NANOS)
                .build()
                .merge(config)
            : config;
      }
    };
  }
}
