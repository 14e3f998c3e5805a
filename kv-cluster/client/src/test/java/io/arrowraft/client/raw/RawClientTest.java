package io.arrowraft.client.raw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.error.OutcomeUnknownException;
import io.arrowraft.client.error.OverloadedException;
import io.arrowraft.client.error.RoutingException;
import io.arrowraft.client.fake.FakeCluster;
import io.arrowraft.client.fake.FakeCluster.Fault;
import io.arrowraft.client.fake.VirtualWorld;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.keyvalue.ScanRange;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.options.LostAnswers;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.errorpb.NotLeader;
import io.arrowraft.proto.errorpb.ServerIsBusy;
import io.arrowraft.proto.errorpb.StaleCommand;
import io.arrowraft.runtime.Bytes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RawClientTest {
  private final VirtualWorld world = new VirtualWorld();
  private final FakeCluster cluster = new FakeCluster(world);
  private final ArrowraftClient client = cluster.client();
  private final RawClient raw = client.raw();

  @Test
  void putIsFoundAndDeleteIsNot() {
    world.await(raw.put(key("a"), key("1")));
    assertThat(world.await(raw.get(key("a")))).contains(key("1"));
    world.await(raw.delete(key("a")));
    assertThat(world.await(raw.get(key("a")))).isEmpty();
  }

  @Test
  void anEmptyValueIsAValue() {
    world.await(raw.put(key("a"), Bytes.EMPTY));
    assertThat(world.await(raw.get(key("a")))).contains(Bytes.EMPTY);
  }

  @Test
  void scansGoDownThroughRegionsAndLeaveValuesOut() {
    cluster.split(KeySpace.RAW, "k3", "k3\0", "k6");
    world.await(raw.batchPut(pairs(10)));
    ScanRange down = ScanRange.of(key("k1"), key("k8")).downwards();

    ScanPage page = world.await(raw.scan(down, 3));
    assertThat(page.pairs())
        .extracting(KeyValue::key)
        .containsExactly(key("k7"), key("k6"), key("k5"));
    ScanPage rest =
        world.await(
            raw.scan(down.continuedAt(page.continuation().orElseThrow()).withoutValues(), 99));
    assertThat(rest.continuation()).isEmpty();
    assertThat(rest.pairs())
        .extracting(KeyValue::key)
        .containsExactly(key("k4"), key("k3"), key("k2"), key("k1"));
    assertThat(rest.pairs()).extracting(KeyValue::value).containsOnly(Bytes.EMPTY);
    ScanRange everything = ScanRange.of(Bytes.EMPTY, Bytes.EMPTY).downwards();
    assertThat(world.await(raw.scan(everything, 1)).pairs())
        .extracting(KeyValue::key)
        .containsExactly(key("k9"));
    assertThat(world.await(raw.scan(everything, 99)).pairs()).hasSize(10);
  }

  @Test
  void batchesAndScansSpanRegions() {
    cluster.split(KeySpace.RAW, "k3", "k6");
    world.await(raw.batchPut(pairs(10)));
    assertThat(world.await(raw.batchGet(pairs(10).keySet()))).isEqualTo(pairs(10));
    ScanPage page = world.await(raw.scan(key("k1"), key("k8"), 5));
    assertThat(page.pairs())
        .extracting(KeyValue::key)
        .containsExactly(key("k1"), key("k2"), key("k3"), key("k4"), key("k5"));
    assertThat(world.await(raw.scan(page.continuation().orElseThrow(), key("k8"), 9)).pairs())
        .extracting(KeyValue::key)
        .containsExactly(key("k6"), key("k7"));
    world.await(raw.deleteRange(key("k2"), key("k7")));
    world.await(raw.batchDelete(List.of(key("k0"), key("k9"))));
    assertThat(world.await(raw.scan(Bytes.EMPTY, Bytes.EMPTY, 99)).pairs())
        .extracting(KeyValue::key)
        .containsExactly(key("k1"), key("k7"), key("k8"));
  }

  @Test
  void aSplitDuringABatchIsCutAnew() {
    world.await(raw.get(key("k5")));
    cluster.before("RawBatchPut", () -> cluster.split(KeySpace.RAW, "k3", "k7"));
    world.await(raw.batchPut(pairs(10)));
    assertThat(world.await(raw.batchGet(pairs(10).keySet()))).isEqualTo(pairs(10));
  }

  @Test
  void theLeaderIsFollowedAndRemembered() {
    world.await(raw.put(key("a"), key("1")));
    cluster.lead(3, KeySpace.RAW, "a");
    world.await(raw.put(key("a"), key("2")));
    long before = cluster.calls("RawGet");
    assertThat(world.await(raw.get(key("a")))).contains(key("2"));
    assertThat(cluster.calls("RawGet") - before).isEqualTo(1);
  }

  @Test
  void aStoppedStoreIsWorkedAround() {
    world.await(raw.put(key("a"), key("1")));
    cluster.stop(1);
    world.await(raw.put(key("a"), key("2")));
    assertThat(world.await(raw.get(key("a")))).contains(key("2"));
  }

  @Test
  void aSwapGoesToAnotherReplicaIfItsFirstCannotBeReached() {
    world.await(raw.put(key("a"), key("1")));
    cluster.stop(1);

    assertThat(world.await(raw.compareAndSwap(key("a"), Optional.of(key("1")), key("2"))).swapped())
        .isTrue();
  }

  @Test
  void aSwapThatTheTransportHasNoRoomForWaitsAndGoesToTheSameReplica() {
    world.await(raw.put(key("a"), key("1")));
    cluster.fault("RawCompareAndSwap", Fault.NOT_SENT);

    assertThat(world.await(raw.compareAndSwap(key("a"), Optional.of(key("1")), key("2"))).swapped())
        .isTrue();
    assertThat(cluster.calls("RawCompareAndSwap")).isEqualTo(2);
  }

  @Test
  void afterALostSwapTheNextRequestBeginsWithAnotherReplica() {
    world.await(raw.put(key("a"), key("1")));
    cluster.fault("RawCompareAndSwap", Fault.LOSE_REQUEST);
    assertThatThrownBy(
            () -> world.await(raw.compareAndSwap(key("a"), Optional.of(key("1")), key("2"))))
        .isInstanceOf(OutcomeUnknownException.class);
    cluster.lead(2, KeySpace.RAW, "a");
    long asked = cluster.calls("RawGet");

    assertThat(world.await(raw.get(key("a")))).contains(key("1"));
    assertThat(cluster.calls("RawGet")).isEqualTo(asked + 1);
  }

  @Test
  void passingRegionErrorsAreWaitedOut() {
    cluster.regionError(
        "RawPut", Error.newBuilder().setNotLeader(NotLeader.getDefaultInstance()).build());
    cluster.regionError(
        "RawPut", Error.newBuilder().setServerIsBusy(ServerIsBusy.getDefaultInstance()).build());
    cluster.regionError(
        "RawPut", Error.newBuilder().setStaleCommand(StaleCommand.getDefaultInstance()).build());
    cluster.regionError("RawPut", Error.newBuilder().setMessage("something new").build());
    world.await(raw.put(key("a"), key("1")));
    assertThat(world.await(raw.get(key("a")))).contains(key("1"));
  }

  @Test
  void aStoreThatStaysBusyIsReportedAsOverloaded() {
    for (int i = 0; i < 100; i++) {
      cluster.regionError(
          "RawGet", Error.newBuilder().setServerIsBusy(ServerIsBusy.getDefaultInstance()).build());
    }
    assertThatThrownBy(() -> world.await(raw.get(key("a"))))
        .isInstanceOf(OverloadedException.class)
        .extracting(failure -> ((ArrowraftException) failure).code())
        .isEqualTo(ErrorCode.SERVER_BUSY);
  }

  @Test
  void aLostAnswerIsAskedForAgain() {
    cluster.fault("RawPut", Fault.LOSE_ANSWER);
    world.await(raw.put(key("a"), key("1")));
    assertThat(world.await(raw.get(key("a")))).contains(key("1"));
  }

  @Test
  void aLostAnswerIsSurfacedIfTheOptionsSaySo() {
    RawClient once =
        cluster
            .client(ClientOptions.of(FakeCluster.PD_ADDRESS).withLostAnswers(LostAnswers.SURFACE))
            .raw();
    cluster.fault("RawPut", Fault.LOSE_ANSWER);
    assertThatThrownBy(() -> world.await(once.put(key("a"), key("1"))))
        .isInstanceOf(OutcomeUnknownException.class);
    assertThat(cluster.calls("RawPut")).isEqualTo(1);
    world.await(raw.put(key("a"), key("2")));
    assertThat(world.await(once.get(key("a")))).contains(key("2"));

    cluster.fault("RawDelete", Fault.LOSE_ANSWER);
    assertThatThrownBy(() -> world.await(once.delete(key("a"))))
        .isInstanceOf(OutcomeUnknownException.class);
    cluster.fault("RawBatchPut", Fault.LOSE_ANSWER);
    assertThatThrownBy(() -> world.await(once.batchPut(pairs(3))))
        .isInstanceOf(OutcomeUnknownException.class);
    cluster.fault("RawDeleteRange", Fault.LOSE_ANSWER);
    assertThatThrownBy(() -> world.await(once.deleteRange(key("a"), key("z"))))
        .isInstanceOf(OutcomeUnknownException.class);
  }

  @Test
  void whatAStoreRefusedIsRepeatedEvenIfLostAnswersAreSurfaced() {
    RawClient once =
        cluster
            .client(ClientOptions.of(FakeCluster.PD_ADDRESS).withLostAnswers(LostAnswers.SURFACE))
            .raw();
    cluster.regionError(
        "RawPut", Error.newBuilder().setNotLeader(NotLeader.getDefaultInstance()).build());
    cluster.regionError(
        "RawPut", Error.newBuilder().setServerIsBusy(ServerIsBusy.getDefaultInstance()).build());
    world.await(once.put(key("a"), key("1")));
    assertThat(world.await(once.get(key("a")))).contains(key("1"));
  }

  @Test
  void aPutThatNobodyAnswersHasAnUnknownOutcome() {
    for (int i = 0; i < 100; i++) {
      cluster.fault("RawPut", Fault.LOSE_REQUEST);
    }
    assertThatThrownBy(() -> world.await(raw.put(key("a"), key("1"))))
        .isInstanceOf(OutcomeUnknownException.class);
  }

  @Test
  void aGetThatNobodyAnswersIsARoutingFailure() {
    for (int i = 0; i < 100; i++) {
      cluster.fault("RawGet", Fault.LOSE_REQUEST);
    }
    assertThatThrownBy(() -> world.await(raw.get(key("a")))).isInstanceOf(RoutingException.class);
  }

  @Test
  void aCompareAndSwapIsNeverSentTwice() {
    cluster.fault("RawCompareAndSwap", Fault.LOSE_ANSWER);
    assertThatThrownBy(() -> world.await(raw.compareAndSwap(key("a"), Optional.empty(), key("1"))))
        .isInstanceOf(OutcomeUnknownException.class);
    assertThat(cluster.calls("RawCompareAndSwap")).isEqualTo(1);
    assertThat(world.await(raw.compareAndSwap(key("a"), Optional.of(key("1")), key("2"))))
        .isEqualTo(new CasResult(true, Optional.of(key("1"))));
    assertThat(world.await(raw.compareAndSwap(key("a"), Optional.empty(), key("3"))).swapped())
        .isFalse();
  }

  @Test
  void badKeysAreRefusedBeforeAnythingIsSent() {
    assertThatThrownBy(() -> world.await(raw.put(Bytes.wrap(new byte[9000]), key("1"))))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("9000");
    assertThatThrownBy(() -> world.await(raw.get(Bytes.EMPTY)))
        .isInstanceOf(InvalidRequestException.class);
    assertThat(cluster.calls("RawPut")).isZero();
  }

  @Test
  void aPlacementDriverThatIsNotThereIsNamed() {
    cluster.stopPlacementDriver();
    assertThatThrownBy(() -> world.await(raw.get(key("a"))))
        .isInstanceOf(RoutingException.class)
        .hasMessageContaining(FakeCluster.PD_ADDRESS);
  }

  @Test
  void aClosedClientRefusesWork() {
    world.await(client.closeAsync());
    assertThatThrownBy(() -> world.await(raw.get(key("a"))))
        .isInstanceOf(InvalidRequestException.class);
  }

  private static Map<Bytes, Bytes> pairs(int count) {
    Map<Bytes, Bytes> pairs = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      pairs.put(key("k" + i), key("v" + i));
    }
    return pairs;
  }

  private static Bytes key(String text) {
    return Bytes.ofUtf8(text);
  }
}
