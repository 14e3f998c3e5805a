package io.arrowraft.client.table.change;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.table.schema.MetaCounter;
import io.arrowraft.client.table.schema.MetaKeys;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.client.txn.Transactions;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.KeyRange;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Ranges of dropped tables and indexes. A record is written together with the drop and removed once
 * the range is empty for good, so that a crash leaves work to do and no rubbish without a name.
 */
public final class Reclaims {
  private static final byte VERSION = 1;
  private static final int PAGE = 1000;
  private static final int RECORDS_MAX = 10_000;

  private final Transactions transactions;
  private final FenceWait fence;

  public Reclaims(Transactions transactions) {
    this.transactions = transactions;
    this.fence = new FenceWait(transactions);
  }

  /** Notes a range within the transaction that drops it; returns the number of the record. */
  public CompletableFuture<Long> note(Transaction transaction, KeyRange range) {
    return MetaCounter.take(transaction, MetaKeys.jobIds(), 1)
        .thenApply(
            id -> {
              transaction.put(MetaKeys.reclaim(id), encode(range));
              return id;
            });
  }

  /** Deletes what is in a range now, a page a transaction. */
  public CompletableFuture<Void> delete(KeyRange range) {
    return deleteFrom(
        Bytes.wrap(range.start().toByteArray()), Bytes.wrap(range.end().toByteArray()));
  }

  private CompletableFuture<Void> deleteFrom(Bytes start, Bytes end) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    deletePages(start, end, done);
    return done;
  }

  private void deletePages(Bytes start, Bytes end, CompletableFuture<Void> done) {
    transactions
        .retrying(
            transaction ->
                transaction
                    .scan(start, end, PAGE)
                    .thenApply(
                        page -> {
                          page.pairs().forEach(pair -> transaction.delete(pair.key()));
                          return page.continuation();
                        }))
        .whenComplete(
            (next, failure) -> {
              if (failure != null) {
                done.completeExceptionally(failure);
              } else if (next.isEmpty()) {
                done.complete(null);
              } else {
                deletePages(next.get(), end, done);
              }
            });
  }

  /**
   * Empties a noted range for good: waits until nobody writes there any more, deletes what is there
   * and removes the record. Does nothing if somebody else has done so.
   */
  public CompletableFuture<Void> finish(long id) {
    return transactions
        .timestamp()
        .thenCompose(
            now ->
                transactions
                    .snapshotAt(now)
                    .get(MetaKeys.reclaim(id))
                    .thenCompose(
                        stored ->
                            stored.isEmpty()
                                ? CompletableFuture.completedFuture(null)
                                : fence
                                    .pass(decode(id, stored.get()), now)
                                    .thenCompose(passed -> empty(id, stored.get()))));
  }

  /** Empties a noted range whose fence is passed. */
  CompletableFuture<Void> finishPassed(long id) {
    return transactions
        .timestamp()
        .thenCompose(now -> transactions.snapshotAt(now).get(MetaKeys.reclaim(id)))
        .thenCompose(
            stored ->
                stored.isEmpty()
                    ? CompletableFuture.completedFuture(null)
                    : empty(id, stored.get()));
  }

  private CompletableFuture<Void> empty(long id, Bytes record) {
    return delete(decode(id, record))
        .thenCompose(
            deleted ->
                transactions.retrying(
                    transaction -> {
                      transaction.delete(MetaKeys.reclaim(id));
                      return CompletableFuture.completedFuture(null);
                    }));
  }

  /** The numbers of all records. */
  public CompletableFuture<List<Long>> pending() {
    return transactions.timestamp().thenCompose(now -> pending(transactions.snapshotAt(now)));
  }

  private static CompletableFuture<List<Long>> pending(Snapshot snapshot) {
    Bytes prefix = MetaKeys.reclaims();
    return snapshot
        .scan(prefix, MetaKeys.endOf(prefix), RECORDS_MAX)
        .thenApply(
            page -> {
              List<Long> ids = new ArrayList<>();
              for (KeyValue pair : page.pairs()) {
                ids.add(MetaKeys.numberOf(pair.key()));
              }
              return ids;
            });
  }

  /** Empties all noted ranges for good, one after the other. */
  public CompletableFuture<Void> finishAll() {
    return pending()
        .thenCompose(
            ids -> {
              CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
              for (long id : ids) {
                done = done.thenCompose(before -> finish(id));
              }
              return done;
            });
  }

  static void note(Transaction transaction, long id, Optional<KeyRange> range) {
    range.ifPresent(keys -> transaction.put(MetaKeys.reclaim(id), encode(keys)));
  }

  private static Bytes encode(KeyRange range) {
    byte[] start = range.start().toByteArray();
    byte[] end = range.end().toByteArray();
    return Bytes.wrap(
        ByteBuffer.allocate(1 + 2 * Integer.BYTES + start.length + end.length)
            .put(VERSION)
            .putInt(start.length)
            .put(start)
            .putInt(end.length)
            .put(end)
            .array());
  }

  private static KeyRange decode(long id, Bytes stored) {
    ByteBuffer buffer = ByteBuffer.wrap(stored.unsafeArray());
    if (buffer.remaining() < 1 + Integer.BYTES || buffer.get() != VERSION) {
      throw damaged(id, stored);
    }
    return KeyRange.of(part(id, stored, buffer), part(id, stored, buffer));
  }

  private static byte[] part(long id, Bytes stored, ByteBuffer buffer) {
    int length = buffer.remaining() < Integer.BYTES ? -1 : buffer.getInt();
    if (length < 0 || length > buffer.remaining()) {
      throw damaged(id, stored);
    }
    byte[] part = new byte[length];
    buffer.get(part);
    return part;
  }

  private static InvalidRequestException damaged(long id, Bytes stored) {
    return new InvalidRequestException(
        ErrorCode.CORRUPT_DATA, "the range to reclaim number " + id + " is " + stored);
  }
}
