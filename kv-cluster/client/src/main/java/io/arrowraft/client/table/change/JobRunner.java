package io.arrowraft.client.table.change;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.error.OutcomeUnknownException;
import io.arrowraft.client.error.OverloadedException;
import io.arrowraft.client.table.change.Job.Phase;
import io.arrowraft.client.table.schema.MetaCounter;
import io.arrowraft.client.table.schema.MetaKeys;
import io.arrowraft.client.table.schema.SchemaRecords;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.client.txn.Transactions;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Async;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.SchemaException;
import io.arrowraft.table.SchemaState;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableSchema;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out one job from wherever it stands, as long as nobody else does. Each round reads the
 * record, does one thing and ends; a round that lost against somebody is followed by one that looks
 * again.
 */
final class JobRunner {
  private static final Logger LOG = LoggerFactory.getLogger(JobRunner.class);
  private static final Duration OWNERSHIP = Duration.ofSeconds(10);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
  private static final long ENDED_KEPT = 1000;
  private static final CompletableFuture<Long> NO_STEP = CompletableFuture.completedFuture(0L);

  private final Transactions transactions;
  private final JobRecords records;
  private final Reclaims reclaims;
  private final RowEstimate estimate;
  private final FenceWait fence;
  private final IndexFill filling;
  private final long jobId;
  private final CompletableFuture<Job> ended = new CompletableFuture<>();

  /** What this runner calls itself in records: the start of its first transaction, so unique. */
  private long owner;

  /** The version that this runner has made last, and when. */
  private long madeVersion;

  private Timestamp madeAt;

  JobRunner(Transactions transactions, Reclaims reclaims, RowEstimate estimate, long jobId) {
    this.transactions = transactions;
    this.records = new JobRecords(transactions);
    this.reclaims = reclaims;
    this.estimate = estimate;
    this.fence = new FenceWait(transactions);
    this.filling = new IndexFill(transactions);
    this.jobId = jobId;
  }

  /** The job as it ended, well or not. */
  CompletableFuture<Job> run() {
    round();
    return ended;
  }

  private void round() {
    CompletableFuture<Boolean> working;
    try {
      working = look();
    } catch (RuntimeException broken) {
      working = CompletableFuture.failedFuture(broken);
    }
    working.whenComplete(
        (over, failure) -> {
          Throwable cause = failure == null ? null : Async.cause(failure);
          if (cause == null && !over) {
            round();
          } else if (cause != null && passes(cause)) {
            LOG.debug("a schema change lost a round: job={}, reason={}", jobId, cause.toString());
            pause().whenComplete((paused, stopped) -> afterPause(stopped));
          } else if (cause != null) {
            ended.completeExceptionally(cause);
          }
        });
  }

  private void afterPause(Throwable stopped) {
    if (stopped == null) {
      round();
    } else {
      ended.completeExceptionally(Async.cause(stopped));
    }
  }

  /** Whether another attempt may go better. */
  static boolean passes(Throwable cause) {
    return Transactions.worthAnotherRun(cause)
        || cause instanceof OutcomeUnknownException
        || cause instanceof OverloadedException;
  }

  private CompletableFuture<Void> pause() {
    return transactions
        .timestamp()
        .thenCompose(
            now ->
                transactions.after(Timestamp.of(now.physicalMillis() + LOOK_AGAIN.toMillis(), 0)))
        .thenApply(later -> null);
  }

  /** One round; whether the job is over. */
  private CompletableFuture<Boolean> look() {
    return transactions
        .timestamp()
        .thenCompose(
            now ->
                records.active(transactions.snapshotAt(now)).thenCompose(jobs -> look(jobs, now)));
  }

  private CompletableFuture<Boolean> look(List<Job> jobs, Timestamp now) {
    Optional<Job> mine = jobs.stream().filter(job -> job.id() == jobId).findFirst();
    if (mine.isEmpty()) {
      return records.ended(transactions.snapshotAt(now), jobId).thenApply(this::over);
    }
    Job first =
        jobs.stream().filter(job -> job.table().equals(mine.get().table())).findFirst().get();
    if (isOthers(first, now)) {
      return pause().thenApply(paused -> false);
    }
    if (first.id() != jobId) {
      // Changes of a table come one after the other: an abandoned one must end before this one.
      return new JobRunner(transactions, reclaims, estimate, first.id())
          .run()
          .thenApply(done -> false);
    }
    Job job = mine.get();
    boolean ours = owner != 0 && job.owner() == owner;
    return ours && job.ownedUntilMillis() - now.physicalMillis() > OWNERSHIP.toMillis() / 2
        ? work(job, now)
        : change(job, (transaction, current) -> current).thenApply(claimed -> false);
  }

  private boolean isOthers(Job job, Timestamp now) {
    return job.owner() != 0
        && job.owner() != owner
        && job.ownedUntilMillis() > now.physicalMillis();
  }

