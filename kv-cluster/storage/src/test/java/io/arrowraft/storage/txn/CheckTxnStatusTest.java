package io.arrowraft.storage.txn;

import static io.arrowraft.storage.txn.TestStore.bytes;
import static io.arrowraft.storage.txn.TestStore.commit;
import static io.arrowraft.storage.txn.TestStore.prewrite;
import static io.arrowraft.storage.txn.TestStore.put;
import static io.arrowraft.storage.txn.TestStore.rollback;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.MemoryEngine;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockType;
import io.arrowraft.storage.mvcc.MvccKeys;
import io.arrowraft.storage.mvcc.Timestamps;
import io.arrowraft.storage.mvcc.Write;
import io.arrowraft.storage.mvcc.WriteType;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckTxnStatusTest {
  private static final long START = Timestamps.of(100, 0);
  private static final long BEFORE_EXPIRY = Timestamps.of(100 + TestStore.TTL, 0);
  private static final long AFTER_EXPIRY = Timestamps.of(101 + TestStore.TTL, 0);

  private final TestStore store = new TestStore(new MemoryEngine());

  @Test
  void aDecidedTransactionIsReportedAsItIs() {
    store.write("c", "v", START, START + 5);
    store.succeed(rollback(START, "r"));

    assertThat(store.succeed(check("c").command())).isEqualTo(new TxnStatus.Committed(START + 5));
    assertThat(store.succeed(check("r").command())).isEqualTo(new TxnStatus.RolledBack());
  }

  @Test
  void aLiveTransactionIsLeftAloneByCallersItCannotDisturb() {
    store.succeed(put("k", "v", "k", START));

    TxnStatus status = store.succeed(check("k").caller(0).current(BEFORE_EXPIRY).command());
    assertThat(status)
        .isInstanceOfSatisfying(
            TxnStatus.Uncommitted.class,
            uncommitted -> assertThat(uncommitted.minCommitTsPushed()).isFalse());
    assertThat(store.lock("k").minCommitTs()).isEqualTo(START + 1);
  }

  @Test
  void aCallerPushesTheCommitPastItsSnapshotAndTheCurrentTime() {
    store.succeed(put("k", "v", "k", START));
    store.succeed(check("k").caller(START + 50).current(START + 60).command());

    assertThat(store.lock("k").minCommitTs()).isEqualTo(START + 60);
    // The second caller finds it pushed far enough.
    Outcome<TxnStatus> again = store.evaluate(check("k").caller(START + 55).command());
    assertThat(again.modifications()).isEmpty();
    assertThat(((TxnResult.Success<TxnStatus>) again.result()).value())
        .isInstanceOfSatisfying(
            TxnStatus.Uncommitted.class, status -> assertThat(status.minCommitTsPushed()).isTrue());
  }

  @Test
  void aCallerReadingTheLatestPushesNothingAndMayPass() {
    store.succeed(put("k", "v", "k", START));
    Outcome<TxnStatus> outcome = store.evaluate(check("k").caller(Timestamps.MAX).command());

    assertThat(outcome.modifications()).isEmpty();
    assertThat(((TxnResult.Success<TxnStatus>) outcome.result()).value())
        .isInstanceOfSatisfying(
            TxnStatus.Uncommitted.class, status -> assertThat(status.minCommitTsPushed()).isTrue());
  }

  @Test
  void aTransactionThatDoesNotAllowPushesIsNotPushed() {
    Prewrite prewrite =
        new Prewrite(
            List.of(PrewriteMutation.put(bytes("k"), bytes("v"))),
            bytes("k"),
            START,
            TestStore.TTL,
            1,
            0,
            false,
            Prewrite.AssertionLevel.OFF);
    store.succeed(prewrite);
    Outcome<TxnStatus> outcome = store.evaluate(check("k").caller(START + 50).command());

    assertThat(outcome.modifications()).isEmpty();
    assertThat(((TxnResult.Success<TxnStatus>) outcome.result()).value())
        .isInstanceOfSatisfying(
            TxnStatus.Uncommitted.class,
            status -> assertThat(status.minCommitTsPushed()).isFalse());
  }

  @Test
  void anExpiredTransactionIsRolledBackForGood() {
    store.succeed(put("k", "v", "k", START));

    assertThat(store.succeed(check("k").current(BEFORE_EXPIRY).command()))
        .isInstanceOf(TxnStatus.Uncommitted.class);
    assertThat(store.succeed(check("k").current(AFTER_EXPIRY).command()))
        .isEqualTo(new TxnStatus.TtlExpired());
    assertThat(store.lock("k")).isNull();
    assertThat(store.records("k").get(START).isProtectedRollback()).isTrue();
    assertThat(store.fail(commit(START, AFTER_EXPIRY, "k")))
        .isInstanceOf(TxnError.TxnLockNotFound.class);
  }

  @Test
  void cleanupWaitsForExpiryWhenGivenTheTime() {
    store.succeed(put("k", "v", "k", START));

    assertThat(store.fail(new Cleanup(bytes("k"), START, BEFORE_EXPIRY)))
        .isInstanceOf(TxnError.KeyLocked.class);
    store.succeed(new Cleanup(bytes("k"), START, AFTER_EXPIRY));
    assertThat(store.records("k").get(START).type()).isEqualTo(WriteType.ROLLBACK);
    store.write("c", "v", START, START + 1);
    assertThat(store.fail(new Cleanup(bytes("c"), START, 0)))
        .isEqualTo(new TxnError.Committed(START, START + 1, bytes("c")));
  }

  @Test
  void aMissingPrimaryIsAnErrorOrARollbackAsAsked() {
    assertThat(store.fail(check("k").command()))
        .isEqualTo(new TxnError.TxnNotFound(START, bytes("k")));
    assertThat(store.succeed(check("k").rollbackIfNotExist().command()))
        .isEqualTo(new TxnStatus.LockNotExist());
    assertThat(store.fail(put("k", "v", "k", START))).isInstanceOf(TxnError.WriteConflict.class);
  }

  @Test
  void aMissingPrimaryProvesNothingWhileAPessimisticLockIsResolved() {
    Outcome<TxnStatus> outcome =
        store.evaluate(check("k").rollbackIfNotExist().resolvingPessimistic().command());

    assertThat(outcome.result())
        .isEqualTo(new TxnResult.Success<>(new TxnStatus.LockNotExistDoNothing()));
    assertThat(outcome.modifications()).isEmpty();
  }

  /** Rule 39: the lock of an asynchronous commit is shown, whatever its age. */
  @Test
  void anAsynchronousPrimaryIsNeitherRolledBackNorPushed() {
    storeLock("k", async());
    Outcome<TxnStatus> outcome =
        store.evaluate(check("k").caller(START + 9).current(AFTER_EXPIRY).command());

    assertThat(outcome.modifications()).isEmpty();
    assertThat(((TxnResult.Success<TxnStatus>) outcome.result()).value())
        .isInstanceOf(TxnStatus.Uncommitted.class);
    assertThat(store.succeed(check("k").current(AFTER_EXPIRY).forceSync().command()))
        .isEqualTo(new TxnStatus.TtlExpired());
  }

  /**
   * Rules 33 and 39: a secondary that was found missing stays so, whatever is rolled back later.
   */
  @Test
  void theFenceOfAMissingSecondaryOutlivesLaterRollbacks() {
    CheckSecondaryLocks.Found found =
        store.succeed(new CheckSecondaryLocks(List.of(bytes("s")), START));
    store.succeed(rollback(START + 5, "s"));
    store.succeed(rollback(START + 9, "s"));

    assertThat(found).isEqualTo(new CheckSecondaryLocks.Found(List.of(), 0));
    assertThat(store.records("s").get(START).isProtectedRollback()).isTrue();
    assertThat(store.fail(put("s", "late", "p", START))).isInstanceOf(TxnError.WriteConflict.class);
  }

  /** Rule 34: a lock that may commit at a computed timestamp remembers a protected rollback. */
  @Test
  void aProtectedRollbackIsRememberedByAForeignAsynchronousLock() {
    storeLock("k", async());
    store.succeed(new Cleanup(bytes("k"), START + 7, 0));

    assertThat(store.lock("k").rollbackTs()).containsExactly(START + 7);
    store.succeed(commit(START, START + 7, "k"));
    Write committed = store.records("k").get(START + 7);
    assertThat(committed.type()).isEqualTo(WriteType.PUT);
    assertThat(committed.overlappedRollback()).isTrue();
    assertThat(store.fail(put("k", "x", "k", START + 7)))
        .isInstanceOf(TxnError.WriteConflict.class);
  }

  /** Rule 44. */
  @Test
  void anExpiredPessimisticPrimaryIsRolledBackByWhatIsBeingResolved() {
    storeLock("k", pessimistic("k"));
    assertThat(store.succeed(check("k").current(AFTER_EXPIRY).resolvingPessimistic().command()))
        .isEqualTo(new TxnStatus.PessimisticallyRolledBack());
    assertThat(store.lock("k")).isNull();
    assertThat(store.records("k")).isEmpty();

    storeLock("k", pessimistic("k"));
    assertThat(store.succeed(check("k").current(AFTER_EXPIRY).command()))
        .isEqualTo(new TxnStatus.TtlExpired());
    assertThat(store.records("k").get(START).isProtectedRollback()).isTrue();
  }

  /** Rule 46. */
  @Test
  void aSecondaryAskedAsPrimaryAnswersWithTheRealOne() {
    store.succeed(prewrite("p", START, PrewriteMutation.put(bytes("s"), bytes("v"))));

    assertThat(store.fail(check("s").current(AFTER_EXPIRY).rollbackIfNotExist().command()))
        .isInstanceOfSatisfying(
            TxnError.PrimaryMismatch.class,
            mismatch -> assertThat(mismatch.locked().lock().primary()).isEqualTo(bytes("p")));
    assertThat(store.lock("s")).isNotNull();
  }

  /** Rule 46: a stale pessimistic lock from before the primary changed does not speak for it. */
  @Test
  void aStalePessimisticLockOnThePrimaryIsRemoved() {
    storeLock("k", pessimistic("other"));

    assertThat(store.fail(check("k").resolvingPessimistic().command()))
        .isInstanceOf(TxnError.PrimaryMismatch.class);
    assertThat(store.succeed(check("k").rollbackIfNotExist().command()))
        .isEqualTo(new TxnStatus.LockNotExist());
    assertThat(store.lock("k")).isNull();
  }

  @Test
  void anOptimisticPrewriteRefusesItsOwnPessimisticLockAndCommitDropsIt() {
    storeLock("k", pessimistic("k"));

    assertThat(store.fail(put("k", "v", "k", START)))
        .isEqualTo(new TxnError.LockTypeMismatch(START, bytes("k")));
    store.succeed(commit(START, START + 1, "k"));
    assertThat(store.records("k")).isEmpty();
    assertThat(store.lock("k")).isNull();
  }

  /** Rule 42: whoever asks has read at its own timestamps. */
  @Test
  void theTimestampsOfTheCallerAreObserved() {
    store.succeed(put("k", "v", "k", START));

    assertThat(
            store.evaluate(check("k").caller(START + 3).current(START + 2).command()).observedTs())
        .isEqualTo(START + 3);
    assertThat(
            store
                .evaluate(check("k").caller(Timestamps.MAX).current(Timestamps.MAX).command())
                .observedTs())
        .isEqualTo(START);
  }

  private void storeLock(String key, Lock lock) {
    store
        .engine()
        .write(
            new WriteBatch().put(ColumnFamily.LOCK, MvccKeys.encode(bytes(key)), lock.encode()),
            false);
  }

  private static Lock async() {
    return lock(LockType.PUT, "k", bytes("v"), true);
  }

  private static Lock pessimistic(String primary) {
    return lock(LockType.PESSIMISTIC, primary, null, false);
  }

  private static Lock lock(LockType type, String primary, Bytes value, boolean async) {
    return new Lock(
        type,
        bytes(primary),
        START,
        TestStore.TTL,
        value,
        type == LockType.PESSIMISTIC ? START : 0,
        1,
        START + 1,
        async,
        List.of(),
        List.of(),
        0,
        false,
        0,
        Bytes.EMPTY);
  }

  private static Check check(String primary) {
    return new Check(primary, 0, 0, false, false, false);
  }

  /** The many flags of the command, by name. */
  private record Check(
      String primary,
      long callerTs,
      long currentTs,
      boolean rollback,
      boolean forced,
      boolean pessimistic) {
    Check caller(long ts) {
      return new Check(primary, ts, currentTs, rollback, forced, pessimistic);
    }

    Check current(long ts) {
      return new Check(primary, callerTs, ts, rollback, forced, pessimistic);
    }

    Check rollbackIfNotExist() {
      return new Check(primary, callerTs, currentTs, true, forced, pessimistic);
    }

    Check forceSync() {
      return new Check(primary, callerTs, currentTs, rollback, true, pessimistic);
    }

    Check resolvingPessimistic() {
      return new Check(primary, callerTs, currentTs, rollback, forced, true);
    }

    CheckTxnStatus command() {
      return new CheckTxnStatus(
          bytes(primary), START, callerTs, currentTs, rollback, forced, pessimistic, true);
    }
  }
}
