package io.arrowraft.client.table;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.OutcomeUnknownException;
import io.arrowraft.client.error.OverloadedException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.txn.CommitShape;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.client.txn.Transactions;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Async;
import io.arrowraft.table.AutoId;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongConsumer;

/**
 * Adds many rows: takes them from the source a transaction's worth at a time, commits a bounded
 * number of transactions at once. Threads of the encoders' pool and the client's loop hand the
 * state on under this object's lock.
 */
final class BulkLoad {
  private static final int ATTEMPTS_MAX = 16;

  private final TableHandle table;
  private final Transactions transactions;
  private final Executor encoders;
  private final LoadOptions options;
  private final Iterator<Row> source;
  private final LongConsumer progress;
  private final CommitShape shape;

  /** The definition that the whole load goes by. */
  private final TableView view;

  private final CompletableFuture<Long> done = new CompletableFuture<>();
  private int committing;
  private boolean reading;
  private boolean exhausted;
  private Throwable failure;
  private long committedRows;

  BulkLoad(
      TableHandle table,
      Transactions transactions,
      Executor encoders,
      LoadOptions options,
      Iterator<Row> source,
      LongConsumer progress) {
    this.table = table;
    this.transactions = transactions;
    this.encoders = encoders;
    this.options = options;
    this.source = source;
    this.progress = progress;
    this.view = table.newest();
    this.shape = new CommitShape(options.batchBytes(), options.rowsPerTransaction());
  }

  CompletableFuture<Long> run() {
    advance();
    return done;
  }

  /** Reads on if there is room, or ends the load if nothing is under way. */
  private void advance() {
    boolean read = false;
    boolean end = false;
    synchronized (this) {
      boolean over = exhausted || failure != null;
      if (!over && !reading && committing < options.transactionsInFlight()) {
        reading = true;
        read = true;
      } else if (over && !reading && committing == 0) {
        end = true;
      }
    }
    if (read) {
      try {
        encoders.execute(this::readChunk);
      } catch (RejectedExecutionException full) {
        readEnded(new OverloadedException(ErrorCode.CLIENT_BUSY, "too many bulk loads run", full));
      }
    } else if (end) {
      finish();
    }
  }

  private void readChunk() {
    List<Row> rows = new ArrayList<>();
    try {
      long bytes = 0;
      RowCodec codec = view.codec();
      RowKeys keys = new RowKeys(view, codec, table.rowIds());
      List<KeyValue> pairs = new ArrayList<>();
      while (source.hasNext()
          && pairs.size() < options.rowsPerTransaction()
          && bytes < options.bytesPerTransaction()) {
        Row row = source.next();
        Object[] values = keys.draft(row);
        KeyValue pair = new KeyValue(codec.key(values, 0), codec.encode(values));
        bytes += pair.key().length() + pair.value().length();
        pairs.add(pair);
        if (!isPlain()) {
          rows.add(row);
        }
      }
      start(rows, pairs);
    } catch (RuntimeException broken) {
      readEnded(broken);
    }
  }

  private void start(List<Row> rows, List<KeyValue> pairs) {
    synchronized (this) {
      reading = false;
      if (pairs.isEmpty()) {
        exhausted = true;
      } else {
        committing++;
      }
    }
    if (!pairs.isEmpty()) {
      keyed(rows, pairs)
          .thenCompose(ready -> commit(ready, 1))
          .whenComplete((committed, failed) -> chunkEnded(pairs.size(), failed));
    }
    advance();
  }

  /** Whether the rows as they come are all there is to store. */
  private boolean isPlain() {
    return !view.hasHiddenRowId()
        && !view.hasEntries()
        && view.schema().autoId() instanceof AutoId.None;
  }

  /** The pairs to store: keys that the table gives out are taken once, before any attempt. */
  private CompletableFuture<List<KeyValue>> keyed(List<Row> rows, List<KeyValue> pairs) {
    if (isPlain()) {
      return CompletableFuture.completedFuture(pairs);
    }
    RowCodec codec = view.codec();
    return transactions
        .timestamp()
        .thenCompose(now -> new RowKeys(view, codec, table.rowIds()).of(rows, now.value()))
        .thenApply(
            keyed -> {
              RowChange change = new RowChange(view, codec);
              keyed.forEach(row -> change.insert(row.key(), row.values(), row.keyIsNew()));
              return change.changes().stream()
                  .map(each -> new KeyValue(each.key(), each.value()))
                  .toList();
            });
  }

  private CompletableFuture<Void> commit(List<KeyValue> pairs, int attempt) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    transactions
        .begin(shape)
        .thenCompose(
            transaction ->
                table
                    .bind(transaction, view.schema())
                    .thenCompose(bound -> insert(transaction, pairs)))
        .whenComplete(
            (committed, failed) -> {
              Throwable cause = failed == null ? null : Async.cause(failed);
              if (cause instanceof OutcomeUnknownException) {
                settleUnknown(pairs, attempt, result);
              } else if (Transactions.worthAnotherRun(cause) && attempt < ATTEMPTS_MAX) {
                follow(result, commit(pairs, attempt + 1));
              } else {
                Async.settle(result, null, cause);
              }
            });
    return result;
  }

  private static CompletableFuture<Timestamp> insert(
      Transaction transaction, List<KeyValue> pairs) {
    pairs.forEach(pair -> transaction.insert(pair.key(), pair.value()));
    return transaction.commit();
  }

  /**
   * Reads a row of a transaction whose outcome is unknown. The read clears its locks, which settles
   * the outcome: either all of its rows are there, or none is and none will be.
   */
  private void settleUnknown(List<KeyValue> pairs, int attempt, CompletableFuture<Void> result) {
    KeyValue first = pairs.get(0);
    transactions
        .timestamp()
        .thenCompose(now -> transactions.snapshotAt(now).get(first.key()))
        .whenComplete(
            (stored, failed) -> {
              if (failed != null) {
                result.completeExceptionally(Async.cause(failed));
              } else if (stored.isPresent()) {
                result.complete(null);
              } else if (attempt < ATTEMPTS_MAX) {
                follow(result, commit(pairs, attempt + 1));
              } else {
                result.completeExceptionally(
                    new OutcomeUnknownException(
                        ErrorCode.OUTCOME_UNKNOWN, "a load's transaction kept losing its answers"));
              }
            });
  }

  private static void follow(CompletableFuture<Void> target, CompletableFuture<Void> source) {
    source.whenComplete((value, failed) -> Async.settle(target, value, failed));
  }

  private void readEnded(Throwable broken) {
    synchronized (this) {
      reading = false;
      if (failure == null) {
        failure = broken;
      }
    }
    advance();
  }

  private void chunkEnded(int rows, Throwable failed) {
    long total;
    synchronized (this) {
      committing--;
      if (failed == null) {
        committedRows += rows;
      } else if (failure == null) {
        failure = Async.cause(failed);
      }
      total = committedRows;
    }
    if (failed == null) {
      try {
        progress.accept(total);
      } catch (RuntimeException broken) {
        readEnded(broken);
        return;
      }
    }
    advance();
  }

  private void finish() {
    if (failure == null) {
      done.complete(committedRows);
    } else {
      done.completeExceptionally(failure);
    }
  }
}
