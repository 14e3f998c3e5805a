package io.arrowraft.client.txn;

import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.OutcomeUnknownException;
import io.arrowraft.client.error.TransactionAbortedException;
import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.options.CommitModes;
import io.arrowraft.client.options.LockTimes;
import io.arrowraft.client.region.BatchShape;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.region.RegionBatch;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.region.RegionOutcome;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.client.retry.BackoffKind;
import io.arrowraft.proto.kvrpcpb.BatchRollbackRequest;
import io.arrowraft.proto.kvrpcpb.BatchRollbackResponse;
import io.arrowraft.proto.kvrpcpb.CommitRequest;
import io.arrowraft.proto.kvrpcpb.CommitResponse;
import io.arrowraft.proto.kvrpcpb.KeyError;
import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.proto.kvrpcpb.PrewriteRequest;
import io.arrowraft.proto.kvrpcpb.PrewriteRequest.PessimisticAction;
import io.arrowraft.proto.kvrpcpb.PrewriteResponse;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Invariant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * One commit. All keys are prewritten concurrently; then the batch that holds the primary key is
 * committed, which decides; the rest follows in the background. Confined to the client's loop.
 *
 * <p>After Percolator (Peng and Dabek, OSDI 2010) as TiKV has it.
 */
final class TwoPhaseCommit {
  private final RegionCalls calls;
  private final LockResolver resolver;
  private final BackgroundWork background;
  private final CommitShape shape;
  private final TransactionAge age;
  private final Writes writes;
  private final Fences fences;
  private final long startTs;
  private final List<Mutation> mutations;

  /** Keys that hold a lock after prewrite, in order. */
  private final List<Bytes> locked;

  private final Bytes primary;
  private final boolean managed;

  /** What is asked for beyond two phases; null for nothing. */
  private EarlyCommit early;

  TwoPhaseCommit(
      RegionCalls calls,
      LockResolver resolver,
      BackgroundWork background,
      CommitShape shape,
      TransactionAge age,
      Writes writes,
      Fences fences) {
    this.calls = calls;
    this.resolver = resolver;
    this.background = background;
    this.shape = shape;
    this.age = age;
    this.writes = writes;
    this.fences = fences;
    this.startTs = writes.startTs();
    this.mutations = writes.mutations();
    this.locked = mutations.stream().filter(Mutation::leavesLock).map(Mutation::key).toList();
    this.primary = writes.primary();
    this.managed = writes.isPessimistic() || isLarge(mutations, shape);
  }

  private static boolean isLarge(List<Mutation> mutations, CommitShape shape) {
    long bytes = 0;
    for (Mutation mutation : mutations) {
      bytes += mutation.bytes();
    }
    return bytes > shape.batchBytesMax() || mutations.size() > shape.batchKeysMax();
  }

  /** The commit timestamp; the start timestamp if there was nothing to lock. */
  CompletableFuture<Long> run(Backoff backoff) {
    LockTimes times = calls.options().locks();
    // A small transaction needs it when a store is slow: its locks live shorter than one request.
    LockHeartbeat heartbeat =
        managed
            ? new LockHeartbeat(
                calls, age, primary, startTs, times.heartbeatInterval(), times.managedTtl())
            : new LockHeartbeat(
                calls, age, primary, startTs, times.ttl().dividedBy(2), times.ttl());
    if (!locked.isEmpty()) {
      heartbeat.start();
    }
    CompletableFuture<Long> result = new CompletableFuture<>();
    prepare(backoff)
        .thenCompose(prepared -> prewrite(backoff))
        .thenCompose(prewritten -> decide(backoff))
        .whenComplete(
            (commitTs, failure) -> {
              heartbeat.stop();
              if (failure != null) {
                Throwable cause = Async.cause(failure);
                cause = early == null ? cause : early.failure(cause, startTs);
                rollBackAfter(cause);
                result.completeExceptionally(fences.explain(cause));
              } else {
                result.complete(commitTs);
              }
            });
    return result;
  }

  private CompletableFuture<Void> prepare(Backoff backoff) {
    CommitModes modes = calls.options().commits();
    if (!EarlyCommit.isWanted(modes, locked)) {
      return CompletableFuture.completedFuture(null);
    }
    return newest(modes, backoff)
        .thenCompose(latest -> permitted(latest, backoff))
        .thenAccept(
            latest ->
                early = new EarlyCommit(modes, writes, locked, latest, fences.newestCommitTs()));
  }

  /** A timestamp above all commits that this one is to follow, and not long past. */
  private CompletableFuture<Long> newest(CommitModes modes, Backoff backoff) {
    boolean isYoung = age.elapsed().compareTo(modes.laterAtMost().dividedBy(2)) < 0;
    return writes.order() == CommitOrder.AFTER_BEGIN && isYoung
        ? CompletableFuture.completedFuture(startTs)
        : calls.timestamp(backoff);
  }

