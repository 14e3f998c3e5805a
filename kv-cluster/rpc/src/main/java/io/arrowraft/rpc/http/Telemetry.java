package io.arrowraft.rpc.http;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * The metrics of a node, and how they are shown.
 *
 * @param meters where they are registered
 * @param exposition all of them in Prometheus' text format
 */
public record Telemetry(MeterRegistry meters, Supplier<String> exposition) {
  public Telemetry {
    Objects.requireNonNull(meters, "meters");
    Objects.requireNonNull(exposition, "exposition");
  }

  /** Metrics that are read by the program itself and shown to nobody. */
  public static Telemetry unexposed(MeterRegistry meters) {
    return new Telemetry(meters, () -> "");
  }
}
