package io.arrowraft.server.service;

import static io.arrowraft.server.fakes.TikvFixture.context;
import static io.arrowraft.server.fakes.TikvFixture.put;
import static io.arrowraft.server.fakes.TikvFixture.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.arrowraft.proto.kvrpcpb.Assertion;
import io.arrowraft.proto.kvrpcpb.BatchRollbackRequest;
import io.arrowraft.proto.kvrpcpb.CommitRequest;
import io.arrowraft.proto.kvrpcpb.Deadlock;
import io.arrowraft.proto.kvrpcpb.GetLockWaitInfoRequest;
import io.arrowraft.proto.kvrpcpb.KeyError;
import io.arrowraft.proto.kvrpcpb.Mutation;
import io.arrowraft.proto.kvrpcpb.Op;
import io.arrowraft.proto.kvrpcpb.PessimisticLockRequest;
import io.arrowraft.proto.kvrpcpb.PessimisticLockResponse;
import io.arrowraft.proto.kvrpcpb.PessimisticLockWakeUpMode;
import io.arrowraft.proto.kvrpcpb.PessimisticRollbackRequest;
import io.arrowraft.proto.kvrpcpb.PrewriteRequest.PessimisticAction;
import io.arrowraft.proto.kvrpcpb.WriteConflict;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.server.fakes.TestCall;
import io.arrowraft.server.fakes.TikvFixture;
import io.arrowraft.server.region.RegionEvent;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pessimistic transactions as clients see them: locks, waits, deadlocks. */
class PessimisticRequestsTest {
  private final TikvFixture store = new TikvFixture();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void aTransactionLocksReadsAndCommits() {
    write("k", "old", 5, 6);
    PessimisticLockResponse locked =
        store.call(
            TikvGrpc.getKvPessimisticLockMethod(), lock(10, 11, "k").setReturnValues(true).build());
    assertThat(locked.getErrorsList()).isEmpty();
    assertThat(locked.getValuesList()).containsExactly(utf8("old"));
    assertThat(locked.getNotFoundsList()).containsExactly(false);
    prewriteAndCommit("k", "new", 10, 11, 20);
    assertThat(store.get("k", 20).getValue()).isEqualTo(utf8("new"));
  }

  @Test
  void existenceAloneIsToldWithoutValues() {
    PessimisticLockResponse locked =
        store.call(
            TikvGrpc.getKvPessimisticLockMethod(),
            lock(10, 10, "k").setCheckExistence(true).build());
    assertThat(locked.getNotFoundsList()).containsExactly(true);
    assertThat(locked.getValuesList()).isEmpty();
  }

  @Test
  void aNewerVersionIsAConflictOrIsToldUnderForce() {
    write("k", "newer", 14, 15);
    WriteConflict conflict = only(lockNow(lock(10, 11, "k"))).getConflict();
    assertThat(conflict.getReason()).isEqualTo(WriteConflict.Reason.PessimisticRetry);
    assertThat(conflict.getConflictCommitTs()).isEqualTo(15);
    PessimisticLockResponse forced =
        lockNow(lock(10, 11, "k").setWakeUpMode(PessimisticLockWakeUpMode.WakeUpModeForceLock));
    assertThat(forced.getResults(0).getLockedWithConflictTs()).isEqualTo(15);
    assertThat(forced.getResults(0).getValue()).isEqualTo(utf8("newer"));
  }

  @Test
  void aKeyThatMustBeNewIsChecked() {
    write("k", "there", 5, 6);
    PessimisticLockRequest.Builder insert = lock(10, 11, "k");
    insert.getMutationsBuilder(0).setAssertion(Assertion.NotExist);
    assertThat(only(lockNow(insert)).hasAlreadyExist()).isTrue();
  }

