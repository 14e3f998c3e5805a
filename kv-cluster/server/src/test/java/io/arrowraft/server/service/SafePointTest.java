package io.arrowraft.server.service;

import static io.arrowraft.server.fakes.TikvFixture.context;
import static io.arrowraft.server.fakes.TikvFixture.prewrite;
import static io.arrowraft.server.fakes.TikvFixture.put;
import static io.arrowraft.server.fakes.TikvFixture.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.kvrpcpb.BatchGetRequest;
import io.arrowraft.proto.kvrpcpb.CommitRequest;
import io.arrowraft.proto.kvrpcpb.KeyError;
import io.arrowraft.proto.kvrpcpb.Mutation;
import io.arrowraft.proto.kvrpcpb.Op;
import io.arrowraft.proto.kvrpcpb.PessimisticLockRequest;
import io.arrowraft.proto.kvrpcpb.PrewriteResponse;
import io.arrowraft.proto.kvrpcpb.ScanRequest;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.server.fakes.TikvFixture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is refused below the safe point, and what is not. */
class SafePointTest {
  private static final long SAFE_POINT = 100;

  private final TikvFixture store = new TikvFixture();

  @BeforeEach
  void fill() {
    assertThat(store.prewriteNow(10, "k", put("k", "v")).getErrorsList()).isEmpty();
    commit(10, 20);
    store.regions().raiseSafePoint(SAFE_POINT);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void commit(long startTs, long commitTs) {
    assertThat(
            store
                .call(
                    TikvGrpc.getKvCommitMethod(),
                    CommitRequest.newBuilder()
                        .setContext(context())
                        .setStartVersion(startTs)
                        .setCommitVersion(commitTs)
                        .addKeys(utf8("k"))
                        .build())
                .hasError())
        .isFalse();
  }

  private static void assertPassed(KeyError error, long timestamp) {
    assertThat(error.getAbort()).contains("fallen behind the GC safe point 100");
    assertThat(error.getSafePointPassed().getTimestamp()).isEqualTo(timestamp);
    assertThat(error.getSafePointPassed().getSafePoint()).isEqualTo(SAFE_POINT);
  }

  @Test
  void readsBelowTheSafePointFailAsAWholeAndReadsAtItAreServed() {
    assertPassed(store.get("k", 99).getError(), 99);
    assertThat(store.get("k", 99).getValue().isEmpty()).isTrue();
    assertThat(store.get("k", SAFE_POINT).getValue()).isEqualTo(utf8("v"));
    assertThat(store.get("k", -1L).getValue()).isEqualTo(utf8("v"));
  }

  @Test
  void scansAndBatchesBelowTheSafePointReturnNoPair() {
    ScanRequest.Builder scan =
        ScanRequest.newBuilder().setContext(context()).setLimit(10).setVersion(99);
    var scanned = store.call(TikvGrpc.getKvScanMethod(), scan.build());
    assertPassed(scanned.getError(), 99);
    assertThat(scanned.getPairsList()).allMatch(pair -> pair.hasError());
    assertThat(store.call(TikvGrpc.getKvScanMethod(), scan.setVersion(100).build()).getPairsCount())
        .isEqualTo(1);
    var batch =
        store.call(
            TikvGrpc.getKvBatchGetMethod(),
            BatchGetRequest.newBuilder()
                .setContext(context())
                .addKeys(utf8("k"))
                .setVersion(99)
                .build());
    assertPassed(batch.getError(), 99);
  }

  @Test
  void transactionsThatStartedAtTheSafePointOrBeforeTakeNoLocks() {
    PrewriteResponse refused = store.prewriteNow(SAFE_POINT, "k", put("k", "w"));
    assertPassed(refused.getErrors(0), SAFE_POINT);
    PessimisticLockRequest.Builder lock =
        PessimisticLockRequest.newBuilder()
            .setContext(context())
            .setPrimaryLock(utf8("k"))
            .setStartVersion(SAFE_POINT)
            .setForUpdateTs(200)
            .setLockTtl(3_000)
            .addMutations(Mutation.newBuilder().setOp(Op.PessimisticLock).setKey(utf8("k")));
    assertPassed(
        store.call(TikvGrpc.getKvPessimisticLockMethod(), lock.build()).getErrors(0), SAFE_POINT);
    assertThat(
            store
                .call(TikvGrpc.getKvPrewriteMethod(), prewrite(101, "k", put("k", "w")).build())
                .getErrorsList())
        .isEmpty();
  }

  @Test
  void aTransactionWithItsLocksInPlaceMayStillCommit() {
    assertThat(store.prewriteNow(150, "k", put("k", "w")).getErrorsList()).isEmpty();
    store.regions().raiseSafePoint(160);
    commit(150, 170);
    assertThat(store.get("k", 180).getValue()).isEqualTo(utf8("w"));
  }
}
