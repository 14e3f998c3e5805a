package io.arrowraft.server.peer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;

/** Counters of a store's regions. */
public final class StoreMeters {
  private final Counter leaseReads;
  private final Counter indexReads;
  private final Counter proposals;
  private final Counter appliedEntries;
  private final Counter appliedBytes;
  private final Counter splits;
  private final Counter snapshotsSent;
  private final Counter snapshotsInstalled;
  private final Counter busy;
  private final AtomicLong busySinceTaken = new AtomicLong();
  private final Counter merges;
  private final AtomicLong mergesWaiting = new AtomicLong();
  private final ApplyMeters apply;

  public StoreMeters(MeterRegistry meters) {
    apply = new ApplyMeters(meters);
    leaseReads = counter(meters, "reads_lease", "Reads served under the leader's lease");
    indexReads = counter(meters, "reads_index", "Reads that asked for a read index");
    proposals = counter(meters, "proposals", "Commands proposed");
    appliedEntries = counter(meters, "applied_entries", "Log entries applied");
    appliedBytes = counter(meters, "applied_bytes", "Bytes of keys and values applied");
    splits = counter(meters, "splits", "Splits applied by a leader");
    snapshotsSent = counter(meters, "snapshots_sent", "Snapshots begun to be sent");
    snapshotsInstalled = counter(meters, "snapshots_installed", "Snapshots installed");
    busy = counter(meters, "busy", "Requests refused because a queue was full");
    merges = counter(meters, "merges", "Regions that have become part of another");
    Gauge.builder("arrowraft_store_merges_waiting", mergesWaiting, AtomicLong::get)
        .description("Merges that wait for the source's replica on this store")
        .register(meters);
  }

  private static Counter counter(MeterRegistry meters, String noun, String description) {
    return Counter.builder("arrowraft_store_" + noun + "_total")
        .description(description)
        .register(meters);
  }

  ApplyMeters apply() {
    return apply;
  }

  void onLeaseRead() {
    leaseReads.increment();
  }

  void onIndexRead() {
    indexReads.increment();
  }

  void onProposal() {
    proposals.increment();
  }

  void onApplied(int entries, long bytes) {
    appliedEntries.increment(entries);
    appliedBytes.increment(bytes);
  }

  void onSplit() {
    splits.increment();
  }

  void onSnapshotSent() {
    snapshotsSent.increment();
  }

  void onSnapshotInstalled() {
    snapshotsInstalled.increment();
  }

  void onMerge() {
    merges.increment();
  }

  /** One more merge, or one less, whose target waits for its source. */
  void onMergeWait(int change) {
    mergesWaiting.addAndGet(change);
  }

  void onBusy() {
    busy.increment();
    busySinceTaken.incrementAndGet();
  }

  /** Refusals since the last call. */
  long takeBusy() {
    return busySinceTaken.getAndSet(0);
  }
}
