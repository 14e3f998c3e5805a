package io.arrowraft.client.options;

/**
 * How much of everything there may be.
 *
 * @param keyBytesMax longest key
 * @param valueBytesMax longest value; less than a Raft entry holds
 * @param batchBytesMax keys and values of one write request to one region
 * @param batchKeysMax keys of one request to one region
 * @param scanRowsPerRequest rows that a scan asks a region for at a time
 * @param scanRowsMax rows that one scan returns before it hands back a continuation
 * @param transactionBytesMax buffered keys and values of a transaction
 * @param requestsInFlightMax requests that one call runs at a time
 * @param regionsCachedMax regions remembered
 * @param statusesCachedMax ends of transactions remembered by the lock resolver
 * @param backgroundCommitsMax commits of secondary keys that go on after their transaction has
 *     returned; beyond it, a commit waits for its own
 * @param transactionAttemptsMax runs of one retried transaction
 * @param operationsMax operations that run at a time; more are refused
 */
public record Limits(
    int keyBytesMax,
    int valueBytesMax,
    int batchBytesMax,
    int batchKeysMax,
    int scanRowsPerRequest,
    int scanRowsMax,
    long transactionBytesMax,
    int requestsInFlightMax,
    int regionsCachedMax,
    int statusesCachedMax,
    int backgroundCommitsMax,
    int transactionAttemptsMax,
    int operationsMax) {
  public Limits {
    Checks.positive("keyBytesMax", keyBytesMax);
    Checks.positive("valueBytesMax", valueBytesMax);
    Checks.positive("batchBytesMax", batchBytesMax);
    Checks.positive("batchKeysMax", batchKeysMax);
    Checks.positive("scanRowsPerRequest", scanRowsPerRequest);
    Checks.positive("scanRowsMax", scanRowsMax);
    Checks.positive("transactionBytesMax", transactionBytesMax);
    Checks.positive("requestsInFlightMax", requestsInFlightMax);
    Checks.positive("regionsCachedMax", regionsCachedMax);
    Checks.positive("statusesCachedMax", statusesCachedMax);
    Checks.positive("backgroundCommitsMax", backgroundCommitsMax);
    Checks.positive("transactionAttemptsMax", transactionAttemptsMax);
    Checks.positive("operationsMax", operationsMax);
  }

  /** 8 KiB keys, 6 MiB values, 16 KiB batches, 256 MiB transactions. */
  public static Limits defaults() {
    return new Limits(
        8 << 10,
        6 << 20,
        16 << 10,
        1024,
        1024,
        1 << 20,
        256L << 20,
        32,
        1 << 16,
        4096,
        1024,
        64,
        100_000);
  }

  public Limits withBatchBytesMax(int bytes) {
    return new Limits(
        keyBytesMax,
        valueBytesMax,
        bytes,
        batchKeysMax,
        scanRowsPerRequest,
        scanRowsMax,
        transactionBytesMax,
        requestsInFlightMax,
        regionsCachedMax,
        statusesCachedMax,
        backgroundCommitsMax,
        transactionAttemptsMax,
        operationsMax);
  }
}
