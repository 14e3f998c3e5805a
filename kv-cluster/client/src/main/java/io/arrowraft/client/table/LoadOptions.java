package io.arrowraft.client.table;

/**
 * How a bulk load cuts and sends its rows.
 *
 * @param rowsPerTransaction at most
 * @param bytesPerTransaction about
 * @param transactionsInFlight how many commit at a time
 * @param batchBytes keys and values of one request
 */
public record LoadOptions(
    int rowsPerTransaction, int bytesPerTransaction, int transactionsInFlight, int batchBytes) {
  public LoadOptions {
    if (rowsPerTransaction < 1
        || bytesPerTransaction < 1
        || transactionsInFlight < 1
        || batchBytes < 1) {
      throw new IllegalArgumentException(
          "each limit of a bulk load must be at least 1: rowsPerTransaction="
              + rowsPerTransaction
              + ", bytesPerTransaction="
              + bytesPerTransaction
              + ", transactionsInFlight="
              + transactionsInFlight
              + ", batchBytes="
              + batchBytes);
    }
  }

  /** 5,000 rows or 1 MiB per transaction, four at a time, requests of 256 KiB. */
  public static LoadOptions defaults() {
    return new LoadOptions(5_000, 1 << 20, 4, 256 << 10);
  }
}
