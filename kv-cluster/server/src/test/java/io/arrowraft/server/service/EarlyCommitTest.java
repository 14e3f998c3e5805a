package io.arrowraft.server.service;

import static io.arrowraft.server.fakes.TikvFixture.context;
import static io.arrowraft.server.fakes.TikvFixture.prewrite;
import static io.arrowraft.server.fakes.TikvFixture.put;
import static io.arrowraft.server.fakes.TikvFixture.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.kvrpcpb.Action;
import io.arrowraft.proto.kvrpcpb.BatchRollbackRequest;
import io.arrowraft.proto.kvrpcpb.CheckSecondaryLocksRequest;
import io.arrowraft.proto.kvrpcpb.CheckSecondaryLocksResponse;
import io.arrowraft.proto.kvrpcpb.CheckTxnStatusRequest;
import io.arrowraft.proto.kvrpcpb.CheckTxnStatusResponse;
import io.arrowraft.proto.kvrpcpb.CommitRequest;
import io.arrowraft.proto.kvrpcpb.GetRequest;
import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.proto.kvrpcpb.PrewriteRequest;
import io.arrowraft.proto.kvrpcpb.PrewriteResponse;
import io.arrowraft.proto.kvrpcpb.ScanLockRequest;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.server.fakes.TestCall;
import io.arrowraft.server.fakes.TikvFixture;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Asynchronous and one-phase commit, as a client sees them. */
class EarlyCommitTest {
  private static final long EXPIRED = 10_000_000L << 18;

  private final TikvFixture store = new TikvFixture();

  @AfterEach
  void close() {
    assertThat(store.services().memoryLocks().startedBy(bytes(), bytes(), -1)).isEmpty();
    store.close();
  }

  @Test
  void onePhaseCommitsAfterEveryReadAndLeavesNoLock() {
    store.get("a", 100);
    PrewriteResponse done = call(onePhase(10, "a", "b"));

    assertThat(done.getErrorsList()).isEmpty();
    long commitTs = done.getOnePcCommitTs();
    assertThat(commitTs).isGreaterThan(100);
    assertThat(locks()).isEmpty();
    assertThat(store.get("a", commitTs - 1).getNotFound()).isTrue();
    assertThat(store.get("a", commitTs).getValue()).isEqualTo(utf8("new"));
    assertThat(store.get("b", commitTs).getValue()).isEqualTo(utf8("new"));
  }

  @Test
  void aRepeatedOnePhaseCommitAnswersTheSameTimestamp() {
    long first = call(onePhase(10, "a", "b")).getOnePcCommitTs();
    store.get("a", 500);
    assertThat(call(onePhase(10, "a", "b")).getOnePcCommitTs()).isEqualTo(first);
    assertThat(locks()).isEmpty();
  }

  @Test
  void onePhaseThatConflictsChangesNothing() {
    call(onePhase(20, "b"));
    PrewriteResponse late = call(onePhase(10, "a", "b"));
    assertThat(late.getErrors(0).hasConflict()).isTrue();
    assertThat(store.get("a", 1_000).getNotFound()).isTrue();
  }

  @Test
  void anAsynchronousCommitIsTimedAfterEveryReadAndCommitsThere() {
    store.get("b", 300);
    PrewriteResponse primary = call(async(10, "a", "b").addSecondaries(utf8("b")), "a");
    PrewriteResponse secondary = call(async(10, "a", "b"), "b");
    assertThat(secondary.getMinCommitTs()).isGreaterThan(300);

    LockInfo lock = locks().get(0);
    assertThat(lock.getUseAsyncCommit()).isTrue();
    assertThat(lock.getSecondariesList()).containsExactly(utf8("b"));
    long commitTs = Math.max(primary.getMinCommitTs(), secondary.getMinCommitTs());
    store.call(
        TikvGrpc.getKvCommitMethod(),
        CommitRequest.newBuilder()
            .setContext(context())
            .setStartVersion(10)
            .setCommitVersion(commitTs)
            .addKeys(utf8("a"))
            .addKeys(utf8("b"))
            .build());
    assertThat(store.get("b", commitTs).getValue()).isEqualTo(utf8("new"));
    assertThat(store.get("b", commitTs - 1).getNotFound()).isTrue();
  }

