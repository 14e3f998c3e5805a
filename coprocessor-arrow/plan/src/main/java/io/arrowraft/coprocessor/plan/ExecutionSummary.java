package io.arrowraft.coprocessor.plan;

/**
 * What one execution did, for the counters that users see.
 *
 * @param rowsScanned rows that the source yielded
 * @param rowsReturned rows of all result batches
 * @param batches result batches
 * @param bytesReturned encoded size of all result batches
 */
public record ExecutionSummary(
    long rowsScanned, long rowsReturned, long batches, long bytesReturned) {
  public static final ExecutionSummary NONE = new ExecutionSummary(0, 0, 0, 0);

  public ExecutionSummary plus(ExecutionSummary other) {
    return new ExecutionSummary(
        rowsScanned + other.rowsScanned,
        rowsReturned + other.rowsReturned,
        batches + other.batches,
        bytesReturned + other.bytesReturned);
  }
}