  private boolean over(Job job) {
    ended.complete(job);
    return true;
  }

  private CompletableFuture<Boolean> work(Job job, Timestamp now) {
    return switch (job.phase()) {
      case QUEUED ->
          (job.cancelled() ? end(job, job.failing(Phase.FAILED, "it was cancelled")) : begin(job))
              .thenApply(done -> false);
      case RUNNING -> running(job, now).thenApply(done -> false);
      case ROLLING_BACK ->
          passFence(job, now)
              .thenCompose(passed -> step(job, JobStep::next))
              .thenApply(done -> false);
      case ENDING ->
          passFence(job, now)
              .thenCompose(
                  passed -> end(job, job.in(job.failure().isEmpty() ? Phase.DONE : Phase.FAILED)))
              .thenApply(done -> false);
      case DONE, FAILED -> end(job, job).thenApply(done -> false);
    };
  }

  private CompletableFuture<Void> begin(Job job) {
    if (!(job.change() instanceof SchemaChange.AddIndex)) {
      return step(job, JobStep::first);
    }
    return records
        .table(job)
        .thenCompose(
            schema ->
                schema.isEmpty()
                    ? CompletableFuture.completedFuture(0L)
                    : estimate.rows(TableKeys.tableRange(schema.get().tableId())))
        .thenCompose(
            rows ->
                step(
                    job,
                    (current, schema) ->
                        JobStep.first(current.filled(Job.Fill.expecting(rows)), schema)));
  }

  private CompletableFuture<Void> running(Job job, Timestamp now) {
    if (job.cancelled() && JobStep.isCancellable(job)) {
      return change(
          job, (transaction, current) -> current.failing(Phase.ROLLING_BACK, "it was cancelled"));
    }
    if (job.state() == SchemaState.BACKFILL && !job.fill().complete()) {
      return fill(job, now);
    }
    return passFence(job, now)
        .thenCompose(
            passed ->
                job.change() instanceof SchemaChange.Truncate
                    ? empty(job)
                    : step(job, JobStep::next));
  }

  /** Of the last step: nobody goes by what was before it. */
  private CompletableFuture<Void> passFence(Job job, Timestamp now) {
    KeyRange keys = KeyRange.prefix(TableKeys.tablePrefix(job.tableId()));
    // Who took the job over does not know when the step was made, only that it was before now.
    return fence.pass(keys, madeVersion == job.schemaVersion() ? madeAt : now);
  }

  // The transactions.

  /** Changes the record alone, and makes it this runner's. */
  private CompletableFuture<Void> change(Job job, BiFunction<Transaction, Job, Job> change) {
    return inTransaction(
        job,
        (transaction, current) -> {
          Job after =
              withoutUnusedParts(
                  transaction, current.fill().parts(), change.apply(transaction, current));
          transaction.put(MetaKeys.job(jobId), JobCodec.encode(owned(after, transaction)));
          return NO_STEP;
        });
  }

  private CompletableFuture<Void> step(Job job, BiFunction<Job, TableSchema, JobStep> next) {
    return onTable(
        job,
        (transaction, current, schema) ->
            CompletableFuture.completedFuture(next.apply(current, schema)));
  }

  private CompletableFuture<Void> empty(Job job) {
    return onTable(
        job,
        (transaction, current, schema) ->
            MetaCounter.take(transaction, MetaKeys.tableIds(), 1)
                .thenApply(newId -> JobStep.emptied(current, schema, newId)));
  }

  private interface Stepping {
    CompletableFuture<JobStep> step(Transaction transaction, Job current, TableSchema schema);
  }

  private CompletableFuture<Void> onTable(Job job, Stepping stepping) {
    return inTransaction(
        job,
        (transaction, current) ->
            SchemaRecords.find(transaction, current.table())
                .thenCompose(
                    found -> {
                      if (found.isEmpty()
                          || (current.tableId() != 0
                              && found.get().tableId() != current.tableId())) {
                        endWithin(
                            transaction, current.failing(Phase.FAILED, "the table was dropped"));
                        return NO_STEP;
                      }
                      return stepping(transaction, current, found.get(), stepping);
                    }));
  }

  private CompletableFuture<Long> stepping(
      Transaction transaction, Job current, TableSchema schema, Stepping stepping) {
    CompletableFuture<JobStep> made;
    try {
      made = stepping.step(transaction, current, schema);
    } catch (SchemaException refused) {
      endWithin(transaction, current.failing(Phase.FAILED, refused.getMessage()));
      return NO_STEP;
    }
    return made.thenApply(
        step -> {
          transaction.put(MetaKeys.job(jobId), JobCodec.encode(owned(step.job(), transaction)));
          transaction.put(MetaKeys.table(current.table()), SchemaRecords.encode(step.schema()));
          Reclaims.note(transaction, jobId, step.dropped());
          if (step.dropped().isPresent()) {
            reclaims.noted();
          }
          return step.schema().schemaVersion();
        });
  }

