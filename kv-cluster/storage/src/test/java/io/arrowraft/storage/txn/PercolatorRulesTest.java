package io.arrowraft.storage.txn;

import static io.arrowraft.storage.txn.TestStore.bytes;
import static io.arrowraft.storage.txn.TestStore.commit;
import static io.arrowraft.storage.txn.TestStore.keys;
import static io.arrowraft.storage.txn.TestStore.prewrite;
import static io.arrowraft.storage.txn.TestStore.put;
import static io.arrowraft.storage.txn.TestStore.rollback;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.memory.MemoryEngine;
import io.arrowraft.storage.mvcc.EncodedRange;
import io.arrowraft.storage.mvcc.Timestamps;
import io.arrowraft.storage.mvcc.Write;
import io.arrowraft.storage.mvcc.WriteType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** One or more tests per rule of the correctness checklist; the rule's number is in the Javadoc. */
class PercolatorRulesTest {
  private final TestStore store = new TestStore(new MemoryEngine());

  @Test
  void aCommittedTransactionIsVisibleWholeAndLeavesNoLock() {
    store.succeed(
        prewrite(
            "a",
            10,
            PrewriteMutation.put(bytes("a"), bytes("1")),
            PrewriteMutation.put(bytes("b"), bytes("x".repeat(300)))));
    store.succeed(commit(10, 20, "a"));
    store.succeed(commit(10, 20, "b"));

    assertThat(store.value("a", 20)).isEqualTo("1");
    assertThat(store.value("b", 20)).hasSize(300);
    assertThat(store.count(ColumnFamily.LOCK)).isZero();
  }

  /** Rule 29. */
  @Test
  void prewriteFailsOnAnyNewerCommit() {
    store.write("k", "v", 30, 40);

    assertThat(store.fail(put("k", "w", "p", 20)))
        .isEqualTo(
            new TxnError.WriteConflict(
                20, 30, 40, bytes("k"), bytes("p"), TxnError.ConflictReason.OPTIMISTIC));
    store.succeed(put("k", "w", "p", 40));
  }

  /** Rule 29: a LOCK record is a commit too, or write skew guards would not guard. */
  @Test
  void prewriteFailsOnANewerLockRecord() {
    store.succeed(prewrite("k", 30, PrewriteMutation.lock(bytes("k"))));
    store.succeed(commit(30, 40, "k"));

    assertThat(store.fail(put("k", "w", "p", 20))).isInstanceOf(TxnError.WriteConflict.class);
  }

  /** Rule 29: rollbacks of others are no conflict, and what lies below them still is checked. */
  @Test
  void prewritePassesOverNewerRollbacksOfOthers() {
    store.succeed(rollback(30, "k"));
    store.succeed(put("k", "v", "k", 20));
    store.succeed(commit(20, 25, "k"));
    store.succeed(rollback(50, "k"));

    assertThat(store.fail(put("k", "w", "p", 22))).isInstanceOf(TxnError.WriteConflict.class);
  }

  /** Rule 29. */
  @Test
  void prewriteFailsOnItsOwnRollback() {
    store.succeed(rollback(20, "k"));

    assertThat(store.fail(put("k", "w", "p", 20)))
        .isEqualTo(
            new TxnError.WriteConflict(
                20, 20, 20, bytes("k"), bytes("p"), TxnError.ConflictReason.SELF_ROLLED_BACK));
  }

  /** Rule 29: a newer rollback on top must not hide the protected one of this transaction. */
  @Test
  void prewriteFindsItsOwnRollbackBelowANewerOne() {
    store.succeed(new Cleanup(bytes("k"), 20, 0));
    store.succeed(rollback(30, "k"));

    assertThat(store.fail(put("k", "w", "k", 20)))
        .isInstanceOfSatisfying(
            TxnError.WriteConflict.class,
            conflict ->
                assertThat(conflict.reason()).isEqualTo(TxnError.ConflictReason.SELF_ROLLED_BACK));
  }

