package io.arrowraft.server.service;

import com.google.protobuf.ByteString;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.server.lockwait.Deadlock;
import io.arrowraft.server.lockwait.LockQueues;
import io.arrowraft.server.lockwait.LockWait;
import io.arrowraft.server.lockwait.WaitEnd;
import io.arrowraft.server.lockwait.WaitFor;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.txn.TxnCommands;
import io.arrowraft.storage.mvcc.LockedKey;
import io.arrowraft.storage.txn.AcquirePessimisticLocks;
import io.arrowraft.storage.txn.AcquirePessimisticLocks.Acquired;
import io.arrowraft.storage.txn.AcquirePessimisticLocks.Key;
import io.arrowraft.storage.txn.TxnError;
import io.arrowraft.storage.txn.TxnResult;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** One request for locks, evaluated until it has them, may not have them, or may not wait more. */
final class LockAttempts {
  /** Whom a turn is reported to when the attempt had none. */
  private static final Turn NO_TURN = new Turn(null, holder -> {});

  private final TxnCommands commands;
  private final LockQueues queues;
  private final Wish wish;
  private final RpcCall call;

  /**
   * What is asked for.
   *
   * @param patience until when to wait; empty: not at all
   * @param detect whether the transaction has locks that others may wait for
   * @param tag the client's, to be found in the error of a deadlock
   */
  record Wish(
      RegionRequest region,
      AcquirePessimisticLocks command,
      long byteSize,
      Optional<Deadline> patience,
      boolean detect,
      ByteString tag) {}

  /** What came of it; a deadlock goes before the result, which then names the lock in the way. */
  record Outcome(TxnResult<List<Acquired>> result, Optional<Deadlock> deadlock) {}

  /** The right to try first on a key. */
  private record Turn(Bytes key, WaitEnd.Turn right) {}

  LockAttempts(TxnCommands commands, LockQueues queues, Wish wish, RpcCall call) {
    this.commands = commands;
    this.queues = queues;
    this.wish = wish;
    this.call = call;
  }

  CompletionStage<Outcome> run() {
    return attempt(NO_TURN);
  }

  private CompletionStage<Outcome> attempt(Turn turn) {
    Map<Bytes, Long> releases = new HashMap<>();
    for (Key key : wish.command().keys()) {
      releases.put(key.key(), queues.releases(key.key()));
    }
    return commands
        .submit(wish.region(), wish.command(), wish.byteSize(), call)
        .whenComplete((result, failure) -> turn.right().end(holder(turn.key(), result)))
        .thenCompose(result -> conclude(result, releases));
  }

  /** Who holds a key after an attempt, as far as it tells. */
  private long holder(Bytes key, TxnResult<List<Acquired>> result) {
    if (key == null || result == null) {
      return 0;
    }
    Optional<LockedKey> inTheWay = inTheWay(result);
    if (inTheWay.isPresent()) {
      return inTheWay.get().key().equals(key) ? inTheWay.get().lock().startTs() : 0;
    }
    if (result instanceof TxnResult.Success<List<Acquired>> success) {
      List<Key> keys = wish.command().keys();
      for (int i = 0; i < keys.size(); i++) {
        boolean locked = !wish.command().onlyIfExists() || success.value().get(i).exists();
        if (locked && keys.get(i).key().equals(key)) {
          return wish.command().startTs();
        }
      }
    }
    return 0;
  }

  private CompletionStage<Outcome> conclude(
      TxnResult<List<Acquired>> result, Map<Bytes, Long> releases) {
    Optional<LockedKey> inTheWay = inTheWay(result);
    if (inTheWay.isEmpty() || wish.patience().isEmpty()) {
      return CompletableFuture.completedFuture(new Outcome(result, Optional.empty()));
    }
    LockedKey locked = inTheWay.get();
    WaitFor edge =
        new WaitFor(wish.command().startTs(), locked.lock().startTs(), locked.key(), wish.tag());
    LockWait wait =
        new LockWait(
            edge,
            wish.region().regionId(),
            wish.patience().get(),
            wish.detect(),
            releases.get(locked.key()));
    return queues.await(wait).thenCompose(end -> goOn(end, locked.key(), result));
  }

  private CompletionStage<Outcome> goOn(
      WaitEnd end, Bytes key, TxnResult<List<Acquired>> lastResult) {
    if (end instanceof WaitEnd.Retry retry) {
      return attempt(new Turn(key, retry.turn()));
    }
    Optional<Deadlock> deadlock =
        end instanceof WaitEnd.Deadlocked found ? Optional.of(found.deadlock()) : Optional.empty();
    return CompletableFuture.completedFuture(new Outcome(lastResult, deadlock));
  }

  private static Optional<LockedKey> inTheWay(TxnResult<List<Acquired>> result) {
    return result instanceof TxnResult.Failure<List<Acquired>> failure
            && failure.errors().get(0) instanceof TxnError.KeyLocked locked
        ? Optional.of(locked.locked())
        : Optional.empty();
  }
}
