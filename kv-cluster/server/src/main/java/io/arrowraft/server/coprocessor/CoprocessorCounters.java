package io.arrowraft.server.coprocessor;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * What the coprocessor of one store has done since its start. Counted once per plan, when it ends,
 * whatever its end. Safe for use by any thread.
 */
public final class CoprocessorCounters {

  /**
   * The counts at one moment.
   *
   * @param requests plans that began to execute
   * @param rowsScanned rows that their scans yielded
   * @param rowsReturned rows that were sent to clients
   * @param batchesReturned record batches that were sent to clients
   * @param bytesReturned bytes of those batches
   * @param aggregationPlans plans with an aggregation
   * @param selectionPlans plans with a filter
   */
  public record Values(
      long requests,
      long rowsScanned,
      long rowsReturned,
      long batchesReturned,
      long bytesReturned,
      long aggregationPlans,
      long selectionPlans) {
    public static final Values NONE = new Values(0, 0, 0, 0, 0, 0, 0);

    public Values plus(Values other) {
      return new Values(
          requests + other.requests,
          rowsScanned + other.rowsScanned,
          rowsReturned + other.rowsReturned,
          batchesReturned + other.batchesReturned,
          bytesReturned + other.bytesReturned,
          aggregationPlans + other.aggregationPlans,
          selectionPlans + other.selectionPlans);
    }

    /** What was counted after {@code earlier}. */
    public Values minus(Values earlier) {
      return new Values(
          requests - earlier.requests,
          rowsScanned - earlier.rowsScanned,
          rowsReturned - earlier.rowsReturned,
          batchesReturned - earlier.batchesReturned,
          bytesReturned - earlier.bytesReturned,
          aggregationPlans - earlier.aggregationPlans,
          selectionPlans - earlier.selectionPlans);
    }
  }

  private final Counter requests;
  private final Counter rowsScanned;
  private final Counter rowsReturned;
  private final Counter batchesReturned;
  private final Counter bytesReturned;
  private final Counter aggregationPlans;
  private final Counter selectionPlans;
  private Values values = Values.NONE;

  public CoprocessorCounters(MeterRegistry meters) {
    this.requests = counter(meters, "requests");
    this.rowsScanned = counter(meters, "rows_scanned");
    this.rowsReturned = counter(meters, "rows_returned");
    this.batchesReturned = counter(meters, "batches_returned");
    this.bytesReturned = counter(meters, "bytes_returned");
    this.aggregationPlans = counter(meters, "aggregation_plans");
    this.selectionPlans = counter(meters, "selection_plans");
  }

  private static Counter counter(MeterRegistry meters, String noun) {
    return Counter.builder("arrowraft_coprocessor_" + noun + "_total").register(meters);
  }

  /** The counts now. */
  public synchronized Values values() {
    return values;
  }

  void add(Values done) {
    synchronized (this) {
      values = values.plus(done);
    }
    requests.increment(done.requests());
    rowsScanned.increment(done.rowsScanned());
    rowsReturned.increment(done.rowsReturned());
    batchesReturned.increment(done.batchesReturned());
    bytesReturned.increment(done.bytesReturned());
    aggregationPlans.increment(done.aggregationPlans());
    selectionPlans.increment(done.selectionPlans());
  }
}