  /** Rule 29: all locks in the way are reported at once, and nothing is locked. */
  @Test
  void prewriteReportsEveryForeignLockAndLocksNothing() {
    store.succeed(
        prewrite(
            "a",
            10,
            PrewriteMutation.put(bytes("a"), bytes("1")),
            PrewriteMutation.put(bytes("c"), bytes("1"))));
    Outcome<Prewrite.Result> outcome =
        store.evaluate(
            prewrite(
                "b",
                20,
                PrewriteMutation.put(bytes("a"), bytes("2")),
                PrewriteMutation.put(bytes("b"), bytes("2")),
                PrewriteMutation.put(bytes("c"), bytes("2"))));

    assertThat(outcome.modifications()).isEmpty();
    assertThat(((TxnResult.Failure<Prewrite.Result>) outcome.result()).errors())
        .hasSize(2)
        .allSatisfy(error -> assertThat(error).isInstanceOf(TxnError.KeyLocked.class));
  }

  /** Rule 30. */
  @Test
  void aRepeatedPrewriteSucceedsWithoutChange() {
    store.succeed(put("k", "v", "k", 10));
    Outcome<Prewrite.Result> again = store.evaluate(put("k", "other", "k", 10));

    assertThat(again.result()).isInstanceOf(TxnResult.Success.class);
    assertThat(again.modifications()).isEmpty();
  }

  /** Rule 30. */
  @Test
  void aPrewriteRepeatedAfterItsCommitSucceedsWithoutLockingAgain() {
    store.write("k", "v", 10, 20);
    Outcome<Prewrite.Result> again = store.evaluate(put("k", "v", "k", 10));

    assertThat(again.result()).isInstanceOf(TxnResult.Success.class);
    assertThat(again.modifications()).isEmpty();
  }

  /** Rule 30: also when someone else has locked, or written, the key meanwhile. */
  @Test
  void aPrewriteRepeatedAfterItsCommitSucceedsUnderAForeignLock() {
    store.write("k", "v", 10, 20);
    store.succeed(put("k", "w", "k", 30));

    assertThat(store.evaluate(put("k", "v", "k", 10)).modifications()).isEmpty();
    store.succeed(put("k", "v", "k", 10));
    store.succeed(commit(30, 40, "k"));
    store.succeed(put("k", "v", "k", 10));
    assertThat(store.lock("k")).isNull();
  }

  /** Rule 31. */
  @Test
  void commitWithoutLockLooksForItsRecord() {
    store.write("k", "v", 10, 20);
    store.succeed(rollback(30, "k"));

    store.succeed(commit(10, 20, "k"));
    assertThat(store.fail(commit(30, 40, "k")))
        .isEqualTo(new TxnError.TxnLockNotFound(bytes("k"), 30, 40));
    assertThat(store.fail(commit(50, 60, "k")))
        .isEqualTo(new TxnError.TxnLockNotFound(bytes("k"), 50, 60));
  }

  /** Rule 31: a foreign lock is as good as none, and stays. */
  @Test
  void commitDoesNotTouchAForeignLock() {
    store.succeed(put("k", "v", "k", 10));

    assertThat(store.fail(commit(5, 20, "k"))).isInstanceOf(TxnError.TxnLockNotFound.class);
    assertThat(store.lock("k").startTs()).isEqualTo(10);
  }

  /** Rule 31: the time to live is a right of others to act, not a limit for the owner. */
  @Test
  void commitAfterExpiryIsLegalWhileTheLockIsThere() {
    store.succeed(put("k", "v", "k", 10));
    long muchLater = Timestamps.of(1_000_000, 0);

    store.succeed(commit(10, muchLater, "k"));
    assertThat(store.value("k", muchLater)).isEqualTo("v");
  }

  @Test
  void commitIsAllOrNothing() {
    store.succeed(put("a", "1", "a", 10));
    Outcome<Done> outcome = store.evaluate(commit(10, 20, "a", "b"));

    assertThat(outcome.result()).isInstanceOf(TxnResult.Failure.class);
    assertThat(outcome.modifications()).isEmpty();
  }

  @Test
  void commitMustComeAfterItsStart() {
    store.succeed(put("a", "1", "a", 10));

    assertThat(store.fail(commit(10, 10, "a"))).isEqualTo(new TxnError.InvalidCommitTs(10, 10));
  }

