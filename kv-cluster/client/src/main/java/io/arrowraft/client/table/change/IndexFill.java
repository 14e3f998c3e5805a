package io.arrowraft.client.table.change;

import io.arrowraft.client.table.schema.MetaKeys;
import io.arrowraft.client.table.schema.SchemaRecords;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.client.txn.Transactions;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableSchema;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Fills an index from several ranges of rows at once: the regions of the table, or runs of
 * neighbours where there are many. Each range has a record of how far it is, written by the batches
 * that fill from it, so batches of different ranges do not meet, and whoever takes a job over goes
 * on in each range where it stands.
 */
final class IndexFill {
  private static final int PARTS_MAX = 64;
  private static final int AT_ONCE = 4;
  private static final Duration AFTER_LOSS = Duration.ofMillis(100);

  private final Transactions transactions;

  private final Map<Integer, Backfill> batches = new TreeMap<>();

  /** What went well last: where the next part begins. */
  private int batchSize = Backfill.BATCH_FIRST;

  IndexFill(Transactions transactions) {
    this.transactions = transactions;
  }

  /** The parts to fill a job's index from. */
  CompletableFuture<List<FillPart>> divide(Job job, TableSchema schema) {
    KeyRange rows = TableKeys.tableRange(schema.tableId());
    Bytes start =
        job.fill().next().isEmpty() ? Bytes.wrap(rows.start().toByteArray()) : job.fill().next();
    Bytes end = Bytes.wrap(rows.end().toByteArray());
    return transactions
        .regionStarts(start, end)
        .thenApply(
            starts -> {
              int regions = starts.size() + 1;
              int count = Math.min(PARTS_MAX, regions);
              List<FillPart> parts = new ArrayList<>(count);
              Bytes from = start;
              for (int i = 1; i <= count; i++) {
                Bytes to = i == count ? end : starts.get((int) ((long) i * regions / count) - 1);
                parts.add(FillPart.of(i - 1, from, to));
                from = to;
              }
              return parts;
            });
  }

  /**
   * Fills for a while.
   *
   * @param untilMillis when to come back, in the placement driver's time
   * @return why the index cannot be, if it cannot
   */
  CompletableFuture<Optional<String>> run(Job job, List<FillPart> parts, long untilMillis) {
    return new Slice(job, parts, untilMillis).run();
  }

  private synchronized Backfill batchesOf(int part) {
    return batches.computeIfAbsent(part, absent -> new Backfill(batchSize));
  }

  private synchronized void wentWell(Backfill batch) {
    batch.wentWell();
    batchSize = batch.size();
  }

  /**
   * What became of a batch.
   *
   * @param goesOn whether the part has more rows
   * @param millis when it began, in the placement driver's time
   */
  private record Outcome(Optional<String> violation, boolean goesOn, long millis) {}

  /** A stretch of time in which some workers each fill from one part after the other. */
  private final class Slice {
    private final Job job;
    private final long untilMillis;
    private final Deque<Integer> waiting = new ArrayDeque<>();
    private final CompletableFuture<Optional<String>> ended = new CompletableFuture<>();
    private int working;
    private boolean over;
    private Optional<String> violation = Optional.empty();
    private Throwable failure;

    Slice(Job job, List<FillPart> parts, long untilMillis) {
      this.job = job;
      this.untilMillis = untilMillis;
      parts.stream().filter(part -> !part.complete()).forEach(part -> waiting.add(part.number()));
    }

    CompletableFuture<Optional<String>> run() {
      int workers = Math.min(AT_ONCE, waiting.size());
      working = workers;
      for (int i = 0; i < workers; i++) {
        nextPart();
      }
      return ended;
    }

    private void nextPart() {
      Integer part;
      synchronized (this) {
        part = over ? null : waiting.poll();
        if (part == null && --working > 0) {
          return;
        }
      }
      if (part != null) {
        nextBatch(part);
      } else if (failure != null) {
        ended.completeExceptionally(failure);
      } else {
        ended.complete(violation);
      }
    }

    private void nextBatch(int part) {
      Backfill batch = batchesOf(part);
      CompletableFuture<Outcome> filled;
      try {
        filled = fill(part, batch);
      } catch (RuntimeException broken) {
        filled = CompletableFuture.failedFuture(broken);
      }
      filled.whenComplete(
          (outcome, failed) -> {
            if (failed != null) {
              lost(part, batch, Async.cause(failed));
              return;
            }
            wentWell(batch);
            if (outcome.violation().isPresent() || outcome.millis() >= untilMillis) {
              stop(outcome.violation(), null);
            } else if (outcome.goesOn()) {
              nextBatch(part);
            } else {
              nextPart();
            }
          });
    }

    /** Against a writer: once more with fewer rows, after a moment. */
    private void lost(int part, Backfill batch, Throwable cause) {
      if (!JobRunner.passes(cause)) {
        stop(Optional.empty(), cause);
        return;
      }
      batch.lost();
      transactions
          .timestamp()
          .thenCompose(
              now ->
                  transactions.after(Timestamp.of(now.physicalMillis() + AFTER_LOSS.toMillis(), 0)))
          .whenComplete(
              (now, stopped) -> {
                if (stopped != null) {
                  stop(Optional.empty(), Async.cause(stopped));
                } else if (now.physicalMillis() >= untilMillis) {
                  stop(Optional.empty(), null);
                } else {
                  nextBatch(part);
                }
              });
    }

    private void stop(Optional<String> found, Throwable cause) {
      synchronized (this) {
        over = true;
        violation = violation.or(() -> found);
        failure = failure == null ? cause : failure;
      }
      nextPart();
    }

    private CompletableFuture<Outcome> fill(int part, Backfill batch) {
      return transactions
          .begin()
          .thenCompose(
              transaction -> {
                LeaseFence.bind(transaction);
                return transaction
                    .get(MetaKeys.fillPart(job.id(), part))
                    .thenCompose(
                        stored ->
                            SchemaRecords.find(transaction, job.table())
                                .thenCompose(
                                    schema ->
                                        fill(
                                            transaction,
                                            stored.map(bytes -> FillPart.decode(part, bytes)),
                                            schema.filter(
                                                found -> found.tableId() == job.tableId()),
                                            batch)));
              });
    }

    private CompletableFuture<Outcome> fill(
        Transaction transaction,
        Optional<FillPart> part,
        Optional<TableSchema> schema,
        Backfill batch) {
      long millis = transaction.timestamp().physicalMillis();
      if (schema.isEmpty() || part.isEmpty() || part.get().complete()) {
        // Somebody has taken the job further, or dropped the table: the next round will see.
        return CompletableFuture.completedFuture(new Outcome(Optional.empty(), false, millis));
      }
      return batch
          .add(transaction, job, part.get(), schema.get())
          .thenCompose(
              added ->
                  added.violation().isPresent()
                      ? CompletableFuture.completedFuture(
                          new Outcome(added.violation(), false, millis))
                      : transaction
                          .commit()
                          .thenApply(
                              committed ->
                                  new Outcome(Optional.empty(), !added.part().complete(), millis)));
    }
  }
}
