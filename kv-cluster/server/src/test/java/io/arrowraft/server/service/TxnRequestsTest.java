package io.arrowraft.server.service;

import static io.arrowraft.server.fakes.TikvFixture.context;
import static io.arrowraft.server.fakes.TikvFixture.prewrite;
import static io.arrowraft.server.fakes.TikvFixture.put;
import static io.arrowraft.server.fakes.TikvFixture.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.kvrpcpb.Action;
import io.arrowraft.proto.kvrpcpb.BatchGetRequest;
import io.arrowraft.proto.kvrpcpb.BatchGetResponse;
import io.arrowraft.proto.kvrpcpb.BatchRollbackRequest;
import io.arrowraft.proto.kvrpcpb.CheckTxnStatusRequest;
import io.arrowraft.proto.kvrpcpb.CheckTxnStatusResponse;
import io.arrowraft.proto.kvrpcpb.CleanupRequest;
import io.arrowraft.proto.kvrpcpb.CommitRequest;
import io.arrowraft.proto.kvrpcpb.CommitResponse;
import io.arrowraft.proto.kvrpcpb.GetRequest;
import io.arrowraft.proto.kvrpcpb.GetResponse;
import io.arrowraft.proto.kvrpcpb.IsolationLevel;
import io.arrowraft.proto.kvrpcpb.KvPair;
import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.proto.kvrpcpb.Mutation;
import io.arrowraft.proto.kvrpcpb.Op;
import io.arrowraft.proto.kvrpcpb.PrewriteResponse;
import io.arrowraft.proto.kvrpcpb.ResolveLockRequest;
import io.arrowraft.proto.kvrpcpb.ResolveLockResponse;
import io.arrowraft.proto.kvrpcpb.ScanLockRequest;
import io.arrowraft.proto.kvrpcpb.ScanRequest;
import io.arrowraft.proto.kvrpcpb.ScanResponse;
import io.arrowraft.proto.kvrpcpb.TxnHeartBeatRequest;
import io.arrowraft.proto.kvrpcpb.WriteConflict;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.server.fakes.TestCall;
import io.arrowraft.server.fakes.TikvFixture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TxnRequestsTest {
  /** A second after the epoch, in timestamps. */
  private static final long SECOND = 1_000L << 18;

  private final TikvFixture store = new TikvFixture();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void aCommittedValueIsReadAtAndAfterItsCommitTimestampOnly() {
    assertThat(store.prewriteNow(10, "k", put("k", "v")).getErrorsList()).isEmpty();
    CommitResponse committed = commit(10, 20, "k");
    assertThat(committed.hasError()).isFalse();
    assertThat(committed.getCommitVersion()).isEqualTo(20);

    assertThat(store.get("k", 19).getNotFound()).isTrue();
    GetResponse found =
        store.call(
            TikvGrpc.getKvGetMethod(),
            GetRequest.newBuilder()
                .setContext(context())
                .setKey(utf8("k"))
                .setVersion(20)
                .setNeedCommitTs(true)
                .build());
    assertThat(found.getValue()).isEqualTo(utf8("v"));
    assertThat(found.getNotFound()).isFalse();
    assertThat(found.getCommitTs()).isEqualTo(20);
  }

  @Test
  void aReadMeetsALockUntilItsContextSaysThatItMayPass() {
    store.prewriteNow(10, "k", put("k", "v"));

    GetResponse blocked = store.get("k", 30);
    LockInfo lock = blocked.getError().getLocked();
    assertThat(lock.getLockVersion()).isEqualTo(10);
    assertThat(lock.getPrimaryLock()).isEqualTo(utf8("k"));
    assertThat(lock.getKey()).isEqualTo(utf8("k"));
    assertThat(lock.getLockTtl()).isEqualTo(3_000);
    assertThat(lock.getTxnSize()).isEqualTo(16);
    assertThat(lock.getLockType()).isEqualTo(Op.Put);

    GetResponse passed =
        store.call(
            TikvGrpc.getKvGetMethod(),
            GetRequest.newBuilder()
                .setContext(context(1).addResolvedLocks(10))
                .setKey(utf8("k"))
                .setVersion(30)
                .build());
    assertThat(passed.getNotFound()).isTrue();
    GetResponse through =
        store.call(
            TikvGrpc.getKvGetMethod(),
            GetRequest.newBuilder()
                .setContext(context(1).addCommittedLocks(10))
                .setKey(utf8("k"))
                .setVersion(30)
                .build());
    assertThat(through.getValue()).isEqualTo(utf8("v"));
    GetResponse readCommitted =
        store.call(
            TikvGrpc.getKvGetMethod(),
            GetRequest.newBuilder()
                .setContext(context(1).setIsolationLevel(IsolationLevel.RC))
                .setKey(utf8("k"))
                .setVersion(30)
                .build());
    assertThat(readCommitted.getNotFound()).isTrue();
  }

  @Test
  void theSecondWriterOfAKeyConflicts() {
    commitNow(10, 20, "k", "first");

    PrewriteResponse late = store.prewriteNow(15, "k", put("k", "late"));

    WriteConflict conflict = late.getErrors(0).getConflict();
    assertThat(conflict.getStartTs()).isEqualTo(15);
    assertThat(conflict.getConflictTs()).isEqualTo(10);
    assertThat(conflict.getConflictCommitTs()).isEqualTo(20);
    assertThat(conflict.getKey()).isEqualTo(utf8("k"));
    assertThat(conflict.getReason()).isEqualTo(WriteConflict.Reason.Optimistic);
  }

  @Test
  void aPrewriteReportsEveryLockItMeets() {
    store.prewriteNow(10, "a", put("a", "1"), put("b", "2"));

    PrewriteResponse blocked = store.prewriteNow(30, "a", put("a", "3"), put("b", "4"));

    assertThat(blocked.getErrorsList())
        .extracting(error -> error.getLocked().getKey())
        .containsExactly(utf8("a"), utf8("b"));
  }

  @Test
  void insertingAnExistingKeyFails() {
    commitNow(10, 20, "k", "v");
    PrewriteResponse insert =
        store.prewriteNow(
            30,
            "k",
            Mutation.newBuilder().setOp(Op.Insert).setKey(utf8("k")).setValue(utf8("w")).build());
    assertThat(insert.getErrors(0).getAlreadyExist().getKey()).isEqualTo(utf8("k"));
  }

  @Test
  void asynchronousCommitPastItsBoundFallsBackToTwoPhases() {
    PrewriteResponse answer =
        store.call(
            TikvGrpc.getKvPrewriteMethod(),
            prewrite(10, "k", put("k", "v"))
                .setUseAsyncCommit(true)
                .setTryOnePc(true)
                .setMaxCommitTs(10)
                .build());
    assertThat(answer.getMinCommitTs()).isZero();
    assertThat(answer.getOnePcCommitTs()).isZero();
    assertThat(store.get("k", 30).getError().getLocked().getUseAsyncCommit()).isFalse();
  }

  @Test
  void aCommitWithoutALockIsRefused() {
    CommitResponse refused = commit(10, 20, "k");
    assertThat(refused.getError().getTxnLockNotFound().getKey()).isEqualTo(utf8("k"));
    assertThat(refused.getError().getRetryable()).contains("no lock");
  }

  @Test
  void aReaderPushesTheCommitPastItsSnapshotAndReadsOn() {
    store.prewriteNow(10 * SECOND, "k", put("k", "v"));
    long readTs = 11 * SECOND;

    CheckTxnStatusResponse status = check("k", 10 * SECOND, readTs, readTs, true);

    assertThat(status.getAction()).isEqualTo(Action.MinCommitTSPushed);
    assertThat(status.getLockTtl()).isEqualTo(3_000);
    CommitResponse early = commit(10 * SECOND, readTs, "k");
    assertThat(early.getError().getCommitTsExpired().getMinCommitTs()).isEqualTo(readTs + 1);
    assertThat(early.getError().getCommitTsExpired().getAttemptedCommitTs()).isEqualTo(readTs);
    assertThat(commit(10 * SECOND, readTs + 1, "k").hasError()).isFalse();
    assertThat(store.get("k", readTs).getNotFound()).isTrue();
  }

  @Test
  void anExpiredTransactionIsRolledBackAndItsLocksResolved() {
    store.prewriteNow(SECOND, "a", put("a", "1"), put("b", "2"));

    CheckTxnStatusResponse status = check("a", SECOND, 60 * SECOND, 60 * SECOND, true);
    assertThat(status.getAction()).isEqualTo(Action.TTLExpireRollback);
    assertThat(status.getLockTtl()).isZero();
    assertThat(status.getCommitVersion()).isZero();
    resolve(SECOND, 0);

    assertThat(store.get("b", 60 * SECOND).getNotFound()).isTrue();
    assertThat(commit(SECOND, 61 * SECOND, "a").hasError()).isTrue();
    PrewriteResponse again = store.prewriteNow(SECOND, "a", put("a", "1"));
    assertThat(again.getErrors(0).getConflict().getReason())
        .isEqualTo(WriteConflict.Reason.SelfRolledBack);
  }

  @Test
  void theStatusOfACommittedTransactionIsItsCommitTimestamp() {
    commitNow(10, 20, "k", "v");
    CheckTxnStatusResponse status = check("k", 10, 30, 30, true);
    assertThat(status.getCommitVersion()).isEqualTo(20);
    assertThat(status.getAction()).isEqualTo(Action.NoAction);
  }

  @Test
  void theStatusOfAnUnknownTransactionIsNotFoundUnlessItIsToBeRolledBack() {
    CheckTxnStatusResponse unknown = check("k", 10, 30, 30, false);
    assertThat(unknown.getError().getTxnNotFound().getPrimaryKey()).isEqualTo(utf8("k"));
    assertThat(check("k", 10, 30, 30, true).getAction()).isEqualTo(Action.LockNotExistRollback);
  }

  @Test
  void resolvingWithoutKeysSettlesEveryLockOfTheTransactionAndNoOther() {
    List<Mutation> mutations = new ArrayList<>();
    for (int i = 0; i < 700; i++) {
      mutations.add(put("key%04d".formatted(i), "v"));
    }
    store.prewriteNow(10, "key0000", mutations.toArray(Mutation[]::new));
    store.prewriteNow(11, "other", put("other", "w"));

    resolve(10, 20);

    assertThat(locks(100)).extracting(LockInfo::getLockVersion).containsExactly(11L);
    assertThat(scan(30, 1_000, b -> b.setEndKey(utf8("l"))).getPairsCount()).isEqualTo(700);
  }

  @Test
  void cleanupOfACommittedTransactionSaysWhenItCommitted() {
    commitNow(10, 20, "k", "v");
    assertThat(
            store
                .call(
                    TikvGrpc.getKvCleanupMethod(),
                    CleanupRequest.newBuilder()
                        .setContext(context())
                        .setKey(utf8("k"))
                        .setStartVersion(10)
                        .build())
                .getCommitVersion())
        .isEqualTo(20);
  }

  @Test
  void rollingBackACommittedTransactionAborts() {
    commitNow(10, 20, "k", "v");
    assertThat(
            store
                .call(
                    TikvGrpc.getKvBatchRollbackMethod(),
                    BatchRollbackRequest.newBuilder()
                        .setContext(context())
                        .addKeys(utf8("k"))
                        .setStartVersion(10)
                        .build())
                .getError()
                .getAbort())
        .contains("committed");
  }

  @Test
  void aHeartBeatProlongsTheLock() {
    store.prewriteNow(10, "k", put("k", "v"));
    assertThat(
            store
                .call(
                    TikvGrpc.getKvTxnHeartBeatMethod(),
                    TxnHeartBeatRequest.newBuilder()
                        .setContext(context())
                        .setPrimaryLock(utf8("k"))
                        .setStartVersion(10)
                        .setAdviseLockTtl(20_000)
                        .build())
                .getLockTtl())
        .isEqualTo(20_000);
  }

  @Test
  void scansHonourBoundsDirectionAndLimitAndNameLockedKeysInPlace() {
    for (String key : List.of("a", "b", "c", "d")) {
      commitNow(10, 20, key, "v" + key);
    }
    store.prewriteNow(25, "c", put("c", "new"));

    ScanResponse forward = scan(30, 10, b -> b.setStartKey(utf8("b")).setEndKey(utf8("d")));
    assertThat(forward.getPairsList()).hasSize(2);
    assertThat(forward.getPairs(0).getKey()).isEqualTo(utf8("b"));
    assertThat(forward.getPairs(1).getError().getLocked().getKey()).isEqualTo(utf8("c"));

    ScanResponse reverse =
        scan(24, 2, b -> b.setStartKey(utf8("d")).setEndKey(utf8("a")).setReverse(true));
    assertThat(reverse.getPairsList())
        .extracting(KvPair::getKey)
        .containsExactly(utf8("c"), utf8("b"));

    ScanResponse keys = scan(24, 10, b -> b.setKeyOnly(true));
    assertThat(keys.getPairsList()).hasSize(4).allMatch(pair -> pair.getValue().isEmpty());
  }

  @Test
  void aBatchGetAnswersInOrderAndLeavesOutWhatIsMissing() {
    commitNow(10, 20, "a", "1");
    commitNow(10, 20, "c", "3");
    BatchGetResponse answer =
        store.call(
            TikvGrpc.getKvBatchGetMethod(),
            BatchGetRequest.newBuilder()
                .setContext(context())
                .addKeys(utf8("c"))
                .addKeys(utf8("b"))
                .addKeys(utf8("a"))
                .setVersion(30)
                .build());
    assertThat(answer.getPairsList())
        .extracting(KvPair::getKey)
        .containsExactly(utf8("c"), utf8("a"));
  }

  @Test
  void everyReadRaisesTheGreatestReadTimestampExceptThoseOfTheLatest() {
    store.get("k", 77);
    assertThat(store.services().memoryLocks().maxTimestamp()).isEqualTo(77);
    store.get("k", -1L);
    assertThat(store.services().memoryLocks().maxTimestamp()).isEqualTo(77);
    scan(90, 1, b -> b);
    assertThat(store.services().memoryLocks().maxTimestamp()).isEqualTo(90);
    locks(95);
    assertThat(store.services().memoryLocks().maxTimestamp()).isEqualTo(95);
    store.prewriteNow(
        99, "k", Mutation.newBuilder().setOp(Op.CheckNotExists).setKey(utf8("k")).build());
    assertThat(store.services().memoryLocks().maxTimestamp()).isEqualTo(99);
  }

  @Test
  void concurrentTransactionsNeverLoseAnIncrement() {
    AtomicLong timestamps = new AtomicLong(100);
    commitNow(10, 20, "counter", "0");
    List<CompletableFuture<Void>> done = new ArrayList<>();
    int increments = 60;
    for (int i = 0; i < increments; i++) {
      done.add(increment(timestamps));
    }
    done.forEach(one -> one.orTimeout(30, TimeUnit.SECONDS).join());
    assertThat(store.get("counter", timestamps.incrementAndGet()).getValue())
        .isEqualTo(utf8(Integer.toString(increments)));
  }

  private CompletableFuture<Void> increment(AtomicLong timestamps) {
    long startTs = timestamps.incrementAndGet();
    GetRequest read =
        GetRequest.newBuilder()
            .setContext(context())
            .setKey(utf8("counter"))
            .setVersion(startTs)
            .build();
    return store
        .start(TikvGrpc.getKvGetMethod(), read, new TestCall())
        .thenCompose(
            found -> {
              if (found.hasError()) {
                return increment(timestamps);
              }
              String next = Long.toString(Long.parseLong(found.getValue().toStringUtf8()) + 1);
              return store
                  .start(
                      TikvGrpc.getKvPrewriteMethod(),
                      prewrite(startTs, "counter", put("counter", next)).build(),
                      new TestCall())
                  .thenCompose(
                      prewritten ->
                          prewritten.getErrorsCount() > 0
                              ? increment(timestamps)
                              : commitCounter(startTs, timestamps));
            });
  }

  private CompletableFuture<Void> commitCounter(long startTs, AtomicLong timestamps) {
    return store
        .start(
            TikvGrpc.getKvCommitMethod(),
            commitRequest(startTs, timestamps.incrementAndGet(), "counter"),
            new TestCall())
        .thenAccept(committed -> assertThat(committed.hasError()).isFalse());
  }

  private void commitNow(long startTs, long commitTs, String key, String value) {
    assertThat(store.prewriteNow(startTs, key, put(key, value)).getErrorsList()).isEmpty();
    assertThat(commit(startTs, commitTs, key).hasError()).isFalse();
  }

  private CommitResponse commit(long startTs, long commitTs, String... keys) {
    return store.call(TikvGrpc.getKvCommitMethod(), commitRequest(startTs, commitTs, keys));
  }

  private static CommitRequest commitRequest(long startTs, long commitTs, String... keys) {
    List<ByteString> encoded = new ArrayList<>();
    for (String key : keys) {
      encoded.add(utf8(key));
    }
    return CommitRequest.newBuilder()
        .setContext(context())
        .setStartVersion(startTs)
        .setCommitVersion(commitTs)
        .addAllKeys(encoded)
        .build();
  }

  private CheckTxnStatusResponse check(
      String primary, long lockTs, long callerTs, long currentTs, boolean rollback) {
    return store.call(
        TikvGrpc.getKvCheckTxnStatusMethod(),
        CheckTxnStatusRequest.newBuilder()
            .setContext(context())
            .setPrimaryKey(utf8(primary))
            .setLockTs(lockTs)
            .setCallerStartTs(callerTs)
            .setCurrentTs(currentTs)
            .setRollbackIfNotExist(rollback)
            .build());
  }

  private void resolve(long startTs, long commitTs) {
    ResolveLockResponse answer =
        store.call(
            TikvGrpc.getKvResolveLockMethod(),
            ResolveLockRequest.newBuilder()
                .setContext(context())
                .setStartVersion(startTs)
                .setCommitVersion(commitTs)
                .build());
    assertThat(answer).isEqualTo(ResolveLockResponse.getDefaultInstance());
  }

  private List<LockInfo> locks(long maxTs) {
    return store
        .call(
            TikvGrpc.getKvScanLockMethod(),
            ScanLockRequest.newBuilder().setContext(context()).setMaxVersion(maxTs).build())
        .getLocksList();
  }

  private ScanResponse scan(
      long version, int limit, java.util.function.UnaryOperator<ScanRequest.Builder> more) {
    return store.call(
        TikvGrpc.getKvScanMethod(),
        more.apply(
                ScanRequest.newBuilder().setContext(context()).setVersion(version).setLimit(limit))
            .build());
  }
}
