package io.arrowraft.storage.txn;

import static io.arrowraft.storage.txn.TestStore.TTL;
import static io.arrowraft.storage.txn.TestStore.bytes;
import static io.arrowraft.storage.txn.TestStore.commit;
import static io.arrowraft.storage.txn.TestStore.keys;
import static io.arrowraft.storage.txn.TestStore.prewrite;
import static io.arrowraft.storage.txn.TestStore.rollback;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.memory.MemoryEngine;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.LockType;
import io.arrowraft.storage.mvcc.WriteType;
import io.arrowraft.storage.txn.AcquirePessimisticLocks.Acquired;
import io.arrowraft.storage.txn.AcquirePessimisticLocks.Key;
import io.arrowraft.storage.txn.AcquirePessimisticLocks.Reading;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/** Locks that are taken before the prewrite, and what becomes of them. */
class PessimisticRulesTest {
  private final TestStore store = new TestStore(new MemoryEngine());

  @Test
  void aLockIsTakenWithItsTimestampAndReadsWhatItGuards() {
    store.write("k", "old", 5, 6);
    List<Acquired> acquired =
        store.succeed(new Acquire("k", 10, 11).reading(Reading.VALUE).command());
    assertThat(acquired).containsExactly(new Acquired(true, bytes("old"), 0));
    Lock lock = store.lock("k");
    assertThat(lock.type()).isEqualTo(LockType.PESSIMISTIC);
    assertThat(lock.forUpdateTs()).isEqualTo(11);
    assertThat(store.value("k", 20)).as("readers pass it").isEqualTo("old");
  }

  @Test
  void keysAreLockedTogetherOrNotAtAll() {
    store.succeed(new Acquire("b", 5, 5).command());
    assertThat(store.fail(new Acquire("a,b", 10, 10).command()))
        .isInstanceOfSatisfying(
            TxnError.KeyLocked.class,
            met -> assertThat(met.locked().lock().startTs()).isEqualTo(5));
    assertThat(store.lock("a")).isNull();
  }

  @Test
  void aVersionTheStatementHasNotSeenAsksForAnotherTry() {
    store.write("k", "newer", 11, 12);
    assertThat(store.fail(new Acquire("k", 10, 11).command()))
        .isEqualTo(
            new TxnError.WriteConflict(
                10, 11, 12, bytes("k"), bytes("k"), TxnError.ConflictReason.PESSIMISTIC_RETRY));
    store.succeed(new Acquire("k", 10, 12).command());
  }

  @Test
  void aRollbackOfOthersIsNoNewVersion() {
    store.succeed(rollback(12, "k"));
    store.succeed(new Acquire("k", 10, 11).command());
  }

  @Test
  void aLockThroughConflictCarriesTheNewerTimestampAndValue() {
    store.write("k", "newer", 11, 12);
    assertThat(store.succeed(new Acquire("k", 10, 11).throughConflict().command()))
        .containsExactly(new Acquired(true, bytes("newer"), 12));
    assertThat(store.lock("k").forUpdateTs()).isEqualTo(12);
    assertThat(store.lock("k").lockedWithConflict()).isTrue();
    assertThat(store.succeed(new Acquire("k", 10, 11).throughConflict().command()))
        .as("repeated")
        .containsExactly(new Acquired(true, bytes("newer"), 12));
  }

  @Test
  void aRolledBackTransactionLocksNothingMore() {
    store.succeed(new Cleanup(bytes("k"), 10, 0));
    assertThat(store.fail(new Acquire("k", 10, 20).command()))
        .isEqualTo(new TxnError.PessimisticLockRolledBack(10, bytes("k")));
    store.write("k", "later", 15, 16);
    assertThat(store.fail(new Acquire("k", 10, 20).command()))
        .isEqualTo(new TxnError.PessimisticLockRolledBack(10, bytes("k")));
  }

  @Test
  void aKeyThatMustNotExistIsChecked() {
    store.write("k", "there", 5, 6);
    assertThat(store.fail(new Acquire("k", 10, 10).mustNotExist().command()))
        .isEqualTo(new TxnError.AlreadyExists(bytes("k"), 5));
    store.delete("k", 7, 8);
    assertThat(store.evaluate(new Acquire("k", 10, 10).mustNotExist().command()).observedTs())
        .as("finding nothing is a read, too (rule 42)")
        .isEqualTo(10);
  }