  /** For as long as nobody else may take the job over; the next round goes on. */
  private CompletableFuture<Void> fill(Job job, Timestamp now) {
    return records
        .table(job)
        .thenCompose(
            schema -> {
              if (schema.isEmpty() || schema.get().tableId() != job.tableId()) {
                return end(job, job.failing(Phase.FAILED, "the table was dropped"));
              }
              if (job.fill().parts() == 0) {
                return filling.divide(job, schema.get()).thenCompose(parts -> divide(job, parts));
              }
              return records.parts(job).thenCompose(parts -> fill(job, parts, now));
            });
  }

  private CompletableFuture<Void> divide(Job job, List<FillPart> parts) {
    return change(
        job,
        (transaction, current) -> {
          if (current.fill().parts() > 0) {
            return current;
          }
          parts.forEach(
              part -> transaction.put(MetaKeys.fillPart(jobId, part.number()), part.encode()));
          return current.filled(current.fill().inParts(parts.size()));
        });
  }

  private CompletableFuture<Void> fill(Job job, List<FillPart> parts, Timestamp now) {
    if (parts.size() == job.fill().parts() && parts.stream().allMatch(FillPart::complete)) {
      long rows = parts.stream().mapToLong(FillPart::rowsDone).sum();
      return change(
          job,
          (transaction, current) ->
              current.fill().complete() ? current : current.filled(current.fill().completed(rows)));
    }
    long until =
        Math.max(
            now.physicalMillis() + LOOK_AGAIN.toMillis(),
            job.ownedUntilMillis() - OWNERSHIP.toMillis() / 2);
    return filling
        .run(job, parts, until)
        .thenCompose(
            violation ->
                violation.isEmpty()
                    ? CompletableFuture.completedFuture(null)
                    : change(
                        job,
                        (transaction, current) ->
                            current.failing(Phase.ROLLING_BACK, violation.get())));
  }

  /**
   * What a job becomes, without its parts if it has done with filling: that all their records go
   * makes every batch fail that is under way.
   */
  private Job withoutUnusedParts(Transaction transaction, int parts, Job after) {
    boolean fills = after.phase() == Phase.RUNNING && !after.fill().complete();
    if (fills || parts == 0) {
      return after;
    }
    for (int part = 0; part < parts; part++) {
      transaction.delete(MetaKeys.fillPart(jobId, part));
    }
    return after.filled(after.fill().inParts(0));
  }

  private CompletableFuture<Void> end(Job job, Job atItsEnd) {
    return inTransaction(
        job,
        (transaction, current) -> {
          endWithin(transaction, atItsEnd);
          return NO_STEP;
        });
  }

  private void endWithin(Transaction transaction, Job job) {
    Job ended = withoutUnusedParts(transaction, job.fill().parts(), job);
    transaction.delete(MetaKeys.job(jobId));
    transaction.put(MetaKeys.endedJob(jobId), JobCodec.encode(ended));
    if (jobId > ENDED_KEPT) {
      transaction.delete(MetaKeys.endedJob(jobId - ENDED_KEPT));
    }
  }

  private Job owned(Job job, Transaction transaction) {
    if (owner == 0) {
      owner = transaction.timestamp().value();
    }
    return job.ownedBy(owner, transaction.timestamp().physicalMillis() + OWNERSHIP.toMillis());
  }

  private interface Body {
    /** The version of the table's definition that the transaction makes; 0 for none. */
    CompletableFuture<Long> run(Transaction transaction, Job current);
  }

  /** Runs {@code body} if the record still stands where {@code expected} says. */
  private CompletableFuture<Void> inTransaction(Job expected, Body body) {
    return transactions
        .begin()
        .thenCompose(
            transaction ->
                records
                    .find(transaction, jobId)
                    .thenCompose(
                        current ->
                            current.filter(expected::standsWhere).isEmpty()
                                    || isOthers(current.get(), transaction.timestamp())
                                ? CompletableFuture.completedFuture(null)
                                : body.run(transaction, current.get())
                                    .thenCompose(
                                        version ->
                                            transaction
                                                .commit()
                                                .thenAccept(at -> made(version, at)))));
  }

  private void made(long version, Timestamp committed) {
    if (version != 0) {
      LOG.info("a schema change made a step: job={}, version={}", jobId, version);
      madeVersion = version;
      madeAt = committed;
    }
  }

  /** What a job that has failed says to those who wait for it. */
  static InvalidRequestException failure(Job job) {
    return new InvalidRequestException(
        ErrorCode.SCHEMA_CHANGE_FAILED,
        "table "
            + job.table()
            + " was not changed ("
            + job.change().describe()
            + "): "
            + job.failure());
  }
}