  private CompletableFuture<Long> decide(Backoff backoff) {
    if (locked.isEmpty()) {
      return CompletableFuture.completedFuture(startTs);
    }
    if (early != null && early.isCommitted()) {
      return CompletableFuture.completedFuture(early.commitTs());
    }
    if (early != null && early.isCommittedAsync()) {
      long commitTs = early.commitTs();
      return background
          .start("commit", startTs, branch -> commitSecondaries(locked, commitTs, branch))
          .thenApply(started -> commitTs);
    }
    early = null; // from here on it is an ordinary commit
    return calls
        .timestamp(backoff)
        .thenCompose(ts -> permitted(ts, backoff))
        .thenCompose(ts -> commitFrom(ts, backoff));
  }

  /** {@code ts}, or a later one if the fences had to be asked before they permit a commit now. */
  private CompletableFuture<Long> permitted(long ts, Backoff backoff) {
    return ts <= fences.newestCommitTs()
        ? CompletableFuture.completedFuture(ts)
        : backoff
            .requireTimeLeft(BackoffKind.CONFLICT, "a fence was passed again and again")
            .thenCompose(inTime -> fences.extend(ts))
            .thenCompose(extended -> calls.timestamp(backoff))
            .thenCompose(later -> permitted(later, backoff));
  }

  // Phase one.

  private CompletableFuture<Void> prewrite(Backoff backoff) {
    BatchShape<Mutation> batches =
        new BatchShape<>(
            KeySpace.TRANSACTIONAL,
            Mutation::key,
            Mutation::bytes,
            shape.batchBytesMax(),
            shape.batchKeysMax());
    return calls.forEachRegion(mutations, batches, this::prewrite, backoff.fork());
  }

  private CompletableFuture<List<Mutation>> prewrite(RegionBatch<Mutation> batch, Backoff backoff) {
    List<io.arrowraft.proto.kvrpcpb.Mutation> wire =
        batch.items().stream().map(Mutation::onWire).toList();
    LockTimes times = calls.options().locks();
    Duration ttl = managed ? times.managedTtl() : times.ttl();
    return calls
        .send(
            batch.region(),
            TxnRequests.prewrite(
                context -> {
                  PrewriteRequest.Builder request =
                      PrewriteRequest.newBuilder()
                          .setContext(context)
                          .addAllMutations(wire)
                          .setPrimaryLock(Wire.of(primary))
                          .setStartVersion(startTs)
                          .setLockTtl(age.lockTtlMillis(ttl))
                          .setTxnSize(mutations.size())
                          // Said outright, since a store pushes only locks that name one.
                          .setMinCommitTs(startTs + 1)
                          .setForUpdateTs(writes.forUpdateTs());
                  if (writes.isPessimistic()) {
                    wire.forEach(
                        each ->
                            request.addPessimisticActions(PessimisticAction.DO_PESSIMISTIC_CHECK));
                  }
                  if (early != null) {
                    early.addTo(request, batch.items());
                  }
                  return request.build();
                }),
            backoff)
        .thenCompose(
            outcome ->
                outcome instanceof RegionOutcome.Answer<PrewriteResponse> answer
                    ? prewritten(batch, answer.response(), backoff)
                    : CompletableFuture.completedFuture(batch.items()))
        .whenComplete(
            (left, failure) -> {
              if (early != null && (failure != null || !left.isEmpty())) {
                early.unanswered(batch.items(), backoff);
              }
            });
  }

  private CompletableFuture<List<Mutation>> prewritten(
      RegionBatch<Mutation> batch, PrewriteResponse response, Backoff backoff) {
    if (response.getErrorsCount() == 0) {
      if (early != null) {
        early.answered(batch.items(), response);
      }
      return CompletableFuture.completedFuture(List.of());
    }
    List<LockInfo> locks = new ArrayList<>();
    for (KeyError error : response.getErrorsList()) {
      if (!error.hasLocked()) {
        return CompletableFuture.failedFuture(KeyErrors.failure(error, startTs));
      }
      locks.add(error.getLocked());
    }
    return resolver.clearForWrite(locks, backoff).thenCompose(cleared -> prewrite(batch, backoff));
  }

  // Phase two.

  private CompletableFuture<Long> commitFrom(long commitTs, Backoff backoff) {
    Invariant.check(
        Long.compareUnsigned(commitTs, startTs) > 0,
        "a commit timestamp is not after its start timestamp",
        "start",
        startTs,
        "commit",
        commitTs);
    // The deciding request's own branch: only answers lost from here on leave the outcome open.
    Backoff deciding = backoff.fork();
    CompletableFuture<Long> decided = new CompletableFuture<>();
    commitPrimary(commitTs, deciding)
        .whenComplete(
            (ts, failure) ->
                Async.settle(decided, ts, failure == null ? null : decisive(failure, deciding)));
    return decided;
  }