  @Test
  void aRepeatedAsynchronousPrewriteKeepsItsTimestamp() {
    long first = call(async(10, "a"), "a").getMinCommitTs();
    store.get("b", 900);
    assertThat(call(async(10, "a"), "a").getMinCommitTs()).isEqualTo(first).isPositive();
  }

  @Test
  void readersMeetALockFromBeforeItIsAppliedOn() throws Exception {
    store.regions().holdWrites();
    CompletableFuture<PrewriteResponse> prewrite = start(onePhase(10, "a"));
    await(() -> store.regions().heldWrites() == 1);

    assertThat(store.get("a", 1_000).getError().getLocked().getLockVersion()).isEqualTo(10);
    assertThat(store.get("a", 9).getNotFound()).isTrue();
    assertThat(
            store
                .call(
                    TikvGrpc.getKvGetMethod(),
                    GetRequest.newBuilder()
                        .setContext(context())
                        .setKey(utf8("a"))
                        .setVersion(-1)
                        .build())
                .getError()
                .hasLocked())
        .as("a read of the latest does not skip it")
        .isTrue();

    store.regions().applyHeld();
    long commitTs = prewrite.get(20, TimeUnit.SECONDS).getOnePcCommitTs();
    assertThat(store.get("a", Math.max(1_000, commitTs)).getValue()).isEqualTo(utf8("new"));
  }

  @Test
  void aMemoryLockGoesWithAWriteThatWillNeverApply() throws Exception {
    store.regions().holdWrites();
    CompletableFuture<PrewriteResponse> prewrite = start(async(10, "a"));
    await(() -> store.regions().heldWrites() == 1);
    store.regions().loseLeadership();
    store.regions().regainLeadership();
    store.regions().applyHeld();

    assertThat(prewrite.get(20, TimeUnit.SECONDS).getRegionError().hasStaleCommand()).isTrue();
    assertThat(store.get("a", 1_000).getNotFound()).isTrue();
  }

  @Test
  void aCommitLaterThanTheClientAcceptsFallsBackAsAWhole() {
    store.get("b", 500);
    PrewriteResponse fallen =
        call(onePhase(10, "a", "b").setUseAsyncCommit(true).setMaxCommitTs(400));
    assertThat(fallen.getErrorsList()).isEmpty();
    assertThat(fallen.getOnePcCommitTs()).isZero();
    assertThat(fallen.getMinCommitTs()).isZero();
    assertThat(locks()).hasSize(2).noneMatch(LockInfo::getUseAsyncCommit);
  }

  /** Its lock does not say that the transaction may be committed without another word. */
  @Test
  void aRepetitionOfWhatFellBackFallsBackAsWell() {
    store.get("b", 500);
    assertThat(call(async(10, "a").setMaxCommitTs(400)).getMinCommitTs()).isZero();
    PrewriteResponse again = call(async(10, "a").setMaxCommitTs(400));

    assertThat(again.getErrorsList()).isEmpty();
    assertThat(again.getMinCommitTs()).isZero();
    assertThat(locks()).singleElement().matches(lock -> !lock.getUseAsyncCommit());
  }

  @Test
  void aNewLeaderTimesCommitsAfterTheReadsOfTheOnesBefore() {
    call(onePhase(10, "a"));
    store.regions().loseLeadership();
    store.regions().regainLeadership();
    store.placementTimestamp().set(7_000);
    assertThat(call(onePhase(20, "b")).getOnePcCommitTs()).isGreaterThan(7_000);
  }

  @Test
  void withoutAPlacementDriverANewLeaderTimesNothing() {
    store.stopPlacementDriver();
    assertThat(call(onePhase(10, "a")).getRegionError().hasMaxTimestampNotSynced()).isTrue();
    assertThat(store.prewriteNow(10, "a", put("a", "1")).getErrorsList()).isEmpty();
  }

