package io.arrowraft.client.table.change;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.table.schema.MetaKeys;
import io.arrowraft.client.table.schema.SchemaRecords;
import io.arrowraft.client.txn.TransactionalReader;
import io.arrowraft.client.txn.Transactions;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The records of jobs. */
final class JobRecords {
  private static final int ACTIVE_MAX = 10_000;
  private static final int PARTS_MAX = 1_000;

  private final Transactions transactions;

  JobRecords(Transactions transactions) {
    this.transactions = transactions;
  }

  /** All jobs that have not ended, in the order in which they were asked for. */
  CompletableFuture<List<Job>> active(TransactionalReader reader) {
    Bytes prefix = MetaKeys.jobs();
    return reader
        .scan(prefix, MetaKeys.endOf(prefix), ACTIVE_MAX)
        .thenApply(
            page -> {
              List<Job> jobs = new ArrayList<>();
              for (KeyValue pair : page.pairs()) {
                jobs.add(JobCodec.decode(pair.key(), pair.value()));
              }
              return jobs;
            });
  }

  /** A job that has not ended. */
  CompletableFuture<Optional<Job>> find(TransactionalReader reader, long id) {
    return read(reader, MetaKeys.job(id));
  }

  /** A job that has ended; fails with {@link ErrorCode#UNKNOWN_SCHEMA_CHANGE}. */
  CompletableFuture<Job> ended(TransactionalReader reader, long id) {
    return read(reader, MetaKeys.endedJob(id))
        .thenApply(found -> found.orElseThrow(() -> unknown(id)));
  }

  /** A job in whatever phase; fails with {@link ErrorCode#UNKNOWN_SCHEMA_CHANGE}. */
  CompletableFuture<Job> get(TransactionalReader reader, long id) {
    return find(reader, id)
        .thenCompose(
            found ->
                found.isPresent()
                    ? CompletableFuture.completedFuture(found.get())
                    : ended(reader, id));
  }

  /** The parts that a job's index is filled from, as they are now. */
  CompletableFuture<List<FillPart>> parts(Job job) {
    return transactions
        .timestamp()
        .thenCompose(now -> parts(transactions.snapshotAt(now), job.id()));
  }

  private static CompletableFuture<List<FillPart>> parts(TransactionalReader reader, long jobId) {
    Bytes prefix = MetaKeys.fillParts(jobId);
    return reader
        .scan(prefix, MetaKeys.endOf(prefix), PARTS_MAX)
        .thenApply(
            page ->
                page.pairs().stream()
                    .map(pair -> FillPart.decode((int) MetaKeys.numberOf(pair.key()), pair.value()))
                    .toList());
  }

  /** How far a job is. */
  CompletableFuture<JobProgress> progress(TransactionalReader reader, Job job) {
    return job.fill().parts() == 0
        ? CompletableFuture.completedFuture(JobProgress.of(job, 0))
        : parts(reader, job.id())
            .thenApply(
                parts -> JobProgress.of(job, parts.stream().mapToLong(FillPart::rowsDone).sum()));
  }

  /** The definition of a job's table as it is now. */
  CompletableFuture<Optional<TableSchema>> table(Job job) {
    return transactions
        .timestamp()
        .thenCompose(now -> SchemaRecords.find(transactions.snapshotAt(now), job.table()));
  }

  private static CompletableFuture<Optional<Job>> read(TransactionalReader reader, Bytes key) {
    return reader.get(key).thenApply(stored -> stored.map(bytes -> JobCodec.decode(key, bytes)));
  }

  static InvalidRequestException unknown(long id) {
    return new InvalidRequestException(
        ErrorCode.UNKNOWN_SCHEMA_CHANGE, "there is no schema change of number " + id);
  }
}
