package io.arrowraft.pd.tso;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** What the oracle has given out, and how long callers waited for it. */
public final class TimestampMeters {
  private final Counter requests;
  private final Counter timestamps;
  private final Counter saves;
  private final Timer waits;

  public TimestampMeters(MeterRegistry meters) {
    requests =
        Counter.builder("arrowraft_pd_timestamp_requests_total")
            .description("Requests for timestamps, of one or many each")
            .register(meters);
    timestamps =
        Counter.builder("arrowraft_pd_timestamps_total")
            .description("Timestamps given out")
            .register(meters);
    saves =
        Counter.builder("arrowraft_pd_timestamp_window_saves_total")
            .description("Limits of the timestamp window made durable")
            .register(meters);
    waits =
        Timer.builder("arrowraft_pd_timestamp_wait_seconds")
            .description("Time that requests waited for the window or the lease")
            .register(meters);
  }

  void onRequest() {
    requests.increment();
  }

  void onGiven(int count) {
    timestamps.increment(count);
  }

  void onWaited(long nanos) {
    waits.record(nanos, TimeUnit.NANOSECONDS);
  }

  void onSaved() {
    saves.increment();
  }
}