  /** Rule 32. */
  @Test
  void commitBelowThePushedMinimumIsRefused() {
    store.succeed(put("k", "v", "k", 10));
    TxnStatus status = store.succeed(check("k", 10, 50, 0, true));

    assertThat(status)
        .isInstanceOfSatisfying(
            TxnStatus.Uncommitted.class,
            uncommitted -> {
              assertThat(uncommitted.minCommitTsPushed()).isTrue();
              assertThat(uncommitted.primary().lock().minCommitTs()).isEqualTo(51);
            });
    assertThat(store.fail(commit(10, 50, "k")))
        .isEqualTo(new TxnError.CommitTsExpired(10, 50, bytes("k"), 51));
    store.succeed(commit(10, 51, "k"));
  }

  /** Rule 33. */
  @Test
  void onlyTheNewestUnprotectedRollbackIsKept() {
    for (long ts = 10; ts <= 50; ts += 10) {
      store.succeed(rollback(ts, "k"));
    }
    assertThat(store.records("k")).containsOnlyKeys(50L);
  }

  /** Rule 33. */
  @Test
  void rollbacksOfPrimariesAndCleanupsAreProtectedFromCollapse() {
    store.succeed(put("k", "v", "k", 10));
    store.succeed(rollback(10, "k"));
    store.succeed(new Cleanup(bytes("k"), 20, 0));
    store.succeed(check("k", 30, 0, 0, true));
    store.succeed(rollback(40, "k"));
    store.succeed(rollback(50, "k"));

    assertThat(store.records("k")).containsOnlyKeys(10L, 20L, 30L, 50L);
    assertThat(store.records("k").headMap(40L).values()).allMatch(Write::isProtectedRollback);
    for (long ts : new long[] {10, 20, 30}) {
      assertThat(store.fail(put("k", "v", "k", ts))).isInstanceOf(TxnError.WriteConflict.class);
    }
  }

  /** Rule 33: rolling back a secondary's lock collapses what is below it. */
  @Test
  void rollingBackASecondaryLockCollapsesTheOneBefore() {
    store.succeed(rollback(10, "s"));
    store.succeed(put("s", "v", "p", 20));
    store.succeed(rollback(20, "s"));

    assertThat(store.records("s")).containsOnlyKeys(20L);
    assertThat(store.records("s").get(20L).isProtectedRollback()).isFalse();
  }

  @Test
  void rollbackRemovesTheLongValueWithItsLock() {
    store.succeed(put("k", "x".repeat(400), "k", 10));
    store.succeed(rollback(10, "k"));

    assertThat(store.count(ColumnFamily.DEFAULT)).isZero();
    assertThat(store.count(ColumnFamily.LOCK)).isZero();
  }

  @Test
  void rollbackMayBeRepeatedButNotAfterACommit() {
    store.succeed(rollback(10, "k"));
    assertThat(store.evaluate(rollback(10, "k")).modifications()).isEmpty();
    store.write("c", "v", 10, 20);

    assertThat(store.fail(rollback(10, "c"))).isEqualTo(new TxnError.Committed(10, 20, bytes("c")));
  }

  /** Rule 34. */
  @Test
  void aProtectedRollbackAtAnothersCommitTimestampMarksTheOverlap() {
    store.write("k", "v1", 10, 20);
    store.write("k", "v2", 30, 40);
    store.succeed(new Cleanup(bytes("k"), 20, 0));

    Write marked = store.records("k").get(20L);
    assertThat(marked.type()).isEqualTo(WriteType.PUT);
    assertThat(marked.startTs()).isEqualTo(10);
    assertThat(marked.overlappedRollback()).isTrue();
    assertThat(marked.gcFence()).isEqualTo(OptionalLong.of(40));
    assertThat(store.value("k", 20)).isEqualTo("v1");
    assertThat(store.value("k", 40)).isEqualTo("v2");
    assertThat(store.succeed(check("k", 20, 0, 0, true))).isEqualTo(new TxnStatus.RolledBack());
  }

