package io.arrowraft.client.raw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.client.error.OutcomeUnknownException;
import io.arrowraft.client.fake.FakeCluster;
import io.arrowraft.client.fake.FakeCluster.Fault;
import io.arrowraft.client.fake.VirtualWorld;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SharedRequestsTest {
  private final VirtualWorld world = new VirtualWorld();
  private final FakeCluster cluster = new FakeCluster(world);
  private final RawClient raw = cluster.client().raw();

  @Test
  void concurrentCallsToARegionShareRequests() {
    world.await(raw.get(key("a")));
    putAll(20);
    assertThat(cluster.calls("RawPut")).isZero();
    assertThat(cluster.calls("RawBatchPut")).isBetween(1L, 3L);

    assertThat(getAll(20)).doesNotContain(Optional.empty());
    assertThat(cluster.calls("RawBatchGet")).isBetween(1L, 3L);
  }

  @Test
  void aCallWithoutCompanyGoesAlone() {
    world.await(raw.put(key("k1"), key("1")));
    world.await(raw.put(key("k1"), key("2")));
    assertThat(cluster.calls("RawPut")).isEqualTo(2);
    assertThat(cluster.calls("RawBatchPut")).isZero();
  }

  @Test
  void whatCameLaterToAKeyIsWhatStays() {
    world.await(raw.get(key("a")));
    List<CompletableFuture<Void>> puts = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      puts.add(raw.put(key("k"), key("v" + i)));
    }
    puts.forEach(world::await);
    assertThat(world.await(raw.get(key("k")))).contains(key("v9"));
  }

  @Test
  void keysWithoutValueReadNothingBesideOthers() {
    world.await(raw.put(key("k1"), key("1")));
    CompletableFuture<Optional<Bytes>> there = raw.get(key("k1"));
    CompletableFuture<Optional<Bytes>> again = raw.get(key("k1"));
    CompletableFuture<Optional<Bytes>> absent = raw.get(key("k2"));
    assertThat(world.await(there)).contains(key("1"));
    assertThat(world.await(again)).contains(key("1"));
    assertThat(world.await(absent)).isEmpty();
    assertThat(cluster.calls("RawBatchGet")).isEqualTo(1);
  }

  @Test
  void aSplitUnderASharedRequestLetsEachCallFindItsRegion() {
    world.await(raw.get(key("a")));
    cluster.before("RawBatchPut", () -> cluster.split(KeySpace.RAW, "k3", "k7"));
    putAll(10);
    assertThat(getAll(10)).doesNotContain(Optional.empty());
  }

  @Test
  void aLostAnswerToASharedPutIsAskedForAgain() {
    world.await(raw.get(key("a")));
    cluster.fault("RawBatchPut", Fault.LOSE_ANSWER);
    putAll(5);
    assertThat(getAll(5)).doesNotContain(Optional.empty());
  }

  @Test
  void putsThatNobodyAnswersAllHaveAnUnknownOutcome() {
    world.await(raw.get(key("a")));
    for (int i = 0; i < 200; i++) {
      cluster.fault("RawBatchPut", Fault.LOSE_REQUEST);
      cluster.fault("RawPut", Fault.LOSE_REQUEST);
    }
    List<CompletableFuture<Void>> puts = startPuts(3);
    for (CompletableFuture<Void> put : puts) {
      assertThatThrownBy(() -> world.await(put)).isInstanceOf(OutcomeUnknownException.class);
    }
  }

  @Test
  void aRequestThatIsStuckHoldsUpNoOther() {
    world.await(raw.get(key("a")));
    for (int i = 0; i < 2; i++) {
      cluster.fault("RawPut", Fault.LOSE_REQUEST);
    }
    CompletableFuture<Void> first = raw.put(key("k1"), key("1"));
    world.await(raw.get(key("a")));
    CompletableFuture<Void> second = raw.put(key("k2"), key("1"));
    world.await(raw.get(key("a")));
    CompletableFuture<Void> third = raw.put(key("k3"), key("1"));
    world.await(third);
    assertThat(first).isNotDone();
    assertThat(second).isNotDone();
    world.await(first);
    world.await(second);
  }

  @Test
  void aCallThatTheStoreRefusesSpoilsNoOther() {
    world.await(raw.get(key("a")));
    cluster.fault("RawBatchPut", Fault.REFUSE);
    putAll(3);
    assertThat(cluster.calls("RawPut")).isEqualTo(3);
  }

  private void putAll(int count) {
    startPuts(count).forEach(world::await);
  }

  private List<CompletableFuture<Void>> startPuts(int count) {
    List<CompletableFuture<Void>> puts = new ArrayList<>();
    for (KeyValue pair : pairs(count)) {
      puts.add(raw.put(pair.key(), pair.value()));
    }
    return puts;
  }

  private List<Optional<Bytes>> getAll(int count) {
    List<CompletableFuture<Optional<Bytes>>> gets = new ArrayList<>();
    for (KeyValue pair : pairs(count)) {
      gets.add(raw.get(pair.key()));
    }
    return gets.stream().map(world::await).toList();
  }

  private static List<KeyValue> pairs(int count) {
    List<KeyValue> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pairs.add(new KeyValue(key("k" + i), key("v" + i)));
    }
    return pairs;
  }

  private static Bytes key(String text) {
    return Bytes.ofUtf8(text);
  }
}
