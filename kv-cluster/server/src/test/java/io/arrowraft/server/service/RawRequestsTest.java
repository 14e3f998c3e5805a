package io.arrowraft.server.service;

import static io.arrowraft.server.fakes.TikvFixture.context;
import static io.arrowraft.server.fakes.TikvFixture.put;
import static io.arrowraft.server.fakes.TikvFixture.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.kvrpcpb.KvPair;
import io.arrowraft.proto.kvrpcpb.RawBatchDeleteRequest;
import io.arrowraft.proto.kvrpcpb.RawBatchGetRequest;
import io.arrowraft.proto.kvrpcpb.RawBatchPutRequest;
import io.arrowraft.proto.kvrpcpb.RawBatchPutResponse;
import io.arrowraft.proto.kvrpcpb.RawCASRequest;
import io.arrowraft.proto.kvrpcpb.RawCASResponse;
import io.arrowraft.proto.kvrpcpb.RawDeleteRangeRequest;
import io.arrowraft.proto.kvrpcpb.RawDeleteRequest;
import io.arrowraft.proto.kvrpcpb.RawGetKeyTTLRequest;
import io.arrowraft.proto.kvrpcpb.RawGetKeyTTLResponse;
import io.arrowraft.proto.kvrpcpb.RawGetRequest;
import io.arrowraft.proto.kvrpcpb.RawGetResponse;
import io.arrowraft.proto.kvrpcpb.RawPutRequest;
import io.arrowraft.proto.kvrpcpb.RawScanRequest;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.server.fakes.TestCall;
import io.arrowraft.server.fakes.TikvFixture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RawRequestsTest {
  private final TikvFixture store = new TikvFixture();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void anEmptyValueIsNotAnAbsentKey() {
    putNow("k", "");
    assertThat(get("k").getNotFound()).isFalse();
    assertThat(get("k").getValue().isEmpty()).isTrue();
    assertThat(get("other").getNotFound()).isTrue();
  }

  @Test
  void theEmptyKeyIsAKey() {
    assertThat(get("").getNotFound()).isTrue();
    putNow("", "v");
    assertThat(get("").getValue()).isEqualTo(utf8("v"));
  }

  @Test
  void aBatchKeepsTheOrderOfItsRequest() {
    store.call(
        TikvGrpc.getRawBatchPutMethod(),
        RawBatchPutRequest.newBuilder()
            .setContext(context())
            .addPairs(pair("a", "1"))
            .addPairs(pair("b", "2"))
            .addPairs(pair("c", "3"))
            .build());
    assertThat(batchGet("c", "x", "a"))
        .extracting(KvPair::getKey)
        .containsExactly(utf8("c"), utf8("a"));
    store.call(
        TikvGrpc.getRawBatchDeleteMethod(),
        RawBatchDeleteRequest.newBuilder()
            .setContext(context())
            .addKeys(utf8("a"))
            .addKeys(utf8("b"))
            .build());
    assertThat(batchGet("a", "b", "c")).extracting(KvPair::getKey).containsExactly(utf8("c"));
  }

  @Test
  void aValueWithATtlSaysHowLongItLives() {
    store.call(
        TikvGrpc.getRawPutMethod(),
        RawPutRequest.newBuilder()
            .setContext(context())
            .setKey(utf8("k"))
            .setValue(utf8("v"))
            .setTtl(1_000)
            .build());
    RawGetKeyTTLResponse ttl = ttl("k");
    assertThat(ttl.getTtl()).isBetween(900L, 1_000L);
    putNow("k", "for ever");
    assertThat(ttl("k").getTtl()).isZero();
    assertThat(ttl("k").getNotFound()).isFalse();
    assertThat(ttl("other").getNotFound()).isTrue();
  }

  @Test
  void oneTtlServesAllPairsAndAnyOtherNumberMustMatch() {
    RawBatchPutRequest.Builder request =
        RawBatchPutRequest.newBuilder()
            .setContext(context())
            .addPairs(pair("a", "1"))
            .addPairs(pair("b", "2"))
            .addPairs(pair("c", "3"))
            .addTtls(50);
    assertThat(store.call(TikvGrpc.getRawBatchPutMethod(), request.build()).getError()).isEmpty();
    assertThat(ttl("c").getTtl()).isPositive();
    RawBatchPutResponse refused =
        store.call(TikvGrpc.getRawBatchPutMethod(), request.addTtls(60).build());
    assertThat(refused.getError()).contains("3 pairs has 2 ttls");
  }

  @Test
  void scansHonourBoundsDirectionAndLimit() {
    for (String key : List.of("a", "b", "c", "d")) {
      putNow(key, "v" + key);
    }
    assertThat(scan("b", "d", 10, false)).containsExactly("b", "c");
    assertThat(scan("", "", 2, false)).containsExactly("a", "b");
    assertThat(scan("d", "b", 10, true)).containsExactly("c", "b");
    assertThat(scan("", "", 2, true)).containsExactly("d", "c");
  }

  @Test
  void deletingARangeLeavesTransactionalDataAlone() {
    store.prewriteNow(10, "k", put("k", "transactional"));
    putNow("k", "raw");
    putNow("z", "raw");
    store.call(
        TikvGrpc.getRawDeleteRangeMethod(),
        RawDeleteRangeRequest.newBuilder()
            .setContext(context())
            .setStartKey(utf8(""))
            .setEndKey(utf8(""))
            .build());
    assertThat(get("k").getNotFound()).isTrue();
    assertThat(get("z").getNotFound()).isTrue();
    assertThat(store.get("k", 20).getError().hasLocked()).isTrue();
  }

  @Test
  void aRangeThatEndsBeforeItStartsIsRefused() {
    assertThat(
            store
                .call(
                    TikvGrpc.getRawDeleteRangeMethod(),
                    RawDeleteRangeRequest.newBuilder()
                        .setContext(context())
                        .setStartKey(utf8("b"))
                        .setEndKey(utf8("a"))
                        .build())
                .getError())
        .contains("ends before it starts");
  }

  @Test
  void compareAndSwapChangesOnlyWhatItExpects() {
    RawCASResponse created = swap("k", null, "1");
    assertThat(created.getSucceed()).isTrue();
    assertThat(created.getPreviousNotExist()).isTrue();
    RawCASResponse refused = swap("k", "0", "2");
    assertThat(refused.getSucceed()).isFalse();
    assertThat(refused.getPreviousNotExist()).isFalse();
    assertThat(refused.getPreviousValue()).isEqualTo(utf8("1"));
    assertThat(swap("k", "1", "2").getSucceed()).isTrue();
    assertThat(get("k").getValue()).isEqualTo(utf8("2"));
  }

  @Test
  void concurrentSwapsNeverLoseAnIncrement() {
    putNow("counter", "0");
    List<CompletableFuture<Void>> done = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      done.add(increment("0"));
    }
    done.forEach(one -> one.orTimeout(30, TimeUnit.SECONDS).join());
    assertThat(get("counter").getValue()).isEqualTo(utf8("50"));
  }

  private CompletableFuture<Void> increment(String expected) {
    String next = Long.toString(Long.parseLong(expected) + 1);
    return store
        .start(
            TikvGrpc.getRawCompareAndSwapMethod(),
            swapRequest("counter", expected, next),
            new TestCall())
        .thenCompose(
            answer ->
                answer.getSucceed()
                    ? CompletableFuture.completedFuture(null)
                    : increment(answer.getPreviousValue().toStringUtf8()));
  }

  @Test
  void deletingAKeyMakesItAbsent() {
    putNow("k", "v");
    store.call(
        TikvGrpc.getRawDeleteMethod(),
        RawDeleteRequest.newBuilder().setContext(context()).setKey(utf8("k")).build());
    assertThat(get("k").getNotFound()).isTrue();
  }

  @Test
  void anUnknownFamilyIsAnErrorText() {
    assertThat(
            store
                .call(
                    TikvGrpc.getRawGetMethod(),
                    RawGetRequest.newBuilder().setContext(context()).setCf("lock").build())
                .getError())
        .contains("unknown column family 'lock'");
  }

  private void putNow(String key, String value) {
    assertThat(
            store
                .call(
                    TikvGrpc.getRawPutMethod(),
                    RawPutRequest.newBuilder()
                        .setContext(context())
                        .setKey(utf8(key))
                        .setValue(utf8(value))
                        .build())
                .getError())
        .isEmpty();
  }

  private RawGetResponse get(String key) {
    return store.call(
        TikvGrpc.getRawGetMethod(),
        RawGetRequest.newBuilder().setContext(context()).setKey(utf8(key)).build());
  }

  private RawGetKeyTTLResponse ttl(String key) {
    return store.call(
        TikvGrpc.getRawGetKeyTTLMethod(),
        RawGetKeyTTLRequest.newBuilder().setContext(context()).setKey(utf8(key)).build());
  }

  private List<KvPair> batchGet(String... keys) {
    RawBatchGetRequest.Builder request = RawBatchGetRequest.newBuilder().setContext(context());
    for (String key : keys) {
      request.addKeys(utf8(key));
    }
    return store.call(TikvGrpc.getRawBatchGetMethod(), request.build()).getPairsList();
  }

  private List<String> scan(String start, String end, int limit, boolean reverse) {
    return store
        .call(
            TikvGrpc.getRawScanMethod(),
            RawScanRequest.newBuilder()
                .setContext(context())
                .setStartKey(utf8(start))
                .setEndKey(utf8(end))
                .setLimit(limit)
                .setReverse(reverse)
                .build())
        .getKvsList()
        .stream()
        .map(pair -> pair.getKey().toStringUtf8())
        .toList();
  }

  private RawCASResponse swap(String key, String expected, String value) {
    return store.call(TikvGrpc.getRawCompareAndSwapMethod(), swapRequest(key, expected, value));
  }

  private static RawCASRequest swapRequest(String key, String expected, String value) {
    RawCASRequest.Builder request =
        RawCASRequest.newBuilder()
            .setContext(context())
            .setKey(utf8(key))
            .setValue(utf8(value))
            .setPreviousNotExist(expected == null);
    if (expected != null) {
      request.setPreviousValue(utf8(expected));
    }
    return request.build();
  }

  private static KvPair pair(String key, String value) {
    return KvPair.newBuilder().setKey(utf8(key)).setValue(utf8(value)).build();
  }
}
