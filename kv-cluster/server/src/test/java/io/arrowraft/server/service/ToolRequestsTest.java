package io.arrowraft.server.service;

import static io.arrowraft.server.fakes.TikvFixture.context;
import static io.arrowraft.server.fakes.TikvFixture.prewrite;
import static io.arrowraft.server.fakes.TikvFixture.put;
import static io.arrowraft.server.fakes.TikvFixture.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.proto.kvrpcpb.CommitRequest;
import io.arrowraft.proto.kvrpcpb.DeleteRangeRequest;
import io.arrowraft.proto.kvrpcpb.GCRequest;
import io.arrowraft.proto.kvrpcpb.KeyRange;
import io.arrowraft.proto.kvrpcpb.MvccGetByKeyRequest;
import io.arrowraft.proto.kvrpcpb.MvccGetByStartTsRequest;
import io.arrowraft.proto.kvrpcpb.MvccGetByStartTsResponse;
import io.arrowraft.proto.kvrpcpb.MvccInfo;
import io.arrowraft.proto.kvrpcpb.Op;
import io.arrowraft.proto.kvrpcpb.RawChecksumRequest;
import io.arrowraft.proto.kvrpcpb.RawChecksumResponse;
import io.arrowraft.proto.kvrpcpb.RawPutRequest;
import io.arrowraft.proto.kvrpcpb.UnsafeDestroyRangeRequest;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.server.fakes.TikvFixture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What tools ask: histories, checksums, and ranges to be deleted. */
class ToolRequestsTest {
  private final TikvFixture store = new TikvFixture();

  @AfterEach
  void close() {
    store.close();
  }

  private void write(String key, String value, long startTs) {
    assertThat(store.prewriteNow(startTs, key, put(key, value)).getErrorsList()).isEmpty();
    store.call(
        TikvGrpc.getKvCommitMethod(),
        CommitRequest.newBuilder()
            .setContext(context())
            .addKeys(utf8(key))
            .setStartVersion(startTs)
            .setCommitVersion(startTs + 1)
            .build());
  }

  @Test
  void theHistoryOfAKeyShowsItsLockItsRecordsAndItsLongValues() {
    String longValue = "long".repeat(100);
    write("k", "short", 10);
    write("k", longValue, 20);
    assertThat(
            store
                .call(TikvGrpc.getKvPrewriteMethod(), prewrite(30, "k", put("k", "x")).build())
                .getErrorsList())
        .isEmpty();

    MvccInfo info =
        store
            .call(
                TikvGrpc.getMvccGetByKeyMethod(),
                MvccGetByKeyRequest.newBuilder().setContext(context()).setKey(utf8("k")).build())
            .getInfo();

    assertThat(info.getLock().getStartTs()).isEqualTo(30);
    assertThat(info.getLock().getPrimary()).isEqualTo(utf8("k"));
    assertThat(info.getLock().getShortValue()).isEqualTo(utf8("x"));
    assertThat(info.getWritesList())
        .extracting(write -> write.getCommitTs())
        .containsExactly(21L, 11L);
    assertThat(info.getWrites(1).getShortValue()).isEqualTo(utf8("short"));
    assertThat(info.getWrites(1).getType()).isEqualTo(Op.Put);
    assertThat(info.getValuesList()).hasSize(1);
    assertThat(info.getValues(0).getStartTs()).isEqualTo(20);
    assertThat(info.getValues(0).getValue()).isEqualTo(utf8(longValue));
  }

  @Test
  void aTransactionIsFoundByItsStartWhetherItHasCommittedOrNot() {
    write("a", "1", 10);
    write("b", "1", 20);
    store.prewriteNow(30, "c", put("c", "x"));

    assertThat(find(20).getKey()).isEqualTo(utf8("b"));
    assertThat(find(20).getInfo().getWrites(0).getStartTs()).isEqualTo(20);
    assertThat(find(30).getKey()).isEqualTo(utf8("c"));
    assertThat(find(99).hasInfo()).isFalse();
    assertThat(find(99).getError()).isEmpty();
  }

