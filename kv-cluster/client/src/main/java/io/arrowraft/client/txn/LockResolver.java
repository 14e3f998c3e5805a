package io.arrowraft.client.txn;

import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.region.BatchShape;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.region.RegionBatch;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.region.RegionOutcome;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.client.retry.BackoffKind;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.proto.kvrpcpb.Action;
import io.arrowraft.proto.kvrpcpb.CheckTxnStatusRequest;
import io.arrowraft.proto.kvrpcpb.CheckTxnStatusResponse;
import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.proto.kvrpcpb.Op;
import io.arrowraft.proto.kvrpcpb.ResolveLockRequest;
import io.arrowraft.proto.kvrpcpb.ResolveLockResponse;
import io.arrowraft.runtime.Bytes;
import io.micrometer.core.instrument.Counter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * Clears locks that other transactions have left: asks their primary keys how they ended and ends
 * the locks likewise. A transaction whose lock has not expired is left alone, but a reader pushes
 * it past its own timestamp.
 */
public final class LockResolver {
  /** From so many keys on, all locks of a transaction in a region are resolved at once. */
  private static final long LARGE_TRANSACTION_KEYS = 16;

  private final RegionCalls calls;
  private final Map<Long, TransactionStatus.Final> ended;
  private final Counter resolved;