  @Test
  void aWaiterGoesOnWhenTheLockIsGivenUp() {
    lockNow(lock(5, 5, "k"));
    CompletableFuture<PessimisticLockResponse> waiting = start(lock(10, 10, "k"));
    awaitWaiters(1);
    assertThat(waiting).isNotDone();
    store.call(
        TikvGrpc.getKVPessimisticRollbackMethod(),
        PessimisticRollbackRequest.newBuilder()
            .setContext(context())
            .setStartVersion(5)
            .setForUpdateTs(5)
            .addKeys(utf8("k"))
            .build());
    assertThat(waiting.orTimeout(20, TimeUnit.SECONDS).join().getErrorsList()).isEmpty();
  }

  @Test
  void aWaiterLearnsOfTheVersionThatWasCommittedMeanwhile() {
    lockNow(lock(5, 5, "k"));
    CompletableFuture<PessimisticLockResponse> waiting = start(lock(10, 10, "k"));
    awaitWaiters(1);
    prewriteAndCommit("k", "v", 5, 5, 12);
    assertThat(only(waiting.orTimeout(20, TimeUnit.SECONDS).join()).getConflict().getReason())
        .isEqualTo(WriteConflict.Reason.PessimisticRetry);
  }

  @Test
  void theOldestWaiterGoesFirstAndTheNextWhenItIsDone() {
    lockNow(lock(5, 5, "k"));
    CompletableFuture<PessimisticLockResponse> younger = start(lock(20, 20, "k"));
    awaitWaiters(1);
    CompletableFuture<PessimisticLockResponse> older = start(lock(10, 10, "k"));
    awaitWaiters(2);
    rollback(5, "k");
    assertThat(older.orTimeout(20, TimeUnit.SECONDS).join().getErrorsList()).isEmpty();
    awaitWaiters(1);
    assertThat(younger).isNotDone();
    rollback(10, "k");
    assertThat(younger.orTimeout(20, TimeUnit.SECONDS).join().getErrorsList()).isEmpty();
  }

  @Test
  void aWaitThatIsTooLongNamesTheLock() {
    lockNow(lock(5, 5, "k"));
    assertThat(only(lockNow(lock(10, 10, "k").setWaitTimeout(20))).getLocked().getLockVersion())
        .isEqualTo(5);
    assertThat(only(lockNow(lock(10, 10, "k").setWaitTimeout(-1))).hasLocked()).isTrue();
  }

  @Test
  void twoWhoWaitForEachOtherAreToldApartWithTheWholeChain() {
    lockNow(lock(5, 5, "a"));
    lockNow(lock(10, 10, "b"));
    CompletableFuture<PessimisticLockResponse> first = start(lock(5, 6, "b"));
    awaitWaiters(1);
    Deadlock deadlock = only(lockNow(lock(10, 11, "a").setWaitTimeout(60_000))).getDeadlock();
    assertThat(deadlock.getLockTs()).isEqualTo(5);
    assertThat(deadlock.getLockKey()).isEqualTo(utf8("a"));
    assertThat(deadlock.getDeadlockKey()).isEqualTo(utf8("b"));
    assertThat(deadlock.getWaitChainList()).extracting("txn").containsExactly(10L, 5L);
    rollback(10, "b");
    assertThat(first.orTimeout(20, TimeUnit.SECONDS).join().getErrorsList()).isEmpty();
  }

  /** A waiter's edge follows the lock: the second waiter comes to wait for the first one. */
  @Test
  void aCircleThatClosesWhenTheLockChangesHandsIsFound() {
    lockNow(lock(5, 5, "k"));
    lockNow(lock(20, 20, "other"));
    CompletableFuture<PessimisticLockResponse> first = start(lock(10, 10, "k"));
    awaitWaiters(1);
    CompletableFuture<PessimisticLockResponse> second = start(lock(20, 21, "k"));
    awaitWaiters(2);
    rollback(5, "k");
    assertThat(first.orTimeout(20, TimeUnit.SECONDS).join().getErrorsList()).isEmpty();
    assertThat(only(lockNow(lock(10, 12, "other"))).hasDeadlock()).isTrue();
    assertThat(second).isNotDone();
  }

