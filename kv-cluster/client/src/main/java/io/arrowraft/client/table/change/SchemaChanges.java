package io.arrowraft.client.table.change;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.table.schema.MetaCounter;
import io.arrowraft.client.table.schema.MetaKeys;
import io.arrowraft.client.table.schema.SchemaRecords;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.client.txn.Transactions;
import io.arrowraft.table.SchemaException;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The cluster's schema changes. */
public final class SchemaChanges {
  private final Transactions transactions;
  private final JobRecords records;
  private final Reclaims reclaims;
  private final RowEstimate estimate;

  public SchemaChanges(Transactions transactions, Reclaims reclaims, RowEstimate estimate) {
    this.transactions = transactions;
    this.records = new JobRecords(transactions);
    this.reclaims = reclaims;
    this.estimate = estimate;
  }

  /**
   * Asks for a change and begins to carry it out, after those of the same table that were asked for
   * before.
   *
   * @return the change as soon as it is recorded; fails with {@link ErrorCode#INVALID_SCHEMA} if
   *     the table as it is does not permit it
   */
  public CompletableFuture<SchemaJob> submit(TableName table, SchemaChange change) {
    reclaims.watch();
    return transactions
        .retrying(transaction -> record(transaction, table, change))
        .thenApply(id -> new SchemaJob(this, id, carryOut(id)));
  }

  private CompletableFuture<Long> record(
      Transaction transaction, TableName table, SchemaChange change) {
    return SchemaRecords.get(transaction, table)
        .thenCompose(
            schema ->
                records
                    .active(transaction)
                    .thenCompose(
                        active -> {
                          if (active.stream().noneMatch(job -> job.table().equals(table))) {
                            requirePermitted(table, change, schema);
                          }
                          return MetaCounter.take(transaction, MetaKeys.jobIds(), 1);
                        }))
        .thenApply(
            id -> {
              transaction.insert(MetaKeys.job(id), JobCodec.encode(Job.queued(id, table, change)));
              return id;
            });
  }

  private static void requirePermitted(TableName table, SchemaChange change, TableSchema schema) {
    try {
      JobStep.first(Job.queued(1, table, change), schema);
    } catch (SchemaException refused) {
      throw new InvalidRequestException(ErrorCode.INVALID_SCHEMA, refused.getMessage(), refused);
    }
  }

  /**
   * Waits for a change, and carries it out if nobody else does. Fails with {@link
   * ErrorCode#SCHEMA_CHANGE_FAILED} if it was taken back.
   */
  public CompletableFuture<Void> carryOut(long id) {
    return new JobRunner(transactions, reclaims, estimate, id)
        .run()
        .thenAccept(
            job -> {
              if (job.phase() != Job.Phase.DONE) {
                throw JobRunner.failure(job);
              }
            });
  }

  /** How far a change has come. */
  public CompletableFuture<JobProgress> progress(long id) {
    return now()
        .thenCompose(
            snapshot ->
                records.get(snapshot, id).thenCompose(job -> records.progress(snapshot, job)));
  }

  /** All changes that have not ended, oldest first. */
  public CompletableFuture<List<JobProgress>> active() {
    return now()
        .thenCompose(
            snapshot ->
                records
                    .active(snapshot)
                    .thenCompose(
                        jobs -> {
                          List<JobProgress> all = new ArrayList<>();
                          CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
                          for (Job job : jobs) {
                            done =
                                done.thenCompose(before -> records.progress(snapshot, job))
                                    .thenAccept(all::add);
                          }
                          return done.thenApply(none -> all);
                        }));
  }

  /**
   * Asks for a change to be taken back. Fails with {@link ErrorCode#INVALID_ARGUMENT} if it has
   * gone too far: what it adds is in use, or what it drops is no longer complete.
   */
  public CompletableFuture<Void> cancel(long id) {
    return transactions.retrying(
        transaction ->
            records
                .find(transaction, id)
                .thenAccept(
                    found -> {
                      Job job = found.orElseThrow(() -> JobRecords.unknown(id));
                      if (!JobStep.isCancellable(job)) {
                        throw new InvalidRequestException(
                            ErrorCode.INVALID_ARGUMENT,
                            "schema change "
                                + id
                                + " ("
                                + job.change().describe()
                                + ") is "
                                + job.phase()
                                + " and cannot be cancelled any more");
                      }
                      transaction.put(MetaKeys.job(id), JobCodec.encode(job.cancel()));
                    }));
  }

  /**
   * Carries out whatever waits, also what other clients have left behind: changes, and then gives
   * back the space of dropped tables and indexes as far as garbage collection has passed the drop.
   */
  public CompletableFuture<Void> resume() {
    return active()
        .thenCompose(
            jobs -> {
              CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
              for (JobProgress job : jobs) {
                done =
                    done.thenCompose(
                        before ->
                            new JobRunner(transactions, reclaims, estimate, job.id())
                                .run()
                                .thenAccept(ended -> {}));
              }
              return done;
            })
        .thenCompose(done -> reclaims.sweep())
        .thenAccept(left -> {});
  }

  /**
   * Gives back the space of dropped tables and indexes as far as garbage collection has passed the
   * drop; clients that use tables do so now and then.
   *
   * @return of how many the space is not given back yet
   */
  public CompletableFuture<Integer> reclaim() {
    return reclaims.sweep();
  }

  /** The dropped tables and indexes whose space is not given back yet, oldest first. */
  public CompletableFuture<List<ReclaimProgress>> reclaims() {
    return reclaims.progress();
  }

  private CompletableFuture<Snapshot> now() {
    return transactions.timestamp().thenApply(transactions::snapshotAt);
  }
}
