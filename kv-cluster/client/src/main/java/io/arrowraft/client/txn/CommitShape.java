package io.arrowraft.client.txn;

/**
 * How a transaction's writes travel.
 *
 * @param batchBytesMax keys and values of one request
 * @param batchKeysMax keys of one request
 */
public record CommitShape(int batchBytesMax, int batchKeysMax) {
  public CommitShape {
    if (batchBytesMax < 1 || batchKeysMax < 1) {
      throw new IllegalArgumentException(
          "a batch needs room: batchBytesMax=" + batchBytesMax + ", batchKeysMax=" + batchKeysMax);
    }
  }
}
