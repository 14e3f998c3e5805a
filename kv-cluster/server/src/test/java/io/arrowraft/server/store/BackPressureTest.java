package io.arrowraft.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.kvrpcpb.RawDeleteRequest;
import io.arrowraft.proto.kvrpcpb.RawPutRequest;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.rpc.grpc.GrpcRpcClient;
import io.arrowraft.rpc.grpc.GrpcTransportOptions;
import io.arrowraft.server.peer.TestPd;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.storage.engine.EnginePressure;
import io.arrowraft.storage.memory.MemoryEngine;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What clients of a store see when its engine or its disk cannot take more. */
class BackPressureTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final AtomicReference<Throwable> fault = new AtomicReference<>();
  private final GrpcRpcClient client = new GrpcRpcClient("test", GrpcTransportOptions.defaults());
  private final MemoryEngine data = new MemoryEngine();
  private RunningStore store;

  @BeforeEach
  void start() {
    store =
        new RunningStore(
            "pressed",
            new TestPd(77),
            data,
            new MemoryEngine(),
            0,
            (component, cause) -> fault.compareAndSet(null, cause));
    RunningStore.get(store.node.start());
    long end = System.nanoTime() + TIMEOUT.toNanos();
    while (store.node.regions().regions().isEmpty() && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    await(() -> put("warm-up"), error -> error.getMessage().isEmpty());
  }

  @AfterEach
  void stop() {
    store.stop();
    client.close();
    assertThat(fault.get()).isNull();
  }

  @Test
  void anEngineThatIsBehindRefusesNewWritesWithAHintAndRecovers() {
    data.simulatePressure(new EnginePressure(36, 0, 0, false));
    Error busy = await(() -> put("a"), Error::hasServerIsBusy);

    assertThat(busy.getServerIsBusy().getReason()).contains("tables at level 0: 36");
    assertThat(busy.getServerIsBusy().getBackoffMs()).isPositive();
    assertThat(delete("a").getMessage()).as("frees space").isEmpty();

    data.simulatePressure(EnginePressure.NONE);
    await(() -> put("a"), error -> error.getMessage().isEmpty());
  }

  @Test
  void aDiskThatIsNearlyFullRefusesNewDataAndTakesDeletes() {
    store.node.services().flow().observeSpace("12345 bytes are left");
    Error full = put("a");

    assertThat(full.getDiskFull().getStoreIdList()).isEqualTo(List.of(store.node.storeId()));
    assertThat(full.getDiskFull().getReason()).contains("12345 bytes are left");
    assertThat(delete("a").getMessage()).isEmpty();
  }

  private Error put(String key) {
    return RunningStore.get(
            client.call(
                store.node.address(),
                RpcMethods.of(TikvGrpc.getRawPutMethod()),
                RawPutRequest.newBuilder()
                    .setContext(context())
                    .setKey(ByteString.copyFromUtf8(key))
                    .setValue(ByteString.copyFromUtf8("value"))
                    .build(),
                TIMEOUT))
        .getRegionError();
  }

  private Error delete(String key) {
    return RunningStore.get(
            client.call(
                store.node.address(),
                RpcMethods.of(TikvGrpc.getRawDeleteMethod()),
                RawDeleteRequest.newBuilder()
                    .setContext(context())
                    .setKey(ByteString.copyFromUtf8(key))
                    .build(),
                TIMEOUT))
        .getRegionError();
  }

  private Context context() {
    RegionView view = store.node.regions().regions().get(0);
    return Context.newBuilder()
        .setRegionId(view.region().getId())
        .setRegionEpoch(view.region().getRegionEpoch())
        .setPeer(view.peer())
        .build();
  }

  private interface Attempt {
    Error make();
  }

  private static Error await(Attempt attempt, Predicate<Error> wanted) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    Error last = attempt.make();
    while (!wanted.test(last)) {
      assertThat(System.nanoTime()).as("last answer: %s", last).isLessThan(end);
      Thread.onSpinWait();
      last = attempt.make();
    }
    return last;
  }
}
