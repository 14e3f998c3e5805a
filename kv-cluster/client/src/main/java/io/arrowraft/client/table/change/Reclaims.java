package io.arrowraft.client.table.change;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.table.schema.MetaCounter;
import io.arrowraft.client.table.schema.MetaKeys;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.client.txn.Transactions;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Timer;
import io.arrowraft.table.KeyRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ranges of dropped tables and indexes. A record is written together with the drop. Once garbage
 * collection has passed the drop, so that nobody can read what was there, any client that looks
 * destroys the range and removes the record; a crash leaves work to do and no rubbish without a
 * name.
 */
public final class Reclaims {
  private static final Logger LOG = LoggerFactory.getLogger(Reclaims.class);
  private static final Duration SOON = Duration.ofMinutes(1);
  private static final Duration SELDOM = Duration.ofMinutes(10);
  private static final int RECORDS_MAX = 10_000;

  private final Transactions transactions;
  private Timer next;

  public Reclaims(Transactions transactions) {
    this.transactions = transactions;
  }

  /** Notes a range within the transaction that drops it; returns the number of the record. */
  public CompletableFuture<Long> note(Transaction transaction, KeyRange range) {
    return MetaCounter.take(transaction, MetaKeys.jobIds(), 1)
        .thenApply(
            id -> {
              note(transaction, id, Optional.of(range));
              return id;
            });
  }

  static void note(Transaction transaction, long id, Optional<KeyRange> range) {
    range.ifPresent(keys -> transaction.put(MetaKeys.reclaim(id), Reclaim.of(id, keys).encode()));
  }

  /** Looks now and then, until the client closes: others may have died over their work. */
  public synchronized void watch() {
    if (next == null) {
      next = transactions.later(SELDOM, this::look);
    }
  }

  /** Something was dropped: looks soon. */
  public synchronized void noted() {
    if (next != null) {
      next.cancel();
    }
    next = transactions.later(SOON, this::look);
  }

  private void look() {
    sweep()
        .whenComplete(
            (left, failure) -> {
              Throwable cause = failure == null ? null : Async.cause(failure);
              if (cause instanceof InvalidRequestException closed
                  && closed.code() == ErrorCode.CLIENT_CLOSED) {
                return;
              }
              if (cause != null) {
                LOG.warn("space of what was dropped is not given back yet", cause);
              }
              synchronized (this) {
                next.cancel();
                next = transactions.later(cause == null && left == 0 ? SELDOM : SOON, this::look);
              }
            });
  }

  /**
   * Destroys, one after the other, all ranges whose drop garbage collection has passed and that
   * nobody else is at.
   *
   * @return how many are left; fails, after all were tried, with the first failure
   */
  public CompletableFuture<Integer> sweep() {
    return pending()
        .thenCompose(
            ids -> {
              CompletableFuture<Integer> done = CompletableFuture.completedFuture(0);
              List<Throwable> failures = new ArrayList<>();
              for (long id : ids) {
                done =
                    done.thenCompose(
                        left ->
                            new ReclaimRun(transactions, id)
                                .run()
                                .handle(
                                    (gone, failure) -> {
                                      if (failure != null) {
                                        failures.add(Async.cause(failure));
                                      }
                                      return failure == null && gone ? left : left + 1;
                                    }));
              }
              return done.thenCompose(
                  left ->
                      failures.isEmpty()
                          ? CompletableFuture.completedFuture(left)
                          : CompletableFuture.failedFuture(failures.get(0)));
            });
  }

  /** The numbers of all records. */
  public CompletableFuture<List<Long>> pending() {
    return records().thenApply(records -> records.stream().map(Reclaim::id).toList());
  }

  /** How far each range is. */
  public CompletableFuture<List<ReclaimProgress>> progress() {
    return records().thenApply(records -> records.stream().map(ReclaimProgress::of).toList());
  }

  private CompletableFuture<List<Reclaim>> records() {
    Bytes prefix = MetaKeys.reclaims();
    return transactions
        .timestamp()
        .thenCompose(
            now -> transactions.snapshotAt(now).scan(prefix, MetaKeys.endOf(prefix), RECORDS_MAX))
        .thenApply(
            page -> {
              List<Reclaim> records = new ArrayList<>();
              for (KeyValue pair : page.pairs()) {
                records.add(Reclaim.decode(MetaKeys.numberOf(pair.key()), pair.value()));
              }
              return records;
            });
  }
}
