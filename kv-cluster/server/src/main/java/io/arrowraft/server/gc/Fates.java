package io.arrowraft.server.gc;

import io.arrowraft.proto.kvrpcpb.CheckSecondaryLocksResponse;
import io.arrowraft.proto.kvrpcpb.CheckTxnStatusRequest;
import io.arrowraft.proto.kvrpcpb.CheckTxnStatusResponse;
import io.arrowraft.proto.kvrpcpb.KeyError;
import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockedKey;
import io.arrowraft.storage.mvcc.Timestamps;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out what has become of transactions, ending those that are abandoned. */
final class Fates {
  private static final Logger LOG = LoggerFactory.getLogger(Fates.class);

  private final StoreCalls calls;

  Fates(StoreCalls calls) {
    this.calls = calls;
  }

  /**
   * The fate of a lock's transaction.
   *
   * @param target a live transaction will not commit at or before it
   * @param endBefore a transaction that started before this has no more time: it is taken for
   *     expired
   */
  CompletionStage<Fate> of(LockedKey locked, long target, long endBefore) {
    boolean ends = Timestamps.isAfter(endBefore, locked.lock().startTs());
    return calls
        .now()
        .thenApply(now -> ends ? Timestamps.MAX : now)
        .thenCompose(
            now ->
                ask(locked, target, now, false)
                    .thenCompose(answer -> settle(locked, target, now, answer)));
  }

  private CompletionStage<CheckTxnStatusResponse> ask(
      LockedKey locked, long target, long now, boolean forceSyncCommit) {
    Lock lock = locked.lock();
    return calls.status(
        CheckTxnStatusRequest.newBuilder()
            .setPrimaryKey(StoreCalls.wire(lock.primary()))
            .setLockTs(lock.startTs())
            .setCallerStartTs(target)
            .setCurrentTs(now)
            // Before this lock has expired its primary may merely not have arrived yet.
            .setRollbackIfNotExist(lock.isExpiredAt(now))
            .setVerifyIsPrimary(true)
            .setResolvingPessimisticLock(lock.isPessimistic())
            .setForceSyncCommit(forceSyncCommit));
  }

  private CompletionStage<Fate> settle(
      LockedKey locked, long target, long now, CheckTxnStatusResponse answer) {
    LockInfo primary = answer.getLockInfo();
    boolean asynchronous =
        !answer.hasError() && answer.getCommitVersion() == 0 && primary.getUseAsyncCommit();
    if (!asynchronous || !isExpired(primary, now)) {
      return CompletableFuture.completedFuture(fate(locked, answer));
    }
    // Rule 39: it may have committed, and only the secondaries know.
    return calls
        .secondaries(primary.getSecondariesList(), primary.getLockVersion())
        .thenCompose(
            answers -> {
              Optional<Fate> known = verdict(primary, answers);
              return known.isPresent()
                  ? CompletableFuture.completedFuture(known.get())
                  : ask(locked, target, now, true).thenApply(forced -> fate(locked, forced));
            });
  }

  private static boolean isExpired(LockInfo lock, long now) {
    return Timestamps.physicalMillis(lock.getLockVersion()) + lock.getLockTtl()
        < Timestamps.physicalMillis(now);
  }

  private static Fate fate(LockedKey locked, CheckTxnStatusResponse answer) {
    if (answer.hasError()) {
      return refused(locked, answer.getError());
    }
    if (answer.getCommitVersion() != 0) {
      return new Fate.Committed(answer.getCommitVersion());
    }
    if (answer.getLockTtl() > 0 || answer.hasLockInfo()) {
      return new Fate.Alive();
    }
    return switch (answer.getAction()) {
      case NoAction, TTLExpireRollback, LockNotExistRollback -> new Fate.RolledBack();
      case TTLExpirePessimisticRollback, LockNotExistDoNothing -> new Fate.Unlocked();
      case MinCommitTSPushed, UNRECOGNIZED -> new Fate.Alive();
    };
  }

  private static Fate refused(LockedKey locked, KeyError error) {
    if (error.hasPrimaryMismatch() && locked.lock().isPessimistic()) {
      // Rule 46: the transaction has chosen another primary since, and this lock is a stale one.
      return new Fate.Unlocked();
    }
    if (!error.hasTxnNotFound()) {
      LOG.warn(
          "the primary of an old lock gives no answer: key={}, startTs={}, error={}",
          locked.key(),
          Long.toUnsignedString(locked.lock().startTs()),
          error);
    }
    return new Fate.Alive();
  }

  /** Empty if it fell back to two phases, so that its primary decides. */
  private static Optional<Fate> verdict(
      LockInfo primary, List<CheckSecondaryLocksResponse> answers) {
    int locked = 0;
    long committedTs = 0;
    long minCommitTs = primary.getMinCommitTs();
    boolean ordinary = false;
    for (CheckSecondaryLocksResponse answer : answers) {
      if (answer.hasError()) {
        return Optional.of(new Fate.Alive());
      }
      locked += answer.getLocksCount();
      committedTs = Timestamps.max(committedTs, answer.getCommitTs());
      for (LockInfo lock : answer.getLocksList()) {
        ordinary |= !lock.getUseAsyncCommit();
        minCommitTs = Timestamps.max(minCommitTs, lock.getMinCommitTs());
      }
    }
    if (locked < primary.getSecondariesList().stream().distinct().count()) {
      return Optional.of(
          committedTs != 0 ? new Fate.Committed(committedTs) : new Fate.RolledBack());
    }
    return ordinary ? Optional.empty() : Optional.of(new Fate.Committed(minCommitTs));
  }
}
