package io.arrowraft.client.txn;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.options.LockTimes;
import io.arrowraft.client.region.RegionBatch;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.region.RegionOutcome;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.client.retry.BackoffKind;
import io.arrowraft.proto.kvrpcpb.Assertion;
import io.arrowraft.proto.kvrpcpb.KeyError;
import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.proto.kvrpcpb.Mutation;
import io.arrowraft.proto.kvrpcpb.Op;
import io.arrowraft.proto.kvrpcpb.PessimisticLockRequest;
import io.arrowraft.proto.kvrpcpb.PessimisticLockResponse;
import io.arrowraft.proto.kvrpcpb.WriteConflict;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * The locks that a pessimistic transaction holds. A statement locks all its keys as of one
 * timestamp, or none; where it meets a newer version it takes a newer timestamp and locks all of
 * them once more.
 *
 * <p>A key is locked once. To lock it again would hide that the lock was lost in between, and with
 * it that others have changed what was read under it: a missing lock makes the commit fail.
 *
 * <p>Confined to the client's loop.
 */
final class KeyLocks {
  private final RegionCalls calls;
  private final LockResolver resolver;
  private final BackgroundWork background;
  private final TransactionAge age;
  private final long startTs;
  private final TreeSet<Bytes> held = new TreeSet<>();

  /** Statements run one after the other: the first one decides the primary. */
  private CompletableFuture<?> last = CompletableFuture.completedFuture(null);

  private Bytes primary;
  private LockHeartbeat heartbeat;
  private long forUpdateTs;
  private int statements;
  private boolean released;

  /** What a statement wants of its keys. */
  enum Wish {
    LOCK,
    LOCK_AND_READ,
    LOCK_NEW
  }

  KeyLocks(
      RegionCalls calls,
      LockResolver resolver,
      BackgroundWork background,
      TransactionAge age,
      long startTs) {
    this.calls = calls;
    this.resolver = resolver;
    this.background = background;
    this.age = age;
    this.startTs = startTs;
  }

  /** Keys that are locked, in order. */
  SortedSet<Bytes> held() {
    return held;
  }

  /** The key that the locks name; null while there are none. */
  Bytes primary() {
    return primary;
  }

  /** How many statements have locked keys, each as of a moment of its own. */
  int statements() {
    return statements;
  }

  /** The newest timestamp at which a key was locked. */
  long forUpdateTs() {
    return forUpdateTs;
  }

  /**
   * Locks keys, waiting for those who hold them.
   *
   * @return the values as of the lock, where they exist and were asked for; fails, with nothing
   *     locked anew, like a commit that loses
   */
  CompletableFuture<SortedMap<Bytes, Bytes>> lock(
      SortedSet<Bytes> keys, Wish wish, Backoff backoff) {
    CompletableFuture<SortedMap<Bytes, Bytes>> statement =
        last.handle((before, failed) -> null)
            .thenCompose(turn -> new Statement(keys, wish, backoff).run());
    last = statement;
    return statement;
  }

  /** No heartbeats any more: the locks are given up, or the commit looks after them. */
  void stopHeartbeat() {
    if (heartbeat != null) {
      heartbeat.stop();
    }
  }

  /** Gives up all locks, in the background. */
  CompletableFuture<Void> releaseAll() {
    stopHeartbeat();
    if (held.isEmpty() || released) {
      return CompletableFuture.completedFuture(null);
    }
    released = true;
    return release(new TreeSet<>(held), forUpdateTs);
  }

  /** A later statement may have locked the keys by the time this arrives: those locks stay. */
  private CompletableFuture<Void> release(SortedSet<Bytes> keys, long upTo) {
    return background.start(
        "release of locks",
        startTs,
        backoff -> LockRelease.release(calls, keys, startTs, upTo, backoff));
  }

  private void keepAlive() {
    LockTimes times = calls.options().locks();
    heartbeat =
        new LockHeartbeat(
            calls, age, primary, startTs, times.heartbeatInterval(), times.managedTtl());
    heartbeat.start(times.pessimisticMax());
  }

  /** Keys that are locked as of one timestamp, beside those that are locked already. */
  private final class Statement {
    private final SortedSet<Bytes> keys = new TreeSet<>();
    private final SortedSet<Bytes> again = new TreeSet<>();
    private final Wish wish;
    private final Backoff backoff;
    private final SortedMap<Bytes, Bytes> values = new TreeMap<>();
    private final boolean first = held.isEmpty();
    private long readTs;
    private String conflict;

    Statement(SortedSet<Bytes> wanted, Wish wish, Backoff backoff) {
      wanted.forEach(key -> (held.contains(key) ? again : keys).add(key));
      this.wish = wish;
      this.backoff = backoff;
    }

    CompletableFuture<SortedMap<Bytes, Bytes>> run() {
      return readAgain()
          .thenCompose(
              known ->
                  keys.isEmpty()
                      ? CompletableFuture.completedFuture(known)
                      : lockNew()
                          .thenApply(
                              locked -> {
                                known.putAll(locked);
                                return known;
                              }));
    }

