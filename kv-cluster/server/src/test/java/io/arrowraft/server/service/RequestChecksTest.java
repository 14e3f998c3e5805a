package io.arrowraft.server.service;

import static io.arrowraft.server.fakes.TikvFixture.context;
import static io.arrowraft.server.fakes.TikvFixture.prewrite;
import static io.arrowraft.server.fakes.TikvFixture.put;
import static io.arrowraft.server.fakes.TikvFixture.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.proto.kvrpcpb.APIVersion;
import io.arrowraft.proto.kvrpcpb.GetRequest;
import io.arrowraft.proto.kvrpcpb.GetResponse;
import io.arrowraft.proto.kvrpcpb.RawGetRequest;
import io.arrowraft.proto.kvrpcpb.RawPutRequest;
import io.arrowraft.proto.kvrpcpb.RawScanRequest;
import io.arrowraft.proto.kvrpcpb.ReadIndexRequest;
import io.arrowraft.proto.kvrpcpb.ScanRequest;
import io.arrowraft.proto.kvrpcpb.SplitRegionRequest;
import io.arrowraft.proto.kvrpcpb.SplitRegionResponse;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.server.fakes.TestCall;
import io.arrowraft.server.fakes.TikvFixture;
import io.arrowraft.storage.mvcc.MvccKeys;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestChecksTest {
  private final ServiceConfig defaults = ServiceConfig.defaults();
  private final TikvFixture store =
      new TikvFixture(
          new ServiceConfig(
              64,
              1_000,
              Duration.ofSeconds(10),
              2,
              100,
              1,
              defaults.scheduler(),
              defaults.lockWaits(),
              defaults.coprocessor()));

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void everyMethodOfTheProtocolIsAnswered() {
    List<String> declared =
        TikvGrpc.getServiceDescriptor().getMethods().stream()
            .map(method -> method.getBareMethodName())
            .toList();
    assertThat(store.tikv().bindings().keySet()).containsExactlyInAnyOrderElementsOf(declared);
  }

  @Test
  void requestsOfApiVersionTwoAreRefusedInTheWordsOfEachFamily() {
    GetResponse get =
        store.call(
            TikvGrpc.getKvGetMethod(),
            GetRequest.newBuilder().setContext(context(1).setApiVersion(APIVersion.V2)).build());
    assertThat(get.getError().getAbort()).contains("api_version V2 is not served");
    assertThat(
            store
                .call(
                    TikvGrpc.getRawGetMethod(),
                    RawGetRequest.newBuilder()
                        .setContext(context(1).setApiVersion(APIVersion.V2))
                        .build())
                .getError())
        .contains("api_version V2 is not served");
  }

  @Test
  void aScanGoesOnBehindTheLongestKey() {
    String behind = "k".repeat(64) + "\0";
    assertThat(
            store
                .call(
                    TikvGrpc.getKvScanMethod(),
                    ScanRequest.newBuilder()
                        .setContext(context())
                        .setStartKey(utf8(behind))
                        .setLimit(1)
                        .setVersion(9)
                        .build())
                .hasError())
        .isFalse();
    assertThat(
            store
                .call(
                    TikvGrpc.getRawScanMethod(),
                    RawScanRequest.newBuilder()
                        .setContext(context())
                        .setStartKey(utf8(behind))
                        .setLimit(1)
                        .build())
                .getKvsList())
        .isEmpty();
  }

  @Test
  void aFollowerIsRecognisedByTheRegionsStartKeyHoweverLongItIs() {
    store.regions().loseLeadership();
    assertThat(
            store
                .call(
                    TikvGrpc.getRawGetMethod(),
                    RawGetRequest.newBuilder()
                        .setContext(context())
                        .setKey(
                            com.google.protobuf.ByteString.copyFrom(
                                MvccKeys.encode(Bytes.ofUtf8("k".repeat(64)))))
                        .build())
                .getRegionError()
                .hasNotLeader())
        .isTrue();
  }

  @Test
  void aKeyPastTheLimitIsRefusedAndNothingIsWritten() {
    String tooLong = "k".repeat(65);
    assertThat(store.prewriteNow(10, "a", put("a", "1"), put(tooLong, "2")).getErrors(0).getAbort())
        .contains("65 bytes, keyBytesMax=64");
    assertThat(store.get("a", 20).getNotFound()).isTrue();
    assertThat(
            store
                .call(
                    TikvGrpc.getRawPutMethod(),
                    RawPutRequest.newBuilder().setContext(context()).setKey(utf8(tooLong)).build())
                .getError())
        .contains("keyBytesMax=64");
  }

  @Test
  void theEpochIsCheckedBeforeTheRange() {
    store.regions().addRegion(2, encoded("m"), encoded("p"));
    GetRequest.Builder outside =
        GetRequest.newBuilder().setContext(context(2)).setKey(utf8("a")).setVersion(5);
    assertThat(store.call(TikvGrpc.getKvGetMethod(), outside.build()).getRegionError())
        .matches(error -> error.hasKeyNotInRegion());

    outside.setContext(context(2).setRegionEpoch(RegionEpoch.newBuilder().setVersion(9)));
    assertThat(store.call(TikvGrpc.getKvGetMethod(), outside.build()).getRegionError())
        .matches(error -> error.hasEpochNotMatch());
  }

  @Test
  void aScanThatStartsOutsideOfTheRegionIsRefusedAndOneInsideEndsWithIt() {
    store.prewriteNow(10, "a", put("a", "1"), put("n", "2"), put("z", "3"));
    store.regions().addRegion(2, encoded("m"), encoded("p"));
    ScanRequest.Builder scan =
        ScanRequest.newBuilder().setContext(context(2)).setVersion(20).setLimit(10);
    assertThat(
            store
                .call(TikvGrpc.getKvScanMethod(), scan.setStartKey(utf8("a")).build())
                .getRegionError()
                .hasKeyNotInRegion())
        .isTrue();
    assertThat(
            store
                .call(TikvGrpc.getKvScanMethod(), scan.setStartKey(utf8("m")).build())
                .getPairsList())
        .hasSize(1);
    assertThat(
            store
                .call(
                    TikvGrpc.getKvScanMethod(),
                    scan.setStartKey(utf8("p")).setReverse(true).build())
                .getPairsList())
        .hasSize(1);
  }

  @Test
  void aPrewriteOfAKeyInAnotherRegionChangesNothing() {
    store.regions().addRegion(2, encoded("m"), encoded("p"));
    assertThat(
            store
                .call(
                    TikvGrpc.getKvPrewriteMethod(),
                    prewrite(10, "n", put("n", "1"), put("q", "2")).setContext(context(2)).build())
                .getRegionError()
                .hasKeyNotInRegion())
        .isTrue();
    assertThat(store.get("n", 20).getNotFound()).isTrue();
  }

  @Test
  void anUnknownRegionAndALostLeadershipAreRegionErrors() {
    assertThat(
            store
                .call(
                    TikvGrpc.getKvGetMethod(),
                    GetRequest.newBuilder().setContext(context(9)).build())
                .getRegionError()
                .hasRegionNotFound())
        .isTrue();
    store.regions().loseLeadership();
    assertThat(store.get("k", 5).getRegionError().hasNotLeader()).isTrue();
    assertThat(store.prewriteNow(5, "k", put("k", "v")).getRegionError().hasNotLeader()).isTrue();
  }

  @Test
  void anAnswerPastTheBoundNamesTheBound() {
    store.prewriteNow(10, "a", put("a", "x".repeat(600)), put("b", "x".repeat(600)));
    store.call(
        TikvGrpc.getKvResolveLockMethod(),
        io.arrowraft.proto.kvrpcpb.ResolveLockRequest.newBuilder()
            .setContext(context())
            .setStartVersion(10)
            .setCommitVersion(20)
            .build());
    ScanRequest scan =
        ScanRequest.newBuilder().setContext(context()).setVersion(30).setLimit(10).build();
    // The bound is met by the second pair, which is the last: nothing was cut.
    assertThat(store.call(TikvGrpc.getKvScanMethod(), scan).getPairsCount()).isEqualTo(2);
    rawPut("a", 600);
    rawPut("b", 600);
    assertThatThrownBy(
            () ->
                store.call(
                    TikvGrpc.getRawScanMethod(),
                    RawScanRequest.newBuilder().setContext(context()).setLimit(5).build()))
        .hasCauseInstanceOf(RpcException.class)
        .hasMessageContaining("responseBytesMax=1000");
  }

  @Test
  void aRequestToBeForwardedIsUnavailable() {
    assertThatThrownBy(
            () ->
                store.call(
                    TikvGrpc.getKvGetMethod(),
                    GetRequest.newBuilder().setContext(context()).build(),
                    new TestCall().withHeader("tikv-forwarded-host", "other:20160")))
        .hasCauseInstanceOf(RpcException.class)
        .cause()
        .matches(cause -> ((RpcException) cause).status() == RpcStatus.UNAVAILABLE);
  }

  @Test
  void aRequestWhoseDeadlineHasPassedIsNotRun() {
    assertThatThrownBy(
            () ->
                store.call(
                    TikvGrpc.getKvPrewriteMethod(),
                    prewrite(10, "k", put("k", "v")).build(),
                    new TestCall().withDeadline(new Deadline(System.nanoTime()))))
        .hasCauseInstanceOf(RpcException.class);
    assertThat(store.get("k", 20).getNotFound()).isTrue();
  }

  @Test
  void splitKeysAreEncodedUnlessTheyAreRaw() {
    SplitRegionResponse answer =
        store.call(
            TikvGrpc.getSplitRegionMethod(),
            SplitRegionRequest.newBuilder().setContext(context()).addSplitKeys(utf8("m")).build());
    assertThat(answer.getRegionsList())
        .extracting(Region::getEndKey)
        .first()
        .isEqualTo(com.google.protobuf.ByteString.copyFrom(encoded("m")));
    assertThat(answer.getRegionsCount()).isEqualTo(2);

    SplitRegionResponse raw =
        store.call(
            TikvGrpc.getSplitRegionMethod(),
            SplitRegionRequest.newBuilder()
                .setContext(
                    context(1).setRegionEpoch(RegionEpoch.newBuilder().setConfVer(1).setVersion(2)))
                .addSplitKeys(utf8("x"))
                .setIsRawKv(true)
                .build());
    assertThat(raw.getRegions(0).getEndKey()).isEqualTo(utf8("x"));
  }

  @Test
  void aSplitWithoutKeysIsAnError() {
    assertThat(
            store
                .call(
                    TikvGrpc.getSplitRegionMethod(),
                    SplitRegionRequest.newBuilder().setContext(context()).build())
                .getErrors(0)
                .getAbort())
        .contains("at least one key");
  }

  @Test
  void aReadIndexCountsAsARead() {
    assertThat(
            store
                .call(
                    TikvGrpc.getReadIndexMethod(),
                    ReadIndexRequest.newBuilder().setContext(context()).setStartTs(50).build())
                .getReadIndex())
        .isPositive();
    assertThat(store.services().memoryLocks().maxTimestamp()).isEqualTo(50);
  }

  private void rawPut(String key, int size) {
    store.call(
        TikvGrpc.getRawPutMethod(),
        RawPutRequest.newBuilder()
            .setContext(context())
            .setKey(utf8(key))
            .setValue(utf8("x".repeat(size)))
            .build());
  }

  private static byte[] encoded(String key) {
    return MvccKeys.encode(Bytes.ofUtf8(key));
  }
}