  /** Rule 34: the transaction whose rollback is only a mark must not come back. */
  @Test
  void aPrewriteFindsItsOverlappedRollback() {
    store.write("k", "v1", 10, 20);
    store.succeed(new Cleanup(bytes("k"), 20, 0));

    assertThat(store.records("k").get(20L).gcFence()).isEqualTo(OptionalLong.of(0));
    assertThat(store.fail(put("k", "w", "k", 20)))
        .isInstanceOfSatisfying(
            TxnError.WriteConflict.class,
            conflict ->
                assertThat(conflict.reason()).isEqualTo(TxnError.ConflictReason.SELF_ROLLED_BACK));
    assertThat(store.value("k", 30)).isEqualTo("v1");
  }

  /** Rule 34: an unprotected rollback gives way to the commit, whose record must not change. */
  @Test
  void anUnprotectedRollbackLeavesTheOverlappingCommitAlone() {
    store.write("k", "v1", 10, 20);
    store.succeed(rollback(20, "k"));

    assertThat(store.records("k").get(20L).overlappedRollback()).isFalse();
    assertThat(store.value("k", 20)).isEqualTo("v1");
  }

  /** Rule 42. */
  @Test
  void insertAndCheckNotExistsReportTheTimestampTheyReadAt() {
    assertThat(
            store
                .evaluate(prewrite("k", 10, PrewriteMutation.insert(bytes("k"), bytes("v"))))
                .observedTs())
        .isEqualTo(10);
    assertThat(
            store
                .evaluate(prewrite("k", 10, PrewriteMutation.checkNotExists(bytes("k"))))
                .observedTs())
        .isEqualTo(10);
    assertThat(store.evaluate(put("k", "v", "k", 10)).observedTs()).isZero();
  }

  @Test
  void insertFailsOnlyIfTheKeyHasAValue() {
    store.write("k", "v", 10, 20);
    store.succeed(prewrite("k", 25, PrewriteMutation.lock(bytes("k"))));
    store.succeed(commit(25, 26, "k"));
    PrewriteMutation insert = PrewriteMutation.insert(bytes("k"), bytes("w"));

    assertThat(store.fail(prewrite("k", 30, insert)))
        .isEqualTo(new TxnError.AlreadyExists(bytes("k"), 10));
    assertThat(store.fail(prewrite("k", 30, PrewriteMutation.checkNotExists(bytes("k")))))
        .isEqualTo(new TxnError.AlreadyExists(bytes("k"), 10));
    store.delete("k", 40, 50);
    assertThat(
            store
                .evaluate(prewrite("k", 60, PrewriteMutation.checkNotExists(bytes("k"))))
                .modifications())
        .isEmpty();
    store.succeed(prewrite("k", 60, insert));
    store.succeed(commit(60, 70, "k"));
    assertThat(store.value("k", 70)).isEqualTo("w");
  }

  @Test
  void assertionsAreCheckedAgainstTheNewestData() {
    store.write("there", "v", 10, 20);
    PrewriteMutation there =
        PrewriteMutation.put(bytes("there"), bytes("w")).asserting(Prewrite.Assertion.NOT_EXISTS);
    PrewriteMutation gone =
        PrewriteMutation.put(bytes("gone"), bytes("w")).asserting(Prewrite.Assertion.EXISTS);

    assertThat(store.fail(prewrite("p", 30, there)))
        .isEqualTo(
            new TxnError.AssertionFailed(
                30, bytes("there"), Prewrite.Assertion.NOT_EXISTS, 10, 20));
    assertThat(store.fail(prewrite("p", 30, gone)))
        .isEqualTo(
            new TxnError.AssertionFailed(30, bytes("gone"), Prewrite.Assertion.EXISTS, 0, 0));
    store.succeed(
        prewrite(
            "p",
            30,
            there.asserting(Prewrite.Assertion.EXISTS),
            gone.asserting(Prewrite.Assertion.NOT_EXISTS)));
  }

