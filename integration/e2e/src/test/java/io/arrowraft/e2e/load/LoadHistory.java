package io.arrowraft.e2e.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * What one worker of a load has been told about its writes, which it numbers. Safe for use by any
 * thread.
 */
final class LoadHistory {
  /** What the worker knows of a write. */
  enum Outcome {
    ACKNOWLEDGED,
    /** It has certainly not happened. */
    REFUSED,
    /** It may happen, may have happened, or neither. */
    UNKNOWN
  }

  private final String worker;
  private final TreeMap<Integer, Outcome> outcomes = new TreeMap<>();
  private final List<String> failures = new ArrayList<>();
  private long lastAcknowledgedNanos = System.nanoTime();
  private long longestGapNanos;
  private int acknowledged;

  LoadHistory(String worker) {
    this.worker = worker;
  }

  String worker() {
    return worker;
  }

  synchronized void acknowledged(int write) {
    outcomes.put(write, Outcome.ACKNOWLEDGED);
    acknowledged++;
    long now = System.nanoTime();
    longestGapNanos = Math.max(longestGapNanos, now - lastAcknowledgedNanos);
    lastAcknowledgedNanos = now;
  }

  synchronized void refused(int write) {
    outcomes.put(write, Outcome.REFUSED);
  }

  synchronized void unknown(int write) {
    outcomes.put(write, Outcome.UNKNOWN);
  }

  /** A promise of the cluster's that was broken while the load went on. */
  synchronized void violated(String how) {
    failures.add(worker + ": " + how);
  }

  synchronized boolean isAcknowledged(int write) {
    return outcomes.get(write) == Outcome.ACKNOWLEDGED;
  }

  synchronized int acknowledgedCount() {
    return acknowledged;
  }

  /** The longest time between two writes acknowledged to this worker. */
  synchronized Duration longestGap() {
    return Duration.ofNanos(longestGapNanos);
  }

  synchronized List<String> violations() {
    return List.copyOf(failures);
  }

  /** Every write tried, in order. */
  synchronized TreeMap<Integer, Outcome> outcomes() {
    return new TreeMap<>(outcomes);
  }
}
