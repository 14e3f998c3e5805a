package io.arrowraft.client.table.schema;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.runtime.Bytes;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** A persisted counter: a version byte and the last number given out. */
public final class MetaCounter {
  private static final byte VERSION = 1;
  private static final int LENGTH = 1 + Long.BYTES;

  private MetaCounter() {}

  /** Takes {@code count} numbers within {@code transaction} and returns the first. */
  public static CompletableFuture<Long> take(Transaction transaction, Bytes key, long count) {
    return transaction
        .get(key)
        .thenApply(
            stored -> {
              long last = stored.map(value -> decode(key, value)).orElse(0L);
              transaction.put(key, encode(last + count));
              return last + 1;
            });
  }

  /**
   * Makes sure within {@code transaction} that the counter gives out none of the numbers up to
   * {@code used}.
   *
   * @return the last number that it counts as given out
   */
  public static CompletableFuture<Long> skip(Transaction transaction, Bytes key, long used) {
    return transaction
        .get(key)
        .thenApply(
            stored -> {
              long last = stored.map(value -> decode(key, value)).orElse(0L);
              if (last < used) {
                transaction.put(key, encode(used));
              }
              return Math.max(last, used);
            });
  }

  private static Bytes encode(long last) {
    return Bytes.wrap(ByteBuffer.allocate(LENGTH).put(VERSION).putLong(last).array());
  }

  private static long decode(Bytes key, Bytes value) {
    if (value.length() != LENGTH || value.at(0) != VERSION) {
      throw new InvalidRequestException(
          ErrorCode.CORRUPT_DATA, "the counter at " + key + " holds " + value);
    }
    return ByteBuffer.wrap(value.unsafeArray()).getLong(1);
  }
}