  @Test
  void aCommitTimedByTheStoreOverwritesNoRollback() {
    store.call(
        TikvGrpc.getKvBatchRollbackMethod(),
        BatchRollbackRequest.newBuilder()
            .setContext(context())
            .setStartVersion(11)
            .addKeys(utf8("a"))
            .build());
    assertThat(call(onePhase(10, "a")).getOnePcCommitTs()).isGreaterThan(11);
    PrewriteResponse rolledBack = store.prewriteNow(11, "a", put("a", "late"));
    assertThat(rolledBack.getErrors(0).hasConflict()).isTrue();
  }

  @Test
  void anExpiredAsynchronousPrimaryIsLeftToItsSecondaries() {
    call(async(10, "a", "b").addSecondaries(utf8("b")), "a");
    CheckTxnStatusResponse alive = status(false);
    assertThat(alive.getLockInfo().getSecondariesList()).containsExactly(utf8("b"));
    assertThat(alive.getAction()).isEqualTo(Action.NoAction);

    assertThat(secondaries("b").getLocksList()).isEmpty();
    assertThat(call(async(10, "a", "b"), "b").getErrors(0).hasConflict())
        .as("the prewrite of a secondary that was found missing comes too late")
        .isTrue();
    assertThat(status(true).getAction()).isEqualTo(Action.TTLExpireRollback);
  }

  @Test
  void secondariesTellTheirLocksAndThenTheirCommit() {
    call(async(10, "a", "b"), "b");
    assertThat(secondaries("b").getLocks(0).getMinCommitTs()).isPositive();
    store.call(
        TikvGrpc.getKvCommitMethod(),
        CommitRequest.newBuilder()
            .setContext(context())
            .setStartVersion(10)
            .setCommitVersion(77)
            .addKeys(utf8("b"))
            .build());
    CheckSecondaryLocksResponse committed = secondaries("b");
    assertThat(committed.getLocksList()).isEmpty();
    assertThat(committed.getCommitTs()).isEqualTo(77);
  }

  private CheckSecondaryLocksResponse secondaries(String key) {
    return store.call(
        TikvGrpc.getKvCheckSecondaryLocksMethod(),
        CheckSecondaryLocksRequest.newBuilder()
            .setContext(context())
            .setStartVersion(10)
            .addKeys(utf8(key))
            .build());
  }

  private CheckTxnStatusResponse status(boolean forceSyncCommit) {
    return store.call(
        TikvGrpc.getKvCheckTxnStatusMethod(),
        CheckTxnStatusRequest.newBuilder()
            .setContext(context())
            .setPrimaryKey(utf8("a"))
            .setLockTs(10)
            .setCurrentTs(EXPIRED)
            .setForceSyncCommit(forceSyncCommit)
            .build());
  }

  private List<LockInfo> locks() {
    return store
        .call(
            TikvGrpc.getKvScanLockMethod(),
            ScanLockRequest.newBuilder().setContext(context()).setMaxVersion(20).build())
        .getLocksList();
  }

  private static PrewriteRequest.Builder onePhase(long startTs, String... keys) {
    PrewriteRequest.Builder request = prewrite(startTs, keys[0]).setTryOnePc(true);
    for (String key : keys) {
      request.addMutations(put(key, "new"));
    }
    return request;
  }

  /** Of a transaction whose primary is the first key; mutations are chosen when it is called. */
  private static PrewriteRequest.Builder async(long startTs, String... keys) {
    PrewriteRequest.Builder request = prewrite(startTs, keys[0]).setUseAsyncCommit(true);
    for (String key : keys) {
      request.addMutations(put(key, "new"));
    }
    return request;
  }

  private PrewriteResponse call(PrewriteRequest.Builder request) {
    return store.call(TikvGrpc.getKvPrewriteMethod(), request.build());
  }

  private PrewriteResponse call(PrewriteRequest.Builder request, String key) {
    return call(request.clearMutations().addMutations(put(key, "new")));
  }

  private CompletableFuture<PrewriteResponse> start(PrewriteRequest.Builder request) {
    return store.start(TikvGrpc.getKvPrewriteMethod(), request.build(), new TestCall());
  }

  private static io.arrowraft.runtime.Bytes bytes() {
    return io.arrowraft.runtime.Bytes.EMPTY;
  }

  private static void await(java.util.function.BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.onSpinWait();
    }
  }
}
