package io.arrowraft.server.peer;

import io.arrowraft.raft.CommittedEntry;
import io.arrowraft.server.region.RequestTimes;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** How long committed entries wait for the apply workers, and how long these take. */
final class ApplyMeters {
  private final Timer waits;
  private final Timer batches;
  private final AtomicLong pending = new AtomicLong();

  ApplyMeters(MeterRegistry meters) {
    waits =
        Timer.builder("arrowraft_apply_wait_seconds")
            .description("From commit until a worker takes the entries up")
            .register(meters);
    batches =
        Timer.builder("arrowraft_apply_batch_seconds")
            .description("Applying what was committed of a region at once")
            .register(meters);
    Gauge.builder("arrowraft_apply_pending_entries", pending, AtomicLong::get)
        .description("Entries that are committed and not applied here")
        .register(meters);
  }

  /** Entries have been committed and go to the apply worker. */
  void handedOver(List<CommittedEntry<Proposal>> committed) {
    pending.addAndGet(committed.size());
    mark(committed, RequestTimes.Stage.COMMITTED);
  }

  /** A worker takes up what was handed over so long ago. */
  void takenUp(long waitedNanos) {
    waits.record(waitedNanos, TimeUnit.NANOSECONDS);
  }

  /** The worker has applied entries, all at once. */
  void applied(List<CommittedEntry<Proposal>> entries, long tookNanos) {
    batches.record(tookNanos, TimeUnit.NANOSECONDS);
    pending.addAndGet(-entries.size());
    mark(entries, RequestTimes.Stage.APPLIED);
  }

  /** Entries that are committed and not applied here. */
  long pending() {
    return pending.get();
  }

  private static void mark(List<CommittedEntry<Proposal>> entries, RequestTimes.Stage stage) {
    for (CommittedEntry<Proposal> entry : entries) {
      if (entry.proposal().isPresent()) {
        entry.proposal().get().times().mark(stage);
      }
    }
  }
}