  @Test
  void skippedConstraintChecksStillHonourStrictAssertionsAndNameTheConflict() {
    store.write("k", "v", 40, 50);
    PrewriteMutation mutation =
        PrewriteMutation.put(bytes("k"), bytes("w")).asserting(Prewrite.Assertion.NOT_EXISTS);
    Prewrite strict =
        new Prewrite(
            List.of(mutation), bytes("k"), 30, 3_000, 1, 31, true, Prewrite.AssertionLevel.STRICT);

    assertThat(store.fail(strict)).isInstanceOf(TxnError.WriteConflict.class);
  }

  @Test
  void heartBeatsOnlyRaiseTheTimeToLive() {
    store.succeed(put("k", "v", "k", 10));

    assertThat(store.succeed(new TxnHeartBeat(bytes("k"), 10, 9_000))).isEqualTo(9_000);
    assertThat(store.succeed(new TxnHeartBeat(bytes("k"), 10, 1))).isEqualTo(9_000);
    assertThat(store.lock("k").ttlMillis()).isEqualTo(9_000);
    assertThat(store.fail(new TxnHeartBeat(bytes("k"), 11, 1)))
        .isEqualTo(new TxnError.TxnNotFound(11, bytes("k")));
  }

  @Test
  void resolvingARangeSettlesEachLockByTheFateOfItsTransaction() {
    store.succeed(put("a", "1", "p", 10));
    store.succeed(put("b", "2", "p", 20));
    store.succeed(put("c", "3", "p", 30));
    ScanLocks scan = ScanLocks.of(Set.of(10L, 20L), EncodedRange.ALL, 1);
    ScanLocks.Page first = store.read(scan::run);
    assertThat(first.locks()).extracting(locked -> locked.key()).containsExactly(bytes("a"));
    ScanLocks.Page second =
        store.read(new ScanLocks(first.rest().orElseThrow(), scan.wanted(), 10)::run);
    assertThat(second.locks()).extracting(locked -> locked.key()).containsExactly(bytes("b"));
    assertThat(second.rest()).isEmpty();

    store.succeed(new ResolveLocks(keys("a", "b", "c", "d"), Map.of(10L, 15L, 20L, 0L)));

    assertThat(store.value("a", 15)).isEqualTo("1");
    assertThat(store.lock("b")).isNull();
    assertThat(store.records("b").get(20L).type()).isEqualTo(WriteType.ROLLBACK);
    assertThat(store.lock("c").startTs()).isEqualTo(30);
    assertThat(store.read(ScanLocks.upTo(29, EncodedRange.ALL, 9)::run).locks()).isEmpty();
  }

  @Test
  void resolvingKeysCommitsOrRollsBack() {
    store.succeed(put("a", "1", "p", 10));
    store.succeed(put("b", "2", "p", 20));

    store.succeed(new ResolveLockKeys(keys("a"), 10, 12));
    store.succeed(new ResolveLockKeys(keys("b"), 20, 0));
    store.succeed(new ResolveLockKeys(keys("a"), 10, 12));
    store.succeed(new ResolveLockKeys(keys("b"), 20, 0));

    assertThat(store.value("a", 12)).isEqualTo("1");
    assertThat(store.value("b", 30)).isNull();
  }

  @Test
  void latchesAreSortedAndDistinct() {
    assertThat(commit(1, 2, "b", "a", "b").latchKeys()).isEqualTo(keys("a", "b"));
  }

  @Test
  void everyKindOfCommandIsCoveredHereOrInATestOfItsOwn() {
    assertThat(Arrays.stream(Command.class.getPermittedSubclasses()).map(Class::getSimpleName))
        .containsExactlyInAnyOrder(
            "Prewrite",
            "AcquirePessimisticLocks",
            "PessimisticRollback",
            "Commit",
            "Cleanup",
            "Rollback",
            "CheckTxnStatus",
            "ResolveLocks",
            "ResolveLockKeys",
            "CheckSecondaryLocks",
            "TxnHeartBeat");
  }

  private static CheckTxnStatus check(
      String primary, long lockTs, long callerTs, long currentTs, boolean rollbackIfNotExist) {
    return new CheckTxnStatus(
        bytes(primary), lockTs, callerTs, currentTs, rollbackIfNotExist, false, false, true);
  }
}