  private Throwable decisive(Throwable failure, Backoff deciding) {
    Throwable cause = Async.cause(failure);
    return deciding.isOutcomeUnknown() && !(cause instanceof TransactionAbortedException)
        ? new OutcomeUnknownException(
            ErrorCode.OUTCOME_UNKNOWN,
            "transaction " + startTs + " may or may not have committed: " + cause.getMessage(),
            cause)
        : cause;
  }

  private CompletableFuture<Long> commitPrimary(long commitTs, Backoff backoff) {
    return calls
        .group(locked, keyShape(), backoff)
        .thenCompose(
            batches -> {
              RegionBatch<Bytes> first =
                  batches.stream()
                      .filter(batch -> batch.items().contains(primary))
                      .findFirst()
                      .orElseThrow();
              return sendCommit(first, commitTs, backoff)
                  .thenCompose(outcome -> committedPrimary(first, outcome, commitTs, backoff));
            });
  }

  private CompletableFuture<Long> committedPrimary(
      RegionBatch<Bytes> first,
      RegionOutcome<CommitResponse> outcome,
      long commitTs,
      Backoff backoff) {
    if (outcome instanceof RegionOutcome.Moved<CommitResponse> moved) {
      return backoff
          .pause(BackoffKind.REGION_MOVED, moved.reason())
          .thenCompose(paused -> commitPrimary(commitTs, backoff));
    }
    CommitResponse response = ((RegionOutcome.Answer<CommitResponse>) outcome).response();
    backoff.outcomeIsKnown();
    if (response.hasError()) {
      if (response.getError().hasCommitTsExpired()) {
        return backoff
            .requireTimeLeft(BackoffKind.LOCK, "readers keep pushing transaction " + startTs)
            .thenCompose(inTime -> calls.timestamp(backoff))
            .thenCompose(later -> permitted(later, backoff))
            .thenCompose(later -> commitPrimary(later, backoff));
      }
      return CompletableFuture.failedFuture(aborted(response.getError()));
    }
    Set<Bytes> committed = new HashSet<>(first.items());
    List<Bytes> secondaries = locked.stream().filter(key -> !committed.contains(key)).toList();
    if (secondaries.isEmpty()) {
      return CompletableFuture.completedFuture(commitTs);
    }
    return background
        .start("commit", startTs, branch -> commitSecondaries(secondaries, commitTs, branch))
        .thenApply(started -> commitTs);
  }

  private ArrowraftException aborted(KeyError error) {
    ArrowraftException failure = KeyErrors.failure(error, startTs);
    return failure instanceof TransactionAbortedException
        ? failure
        : new TransactionAbortedException(
            ErrorCode.TRANSACTION_ABORTED, failure.getMessage(), failure);
  }

  private CompletableFuture<Void> commitSecondaries(
      List<Bytes> keys, long commitTs, Backoff backoff) {
    return calls.forEachRegion(
        keys,
        keyShape(),
        (batch, branch) ->
            sendCommit(batch, commitTs, branch)
                .thenApply(
                    outcome -> {
                      if (outcome instanceof RegionOutcome.Answer<CommitResponse> answer) {
                        if (answer.response().hasError()) {
                          throw KeyErrors.failure(answer.response().getError(), startTs);
                        }
                        return List.of();
                      }
                      return batch.items();
                    }),
        backoff);
  }

  private CompletableFuture<RegionOutcome<CommitResponse>> sendCommit(
      RegionBatch<Bytes> batch, long commitTs, Backoff backoff) {
    return calls.send(
        batch.region(),
        TxnRequests.commit(
            context ->
                CommitRequest.newBuilder()
                    .setContext(context)
                    .setStartVersion(startTs)
                    .setCommitVersion(commitTs)
                    .addAllKeys(batch.items().stream().map(Wire::of).toList())
                    .build()),
        backoff);
  }

  // Giving up.

  private void rollBackAfter(Throwable failure) {
    if (failure instanceof OutcomeUnknownException || locked.isEmpty()) {
      return;
    }
    background.start("rollback", startTs, this::rollBack);
  }

  private CompletableFuture<Void> rollBack(Backoff backoff) {
    return calls.forEachRegion(
        locked,
        keyShape(),
        (batch, branch) ->
            calls
                .send(
                    batch.region(),
                    TxnRequests.rollback(
                        context ->
                            BatchRollbackRequest.newBuilder()
                                .setContext(context)
                                .setStartVersion(startTs)
                                .addAllKeys(batch.items().stream().map(Wire::of).toList())
                                .build()),
                    branch)
                .thenApply(
                    outcome -> {
                      if (outcome instanceof RegionOutcome.Answer<BatchRollbackResponse> answer) {
                        if (answer.response().hasError()) {
                          throw KeyErrors.failure(answer.response().getError(), startTs);
                        }
                        return List.of();
                      }
                      return batch.items();
                    }),
        backoff);
  }

  private BatchShape<Bytes> keyShape() {
    return new BatchShape<>(
        KeySpace.TRANSACTIONAL,
        Function.identity(),
        Bytes::length,
        shape.batchBytesMax(),
        shape.batchKeysMax());
  }
}
