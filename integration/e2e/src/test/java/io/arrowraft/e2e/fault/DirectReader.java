package io.arrowraft.e2e.fault;

import com.google.protobuf.ByteString;
import io.arrowraft.e2e.load.Registers;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.kvrpcpb.RawGetRequest;
import io.arrowraft.proto.kvrpcpb.RawGetResponse;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.rpc.grpc.GrpcRpcClient;
import io.arrowraft.rpc.grpc.GrpcTransportOptions;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcMethod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A reader that insists on one store, whoever leads by now: if that store believes in an outdated
 * lease, this one sees the outdated value. What it has read goes to the registers' history.
 */
final class DirectReader implements AutoCloseable {
  private static final Duration ANSWER_BOUND = Duration.ofSeconds(15);
  private static final RpcMethod<RawGetRequest, RawGetResponse> GET =
      RpcMethods.of(TikvGrpc.getRawGetMethod());

  private final GrpcRpcClient rpc = new GrpcRpcClient("insists", GrpcTransportOptions.defaults());
  private final String address;
  private final RegionInfo region;
  private final Registers registers;
  private final AtomicInteger answers = new AtomicInteger();
  private final AtomicInteger refusals = new AtomicInteger();
  private final List<CompletableFuture<?>> underWay = new ArrayList<>();

  /**
   * @param address of the store
   * @param region as of now, led by that store
   */
  DirectReader(String address, RegionInfo region, Registers registers) {
    this.address = address;
    this.region = region;
    this.registers = registers;
  }

  /** Sends a read and does not wait for its answer. */
  void read(int register) {
    Bytes key = registers.key(register);
    RawGetRequest request =
        RawGetRequest.newBuilder()
            .setContext(
                Context.newBuilder()
                    .setRegionId(region.id())
                    .setRegionEpoch(region.meta().getRegionEpoch())
                    .setPeer(region.leader().orElseThrow()))
            .setKey(ByteString.copyFrom(key.toByteArray()))
            .build();
    long invoked = System.nanoTime();
    underWay.add(
        rpc.call(address, GET, request, ANSWER_BOUND)
            .handle(
                (response, failure) -> {
                  if (failure != null || response.hasRegionError()) {
                    refusals.incrementAndGet();
                  } else {
                    answers.incrementAndGet();
                    registers.saw(
                        "reader of " + address,
                        register,
                        response.getNotFound()
                            ? Optional.empty()
                            : Optional.of(Bytes.wrap(response.getValue().toByteArray())),
                        invoked,
                        System.nanoTime());
                  }
                  return null;
                })
            .toCompletableFuture());
  }

  /** Waits for all answers; says how many there were. */
  String settle() {
    try {
      CompletableFuture.allOf(underWay.toArray(CompletableFuture[]::new))
          .get(2 * ANSWER_BOUND.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException failure) {
      throw new IllegalStateException("reads of " + address + " do not come back", failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
    return "%s answered %d reads and refused %d".formatted(address, answers.get(), refusals.get());
  }

  @Override
  public void close() {
    rpc.close();
  }
}