  private MvccGetByStartTsResponse find(long startTs) {
    return store.call(
        TikvGrpc.getMvccGetByStartTsMethod(),
        MvccGetByStartTsRequest.newBuilder().setContext(context()).setStartTs(startTs).build());
  }

  @Test
  void aDeletedRangeLosesVersionsLocksAndValuesAndNothingBesideIt() {
    write("a", "1", 10);
    write("b", "long".repeat(100), 10);
    write("c", "1", 10);
    store.prewriteNow(30, "bb", put("bb", "x"));
    DeleteRangeRequest.Builder range =
        DeleteRangeRequest.newBuilder()
            .setContext(context())
            .setStartKey(utf8("b"))
            .setEndKey(utf8("c"));

    store.call(TikvGrpc.getKvDeleteRangeMethod(), range.clone().setNotifyOnly(true).build());
    assertThat(store.get("b", 50).getNotFound()).isFalse();
    assertThat(store.call(TikvGrpc.getKvDeleteRangeMethod(), range.build()).getError()).isEmpty();

    assertThat(store.get("b", 50).getNotFound()).isTrue();
    assertThat(store.get("bb", 50).getNotFound()).as("the lock is gone").isTrue();
    assertThat(store.get("a", 50).getValue()).isEqualTo(utf8("1"));
    assertThat(store.get("c", 50).getValue()).isEqualTo(utf8("1"));
    assertThat(history("b").getValuesCount()).isZero();
  }

  private MvccInfo history(String key) {
    return store
        .call(
            TikvGrpc.getMvccGetByKeyMethod(),
            MvccGetByKeyRequest.newBuilder().setContext(context()).setKey(utf8(key)).build())
        .getInfo();
  }

  @Test
  void aRangeIsDestroyedInAllRegionsWithoutTheirBeingNamed() {
    write("a", "1", 10);
    write("b", "1", 10);

    assertThat(
            store
                .call(
                    TikvGrpc.getUnsafeDestroyRangeMethod(),
                    UnsafeDestroyRangeRequest.newBuilder().setStartKey(utf8("b")).build())
                .getError())
        .isEmpty();

    assertThat(store.get("a", 50).getNotFound()).isFalse();
    assertThat(store.get("b", 50).getNotFound()).isTrue();
  }

  @Test
  void aChecksumDoesNotDependOnHowItsRangesAreCut() {
    for (String key : new String[] {"a", "b", "c"}) {
      store.call(
          TikvGrpc.getRawPutMethod(),
          RawPutRequest.newBuilder()
              .setContext(context())
              .setKey(utf8(key))
              .setValue(utf8("value of " + key))
              .build());
    }
    RawChecksumResponse whole = checksum("a", "d");
    RawChecksumResponse left = checksum("a", "b");
    RawChecksumResponse right = checksum("b", "");

    assertThat(whole.getTotalKvs()).isEqualTo(3);
    assertThat(whole.getTotalBytes()).isEqualTo(3 * 11);
    assertThat(left.getChecksum() ^ right.getChecksum()).isEqualTo(whole.getChecksum());
    assertThat(checksum("x", "y").getChecksum()).isZero();
    assertThat(left.getChecksum()).isNotZero();
  }

  private RawChecksumResponse checksum(String start, String end) {
    return store.call(
        TikvGrpc.getRawChecksumMethod(),
        RawChecksumRequest.newBuilder()
            .setContext(context())
            .addRanges(KeyRange.newBuilder().setStartKey(utf8(start)).setEndKey(utf8(end)))
            .build());
  }

  @Test
  void garbageIsNotCollectedOnDemand() {
    assertThatThrownBy(
            () ->
                store.call(
                    TikvGrpc.getKvGCMethod(),
                    GCRequest.newBuilder().setContext(context()).setSafePoint(5).build()))
        .cause()
        .isInstanceOfSatisfying(
            RpcException.class,
            refused -> assertThat(refused.status()).isEqualTo(RpcStatus.UNIMPLEMENTED));
  }
}