  @Test
  void waitersLeaveARegionThatIsNoLongerLedHere() {
    lockNow(lock(5, 5, "k"));
    CompletableFuture<PessimisticLockResponse> waiting =
        start(lock(10, 10, "k").setWaitTimeout(60_000));
    awaitWaiters(1);
    store.regions().observers().publish(new RegionEvent.LeaderLost(1, 1));
    awaitWaiters(1); // the fixture still leads it, so the waiter has met the lock again
    rollback(5, "k");
    assertThat(waiting.orTimeout(20, TimeUnit.SECONDS).join().getErrorsList()).isEmpty();
  }

  @Test
  void aRequestThatContradictsItselfIsRefused() {
    assertThat(
            only(lockNow(
                    lock(10, 10, "a", "b")
                        .setWakeUpMode(PessimisticLockWakeUpMode.WakeUpModeForceLock)))
                .getAbort())
        .contains("one key");
    assertThat(only(lockNow(lock(10, 0, "a"))).getAbort()).contains("for_update_ts");
    assertThat(only(lockNow(lock(10, 10, "a").setLockOnlyIfExists(true))).getAbort())
        .contains("return_values");
  }

  private static KeyError only(PessimisticLockResponse response) {
    assertThat(response.getErrorsList()).hasSize(1);
    return response.getErrors(0);
  }

  private PessimisticLockResponse lockNow(PessimisticLockRequest.Builder request) {
    return store.call(TikvGrpc.getKvPessimisticLockMethod(), request.build());
  }

  private CompletableFuture<PessimisticLockResponse> start(PessimisticLockRequest.Builder request) {
    return store.start(TikvGrpc.getKvPessimisticLockMethod(), request.build(), new TestCall());
  }

  private static PessimisticLockRequest.Builder lock(
      long startTs, long forUpdateTs, String... keys) {
    PessimisticLockRequest.Builder request =
        PessimisticLockRequest.newBuilder()
            .setContext(context())
            .setPrimaryLock(utf8(keys[0]))
            .setStartVersion(startTs)
            .setForUpdateTs(forUpdateTs)
            .setLockTtl(3_000)
            .setWaitTimeout(60_000);
    for (String key : keys) {
      request.addMutations(Mutation.newBuilder().setOp(Op.PessimisticLock).setKey(utf8(key)));
    }
    return request;
  }

  private void write(String key, String value, long startTs, long commitTs) {
    assertThat(store.prewriteNow(startTs, key, put(key, value)).getErrorsList()).isEmpty();
    commit(key, startTs, commitTs);
  }

  private void prewriteAndCommit(
      String key, String value, long startTs, long forUpdateTs, long commitTs) {
    assertThat(
            store
                .call(
                    TikvGrpc.getKvPrewriteMethod(),
                    TikvFixture.prewrite(startTs, key, put(key, value))
                        .setForUpdateTs(forUpdateTs)
                        .addPessimisticActions(PessimisticAction.DO_PESSIMISTIC_CHECK)
                        .build())
                .getErrorsList())
        .isEmpty();
    commit(key, startTs, commitTs);
  }

  private void commit(String key, long startTs, long commitTs) {
    assertThat(
            store
                .call(
                    TikvGrpc.getKvCommitMethod(),
                    CommitRequest.newBuilder()
                        .setContext(context())
                        .setStartVersion(startTs)
                        .setCommitVersion(commitTs)
                        .addKeys(utf8(key))
                        .build())
                .hasError())
        .isFalse();
  }

  private void rollback(long startTs, String key) {
    store.call(
        TikvGrpc.getKvBatchRollbackMethod(),
        BatchRollbackRequest.newBuilder()
            .setContext(context())
            .setStartVersion(startTs)
            .addKeys(utf8(key))
            .build());
  }

  private void awaitWaiters(int count) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          while (waiters() != count) {
            Thread.onSpinWait();
          }
        });
  }

  private int waiters() {
    return store
        .call(TikvGrpc.getGetLockWaitInfoMethod(), GetLockWaitInfoRequest.getDefaultInstance())
        .getEntriesCount();
  }
}