    /** What is newest under a lock is what was newest when it was taken. */
    private CompletableFuture<SortedMap<Bytes, Bytes>> readAgain() {
      SortedMap<Bytes, Bytes> known = new TreeMap<>();
      if (again.isEmpty() || wish == Wish.LOCK) {
        return CompletableFuture.completedFuture(known);
      }
      // As much of a statement as any other: only the commit tells whether the locks still held.
      statements++;
      return calls
          .timestamp(backoff)
          .thenCompose(
              now ->
                  new SnapshotReads(calls, resolver, now)
                      .batchGet(List.copyOf(again), known, backoff))
          .thenApply(
              read -> {
                if (wish == Wish.LOCK_NEW && !known.isEmpty()) {
                  throw new InvalidRequestException(
                      ErrorCode.KEY_EXISTS, "key " + known.firstKey() + " exists");
                }
                return known;
              });
    }

    private CompletableFuture<SortedMap<Bytes, Bytes>> lockNew() {
      if (first) {
        primary = keys.first();
      }
      CompletableFuture<SortedMap<Bytes, Bytes>> result = new CompletableFuture<>();
      attempt()
          .whenComplete(
              (done, failure) -> {
                if (failure == null) {
                  locked();
                } else {
                  giveUp();
                }
                Async.settle(result, values, failure == null ? null : Async.cause(failure));
              });
      return result;
    }

    private void locked() {
      held.addAll(keys);
      statements++;
      if (Long.compareUnsigned(readTs, forUpdateTs) > 0) {
        forUpdateTs = readTs;
      }
      if (heartbeat == null) {
        keepAlive();
      }
    }

    /** Some of the keys may be locked; those of earlier statements stay so. */
    private void giveUp() {
      release(keys, readTs);
    }

    private CompletableFuture<Void> attempt() {
      conflict = null;
      values.clear();
      return calls
          .timestamp(backoff)
          .thenCompose(
              now -> {
                readTs = now;
                return calls.forEachRegion(
                    List.copyOf(keys),
                    LockRelease.shape(calls.options().limits()),
                    this::lockBatch,
                    backoff.fork());
              })
          .thenCompose(
              done ->
                  conflict == null
                      ? CompletableFuture.completedFuture(null)
                      : backoff
                          .requireTimeLeft(BackoffKind.CONFLICT, conflict)
                          .thenCompose(inTime -> attempt()));
    }

    private CompletableFuture<List<Bytes>> lockBatch(RegionBatch<Bytes> batch, Backoff branch) {
      if (conflict != null) {
        return CompletableFuture.completedFuture(List.of()); // all of it comes again
      }
      return calls
          .send(
              batch.region(),
              TxnRequests.lock(context -> request(batch).setContext(context).build()),
              branch)
          .thenCompose(
              outcome ->
                  outcome instanceof RegionOutcome.Answer<PessimisticLockResponse> answer
                      ? answered(batch, answer.response(), branch)
                      : CompletableFuture.completedFuture(batch.items()));
    }

    private PessimisticLockRequest.Builder request(RegionBatch<Bytes> batch) {
      PessimisticLockRequest.Builder request =
          PessimisticLockRequest.newBuilder()
              .setPrimaryLock(Wire.of(primary))
              .setStartVersion(startTs)
              .setForUpdateTs(readTs)
              .setLockTtl(age.lockTtlMillis(calls.options().locks().managedTtl()))
              .setMinCommitTs(readTs + 1)
              .setIsFirstLock(first && keys.size() == 1)
              .setReturnValues(wish == Wish.LOCK_AND_READ);
      for (Bytes key : batch.items()) {
        Mutation.Builder mutation =
            Mutation.newBuilder().setOp(Op.PessimisticLock).setKey(Wire.of(key));
        if (wish == Wish.LOCK_NEW) {
          mutation.setAssertion(Assertion.NotExist);
        }
        request.addMutations(mutation);
      }
      return request;
    }

    private CompletableFuture<List<Bytes>> answered(
        RegionBatch<Bytes> batch, PessimisticLockResponse response, Backoff branch) {
      List<LockInfo> inTheWay = new ArrayList<>();
      for (KeyError error : response.getErrorsList()) {
        if (error.hasLocked()) {
          inTheWay.add(error.getLocked());
        } else if (error.hasConflict()
            && error.getConflict().getReason() == WriteConflict.Reason.PessimisticRetry) {
          conflict = KeyErrors.failure(error, startTs).getMessage();
          return CompletableFuture.completedFuture(List.of());
        } else {
          return CompletableFuture.failedFuture(KeyErrors.failure(error, startTs));
        }
      }
      if (!inTheWay.isEmpty()) {
        return resolver
            .clearForWrite(inTheWay, branch)
            .thenCompose(cleared -> lockBatch(batch, branch));
      }
      for (int i = 0; i < response.getValuesCount(); i++) {
        if (!response.getNotFounds(i)) {
          values.put(batch.items().get(i), Wire.of(response.getValues(i)));
        }
      }
      return CompletableFuture.completedFuture(List.of());
    }
  }
}