  @Test
  void aMissingKeyIsNotLockedIfOnlyExistingOnesShouldBe() {
    assertThat(store.succeed(new Acquire("k", 10, 10).onlyIfExists().command()))
        .containsExactly(new Acquired(false, null, 0));
    assertThat(store.lock("k")).isNull();
    assertThatThrownBy(
            () ->
                new AcquirePessimisticLocks(
                    List.of(), bytes("k"), 1, TTL, 1, 0, Reading.NOTHING, true, false))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aLaterStatementRaisesTheTimestampAndAnEarlierOneDoesNotLowerIt() {
    store.succeed(new Acquire("k", 10, 11).command());
    store.succeed(new Acquire("k", 10, 15).command());
    assertThat(store.lock("k").forUpdateTs()).isEqualTo(15);
    assertThat(store.evaluate(new Acquire("k", 10, 12).command()).modifications()).isEmpty();
  }

  @Test
  void rollbackLeavesLocksOfNewerAttemptsAndNoRecord() {
    store.succeed(new Acquire("k", 10, 15).command());
    store.succeed(new PessimisticRollback(keys("k"), 10, 12));
    assertThat(store.lock("k")).isNotNull();
    store.succeed(new PessimisticRollback(keys("k"), 10, 15));
    assertThat(store.lock("k")).isNull();
    assertThat(store.records("k")).isEmpty();
    store.succeed(new Acquire("k", 10, 16).command());
  }

  @Test
  void rollbackLeavesOtherTransactionsAndPrewrittenLocks() {
    store.succeed(prewrite("k", 10, PrewriteMutation.put(bytes("k"), bytes("v"))));
    store.succeed(new PessimisticRollback(keys("k"), 10, 99));
    store.succeed(new PessimisticRollback(keys("k"), 11, 99));
    assertThat(store.lock("k").type()).isEqualTo(LockType.PUT);
  }

  @Test
  void thePrewriteTurnsTheLockIntoItsOwnAndKeepsWhatOthersHaveRaised() {
    store.write("k", "before", 5, 12);
    store.succeed(new Acquire("k", 10, 13).command());
    store.succeed(new TxnHeartBeat(bytes("k"), 10, 60_000));
    store.succeed(put("k", PessimisticGuard.LOCK, 10, 13));
    Lock lock = store.lock("k");
    assertThat(lock.type()).isEqualTo(LockType.PUT);
    assertThat(lock.ttlMillis()).isEqualTo(60_000);
    assertThat(lock.forUpdateTs()).isEqualTo(13);
    store.succeed(commit(10, 20, "k"));
    assertThat(store.value("k", 20)).isEqualTo("v");
    assertThat(store.value("k", 19)).isEqualTo("before");
  }

  /** Rule 43. */
  @Test
  void aLostLockIsAmendedOnlyIfNothingWasCommittedSinceTheStart() {
    store.write("a", "before", 5, 6);
    store.succeed(put("a", PessimisticGuard.LOCK, 10, 20));
    store.write("b", "meanwhile", 11, 12);
    assertThat(store.fail(put("b", PessimisticGuard.LOCK, 10, 20)))
        .isEqualTo(lost("b", TxnError.MissingLock.CHANGED));
    store.succeed(new Cleanup(bytes("c"), 10, 0));
    assertThat(store.fail(put("c", PessimisticGuard.LOCK, 10, 20)))
        .as("its own rollback")
        .isEqualTo(lost("c", TxnError.MissingLock.CHANGED));
  }

  @Test
  void aForeignLockInPlaceOfTheOwnEndsTheTransaction() {
    store.succeed(new Acquire("k", 15, 15).command());
    assertThat(store.fail(put("k", PessimisticGuard.LOCK, 10, 12)))
        .isEqualTo(lost("k", TxnError.MissingLock.FOREIGN_LOCK));
  }

  @Test
  void aLockTakenAgainByALateRepetitionIsNotTheOneThatWasMeant() {
    store.write("k", "newer", 11, 14);
    store.succeed(new Acquire("k", 10, 12).throughConflict().command());
    assertThat(store.fail(put("k", PessimisticGuard.LOCK.takenAt(12), 10, 12)))
        .isEqualTo(lost("k", TxnError.MissingLock.TAKEN_AGAIN));
    store.succeed(put("k", PessimisticGuard.LOCK.takenAt(14), 10, 14));
  }

  @Test
  void aKeyGuardedByAnotherMayHaveChangedUntilThatOneWasLocked() {
    store.write("index", "x", 11, 12);
    store.succeed(put("index", PessimisticGuard.NONE, 10, 12));
    store.write("other", "x", 11, 14);
    assertThat(store.fail(put("other", PessimisticGuard.NONE, 10, 12)))
        .isEqualTo(lost("other", TxnError.MissingLock.GUARDED_KEY_CHANGED));
  }

  @Test
  void aDeferredCheckIsThatOfAnOptimisticTransaction() {
    store.write("k", "x", 11, 12);
    assertThat(store.fail(put("k", PessimisticGuard.DEFERRED, 10, 20)))
        .isEqualTo(
            new TxnError.WriteConflict(
                10, 11, 12, bytes("k"), bytes("k"), TxnError.ConflictReason.DEFERRED_CHECK));
  }

  /** Rule 30, for keys with a lock of their own and for others. */
  @Test
  void aPrewriteRepeatedAfterItsCommitSucceedsWithoutLockingAgain() {
    for (PessimisticGuard guard :
        List.of(PessimisticGuard.LOCK, PessimisticGuard.NONE, PessimisticGuard.DEFERRED)) {
      String key = "k-" + guard.kind();
      store.succeed(new Acquire(key, 10, 11).command());
      store.succeed(put(key, guard, 10, 11));
      store.succeed(commit(10, 20, key));
      assertThat(store.evaluate(put(key, guard, 10, 11)).modifications()).as(key).isEmpty();
      store.succeed(put(key, guard, 10, 11));
      store.succeed(new Acquire(key, 30, 30).command());
      store.succeed(put(key, guard, 10, 11));
    }
  }

  @Test
  void aOnePhaseCommitTakesThePessimisticLockWithIt() {
    store.succeed(new Acquire("k", 10, 15).command());
    Prewrite plain = put("k", PessimisticGuard.LOCK, 10, 15);
    Prewrite wish =
        new Prewrite(
            plain.mutations(),
            plain.primary(),
            10,
            TTL,
            1,
            11,
            false,
            Prewrite.AssertionLevel.OFF,
            new CommitWish(true, false, List.of(), 0),
            15);
    Outcome<Prewrite.Result> outcome =
        store.read(reader -> wish.evaluate(reader, new NobodyReads()));
    store.engine().write(Modification.batchOf(outcome.modifications()), false);
    assertThat(store.lock("k")).isNull();
    assertThat(store.count(ColumnFamily.LOCK)).isZero();
    assertThat(store.records("k").lastEntry().getValue().type()).isEqualTo(WriteType.PUT);
    assertThat(store.records("k").lastKey()).as("after the lock's timestamp").isGreaterThan(15);
  }

  @Test
  void anOptimisticLockOfTheSameTransactionIsAMistakeOfTheClient() {
    store.succeed(prewrite("k", 10, PrewriteMutation.put(bytes("k"), bytes("v"))));
    assertThat(store.fail(new Acquire("k", 10, 11).command()))
        .isEqualTo(new TxnError.LockTypeMismatch(10, bytes("k")));
  }

  private static TxnError lost(String key, TxnError.MissingLock reason) {
    return new TxnError.PessimisticLockNotFound(10, bytes(key), reason);
  }

  private static Prewrite put(String key, PessimisticGuard guard, long startTs, long forUpdateTs) {
    return prewrite(key, startTs, PrewriteMutation.put(bytes(key), bytes("v")).guardedBy(guard))
        .pessimistic(forUpdateTs);
  }

  /** Early locks of a store without readers. */
  private static final class NobodyReads implements EarlyLocks {
    @Override
    public Lock hold(Bytes key, LongFunction<Lock> lock) {
      return lock.apply(0);
    }

    @Override
    public void release() {
      // Nothing is kept.
    }
  }

  /** A request, with what most tests leave at its default. */
  private record Acquire(
      String names,
      long startTs,
      long forUpdateTs,
      Reading reads,
      boolean isNew,
      boolean existing,
      boolean through) {
    Acquire(String names, long startTs, long forUpdateTs) {
      this(names, startTs, forUpdateTs, Reading.NOTHING, false, false, false);
    }

    Acquire reading(Reading reading) {
      return new Acquire(names, startTs, forUpdateTs, reading, isNew, existing, through);
    }

    Acquire mustNotExist() {
      return new Acquire(names, startTs, forUpdateTs, reads, true, existing, through);
    }

    Acquire onlyIfExists() {
      return new Acquire(names, startTs, forUpdateTs, Reading.VALUE, isNew, true, through);
    }

    Acquire throughConflict() {
      return new Acquire(names, startTs, forUpdateTs, reads, isNew, existing, true);
    }

    AcquirePessimisticLocks command() {
      List<Key> wanted =
          Arrays.stream(names.split(",")).map(name -> new Key(bytes(name), isNew)).toList();
      return new AcquirePessimisticLocks(
          wanted, wanted.get(0).key(), startTs, TTL, forUpdateTs, 0, reads, existing, through);
    }
  }
}