  public LockResolver(RegionCalls calls) {
    this.calls = calls;
    int most = calls.options().limits().statusesCachedMax();
    this.ended =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Long, TransactionStatus.Final> eldest) {
            return size() > most;
          }
        };
    this.resolved =
        calls.environment().meters().counter("arrowraft_client_resolved_transactions_total");
  }

  /**
   * For a reader: clears or pushes what can be, waits if an owner must be waited for.
   *
   * @param passable start timestamps whose locks later requests may pass; added to
   */
  public CompletableFuture<Void> clearForRead(
      List<LockInfo> locks, long readTs, Set<Long> passable, Backoff backoff) {
    return resolve(locks, readTs, backoff)
        .thenCompose(
            resolution -> {
              boolean progress = passable.addAll(resolution.passable());
              return resolution.mustWait() && !progress
                  ? backoff.pause(BackoffKind.LOCK, resolution.alive())
                  : backoff.requireTimeLeft(BackoffKind.LOCK, describe(locks));
            });
  }

  /** For a writer: clears what can be, waits if an owner must be waited for. */
  CompletableFuture<Void> clearForWrite(List<LockInfo> locks, Backoff backoff) {
    return resolve(locks, 0, backoff)
        .thenCompose(
            resolution ->
                resolution.mustWait()
                    ? backoff.pause(BackoffKind.LOCK, resolution.alive())
                    : backoff.requireTimeLeft(BackoffKind.LOCK, describe(locks)));
  }

  private CompletableFuture<LockResolution> resolve(
      List<LockInfo> locks, long callerTs, Backoff backoff) {
    Map<Owned, List<LockInfo>> byOwner = new LinkedHashMap<>();
    for (LockInfo lock : locks) {
      byOwner.computeIfAbsent(Owned.of(lock), owner -> new ArrayList<>()).add(lock);
    }
    Set<Long> passable = new LinkedHashSet<>();
    List<String> alive = new ArrayList<>();
    CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
    for (List<LockInfo> ofOwner : byOwner.values()) {
      done = done.thenCompose(before -> end(ofOwner, callerTs, passable, alive, backoff));
    }
    return done.thenApply(all -> new LockResolution(passable, String.join("; ", alive)));
  }

  /** Locks of one transaction and kind. */
  private record Owned(long startTs, boolean pessimistic) {
    static Owned of(LockInfo lock) {
      return new Owned(lock.getLockVersion(), isPessimistic(lock));
    }
  }

  private static boolean isPessimistic(LockInfo lock) {
    return lock.getLockType() == Op.PessimisticLock;
  }

  private CompletableFuture<Void> end(
      List<LockInfo> locks,
      long callerTs,
      Set<Long> passable,
      List<String> alive,
      Backoff backoff) {
    LockInfo lock = locks.get(0);
    return status(lock, callerTs, backoff)
        .thenCompose(
            status -> {
              boolean over = status instanceof TransactionStatus.Final;
              if (isPessimistic(lock) && (over || status instanceof TransactionStatus.Unlocked)) {
                return unlock(locks, backoff); // it was never prewritten here
              }
              if (over) {
                return resolveLocks(locks, (TransactionStatus.Final) status, backoff);
              }
              if (status instanceof TransactionStatus.Alive living && living.pushed()) {
                passable.add(lock.getLockVersion());
              } else {
                alive.add(describe(locks));
              }
              return CompletableFuture.completedFuture(null);
            });
  }

  private CompletableFuture<Void> unlock(List<LockInfo> locks, Backoff backoff) {
    TreeSet<Bytes> keys = new TreeSet<>();
    long forUpdateTs = 0;
    for (LockInfo lock : locks) {
      keys.add(Wire.of(lock.getKey()));
      if (Long.compareUnsigned(lock.getLockForUpdateTs(), forUpdateTs) > 0) {
        forUpdateTs = lock.getLockForUpdateTs();
      }
    }
    return LockRelease.release(calls, keys, locks.get(0).getLockVersion(), forUpdateTs, backoff);
  }

  private static String describe(List<LockInfo> locks) {
    LockInfo first = locks.get(0);
    return "transaction " + first.getLockVersion() + " holds key " + Wire.of(first.getKey());
  }

  private CompletableFuture<TransactionStatus> status(
      LockInfo lock, long callerTs, Backoff backoff) {
    TransactionStatus.Final known = ended.get(lock.getLockVersion());
    if (known != null) {
      return CompletableFuture.completedFuture(known);
    }
    return calls
        .timestamp(backoff)
        .thenCompose(
            now ->
                ask(lock, callerTs, now, false, backoff)
                    .thenCompose(response -> settle(lock, callerTs, now, response, backoff)))
        .thenApply(
            status -> {
              if (status instanceof TransactionStatus.Final fate) {
                ended.put(lock.getLockVersion(), fate);
                resolved.increment();
              }
              return status;
            });
  }

  /** What the primary's answer means; if its commit is asynchronous, its secondaries may know. */
  private CompletableFuture<TransactionStatus> settle(
      LockInfo lock, long callerTs, long now, CheckTxnStatusResponse response, Backoff backoff) {
    LockInfo primary = response.getLockInfo();
    boolean expired =
        new Timestamp(primary.getLockVersion()).physicalMillis() + primary.getLockTtl()
            < new Timestamp(now).physicalMillis();
    if (!primary.getUseAsyncCommit() || response.getCommitVersion() > 0) {
      return CompletableFuture.completedFuture(interpret(response));
    }
    if (!expired) {
      // The store does not push such a lock, but it may be late enough as it is.
      boolean later = callerTs != 0 && Long.compareUnsigned(primary.getMinCommitTs(), callerTs) > 0;
      return CompletableFuture.completedFuture(new TransactionStatus.Alive(later));
    }
    return new SecondaryLocks(calls, primary)
        .fate(backoff)
        .thenCompose(
            fate ->
                fate.isEmpty()
                    ? ask(lock, callerTs, now, true, backoff).thenApply(LockResolver::interpret)
                    : resolveLocks(List.of(primary), fate.get(), backoff)
                        .thenApply(resolvedPrimary -> fate.get()));
  }

  private CompletableFuture<CheckTxnStatusResponse> ask(
      LockInfo lock, long callerTs, long now, boolean forceSyncCommit, Backoff backoff) {
    long ageMillis =
        new Timestamp(now).physicalMillis() - new Timestamp(lock.getLockVersion()).physicalMillis();
    Bytes primary = Wire.of(lock.getPrimaryLock());
    return calls.callByKey(
        KeySpace.TRANSACTIONAL,
        primary,
        TxnRequests.checkStatus(
            context ->
                CheckTxnStatusRequest.newBuilder()
                    .setContext(context)
                    .setPrimaryKey(lock.getPrimaryLock())
                    .setLockTs(lock.getLockVersion())
                    .setCallerStartTs(callerTs)
                    .setCurrentTs(now)
                    // Before this lock has expired its primary may merely not have arrived yet.
                    .setRollbackIfNotExist(ageMillis >= lock.getLockTtl())
                    .setVerifyIsPrimary(true)
                    .setResolvingPessimisticLock(isPessimistic(lock))
                    .setForceSyncCommit(forceSyncCommit)
                    .build()),
        backoff);
  }

  static TransactionStatus interpret(CheckTxnStatusResponse response) {
    if (response.hasError()) {
      // Not found and not expired, or another key is the primary: the lock will change or expire.
      return new TransactionStatus.Alive(false);
    }
    if (response.getCommitVersion() > 0) {
      return new TransactionStatus.Committed(response.getCommitVersion());
    }
    if (response.getLockTtl() > 0 || response.hasLockInfo()) {
      return new TransactionStatus.Alive(response.getAction() == Action.MinCommitTSPushed);
    }
    return switch (response.getAction()) {
      case NoAction, TTLExpireRollback, LockNotExistRollback -> new TransactionStatus.RolledBack();
      case TTLExpirePessimisticRollback, LockNotExistDoNothing -> new TransactionStatus.Unlocked();
      case MinCommitTSPushed, UNRECOGNIZED -> new TransactionStatus.Alive(false);
    };
  }

  private CompletableFuture<Void> resolveLocks(
      List<LockInfo> locks, TransactionStatus.Final fate, Backoff backoff) {
    List<LockInfo> ordered =
        locks.stream().sorted(Comparator.comparing(lock -> Wire.of(lock.getKey()))).toList();
    BatchShape<LockInfo> shape =
        new BatchShape<>(
            KeySpace.TRANSACTIONAL,
            lock -> Wire.of(lock.getKey()),
            lock -> lock.getKey().size(),
            calls.options().limits().batchBytesMax(),
            calls.options().limits().batchKeysMax());
    return calls.forEachRegion(
        ordered, shape, (batch, branch) -> resolveBatch(batch, fate, branch), backoff);
  }

  private CompletableFuture<List<LockInfo>> resolveBatch(
      RegionBatch<LockInfo> batch, TransactionStatus.Final fate, Backoff backoff) {
    LockInfo first = batch.items().get(0);
    boolean wholeRegion = first.getTxnSize() >= LARGE_TRANSACTION_KEYS;
    return calls
        .send(
            batch.region(),
            TxnRequests.resolveLock(
                context -> {
                  ResolveLockRequest.Builder request =
                      ResolveLockRequest.newBuilder()
                          .setContext(context)
                          .setStartVersion(first.getLockVersion())
                          .setCommitVersion(fate.commitVersion());
                  if (!wholeRegion) {
                    batch.items().forEach(lock -> request.addKeys(lock.getKey()));
                  }
                  return request.build();
                }),
            backoff)
        .thenApply(
            outcome -> {
              if (outcome instanceof RegionOutcome.Answer<ResolveLockResponse> answer) {
                if (answer.response().hasError()) {
                  throw KeyErrors.failure(answer.response().getError(), first.getLockVersion());
                }
                return List.of();
              }
              return batch.items();
            });
  }

  /** For tests: how a transaction ended, if that is remembered. */
  Optional<TransactionStatus.Final> remembered(long startTs) {
    return Optional.ofNullable(ended.get(startTs));
  }
}
