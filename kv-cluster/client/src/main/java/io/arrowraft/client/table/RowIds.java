package io.arrowraft.client.table;

import io.arrowraft.client.table.schema.MetaCounter;
import io.arrowraft.client.table.schema.MetaKeys;
import io.arrowraft.client.txn.Transactions;
import io.arrowraft.runtime.Bytes;
import java.util.concurrent.CompletableFuture;

/**
 * Row ids of one table, hidden ones or primary keys, taken from its counter a batch at a time in
 * transactions of their own. Ids that a client does not come to use are never used.
 */
final class RowIds {
  private static final long BATCH = 10_000;

  private final Transactions transactions;
  private final Bytes counter;
  private CompletableFuture<Void> lastTake = CompletableFuture.completedFuture(null);
  private long next;
  private long left;

  /** The counter gives out none of the numbers up to here, as far as is known. */
  private long spokenFor;

  RowIds(Transactions transactions, long tableId) {
    this.transactions = transactions;
    this.counter = MetaKeys.rowIds(tableId);
  }

  /** The first of {@code count} ids in a row, which are the caller's from now on. */
  synchronized CompletableFuture<Long> take(int count) {
    // One after the other, so that a batch in the making is waited for and not taken twice.
    CompletableFuture<Long> first =
        lastTake.handle((before, failure) -> null).thenCompose(turn -> takeInTurn(count));
    lastTake = first.thenApply(taken -> null);
    return first;
  }

  private synchronized CompletableFuture<Long> takeInTurn(int count) {
    if (left >= count) {
      long first = next;
      next += count;
      left -= count;
      return CompletableFuture.completedFuture(first);
    }
    long size = Math.max(BATCH, count);
    return transactions
        .retrying(transaction -> MetaCounter.take(transaction, counter, size))
        .thenApply(
            first -> {
              refill(first + count, size - count);
              return first;
            });
  }

  /**
   * Makes sure that no id up to {@code id}, which a user has chosen, is given out from now on by
   * this client, and by others once they have used up what they have taken.
   */
  synchronized CompletableFuture<Void> skip(long id) {
    if (left > 0 && id >= next) {
      long past = Math.min(id - next + 1, left);
      next += past;
      left -= past;
    }
    if (id <= spokenFor) {
      return CompletableFuture.completedFuture(null);
    }
    return transactions
        .retrying(transaction -> MetaCounter.skip(transaction, counter, id))
        .thenAccept(this::heard);
  }

  private synchronized void heard(long last) {
    spokenFor = Math.max(spokenFor, last);
  }

  private synchronized void refill(long from, long count) {
    next = from;
    left = count;
    heard(from + count - 1);
  }
}
