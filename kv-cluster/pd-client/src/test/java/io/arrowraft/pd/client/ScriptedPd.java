package io.arrowraft.pd.client;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.metapb.StoreState;
import io.arrowraft.proto.pdpb.AllocIDResponse;
import io.arrowraft.proto.pdpb.BootstrapResponse;
import io.arrowraft.proto.pdpb.ErrorType;
import io.arrowraft.proto.pdpb.GetAllStoresResponse;
import io.arrowraft.proto.pdpb.GetMembersResponse;
import io.arrowraft.proto.pdpb.GetRegionResponse;
import io.arrowraft.proto.pdpb.GetStoreResponse;
import io.arrowraft.proto.pdpb.Member;
import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.proto.pdpb.RegionHeartbeatRequest;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.pdpb.ResponseHeader;
import io.arrowraft.proto.pdpb.TsoRequest;
import io.arrowraft.proto.pdpb.TsoResponse;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.rpc.grpc.GrpcRpcServers;
import io.arrowraft.rpc.grpc.GrpcTransportOptions;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcServer;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import io.arrowraft.runtime.threads.SystemTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A placement driver that answers by rote, on a real port. */
final class ScriptedPd implements AutoCloseable {
  final AtomicInteger timestampRequests = new AtomicInteger();
  final AtomicInteger heartbeats = new AtomicInteger();
  final AtomicInteger failuresToCome = new AtomicInteger();
  final AtomicLong logical = new AtomicLong();
  final long clusterId;
  private final RpcServer server;
  volatile String leaderAddress;
  volatile boolean bootstrapped;

  ScriptedPd(long clusterId, int port) {
    this.clusterId = clusterId;
    this.server =
        new GrpcRpcServers("scripted-pd", GrpcTransportOptions.defaults(), SystemTime.INSTANCE)
            .bind("127.0.0.1", port, List.of(service()));
    this.leaderAddress = server.address();
  }

  String address() {
    return server.address();
  }

  int port() {
    return Integer.parseInt(address().substring(address().indexOf(':') + 1));
  }

  @Override
  public void close() {
    server.close(Duration.ZERO);
  }

  private ResponseHeader header() {
    return ResponseHeader.newBuilder().setClusterId(clusterId).build();
  }

  private <R> CompletionStage<R> answer(R response) {
    if (failuresToCome.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
      return CompletableFuture.failedFuture(new RpcException(RpcStatus.UNAVAILABLE, "not leader"));
    }
    return CompletableFuture.completedFuture(response);
  }

  private RpcService service() {
    return RpcService.named("pdpb.PD")
        .unary(
            RpcMethods.of(PDGrpc.getGetMembersMethod()),
            (request, call) ->
                CompletableFuture.completedFuture(
                    GetMembersResponse.newBuilder()
                        .setHeader(header())
                        .setLeader(
                            Member.newBuilder()
                                .setMemberId(leaderAddress.isEmpty() ? 0 : 1)
                                .addClientUrls("http://" + leaderAddress))
                        .build()))
        .unary(
            RpcMethods.of(PDGrpc.getAllocIDMethod()),
            (request, call) -> {
              if (request.getHeader().getClusterId() != clusterId) {
                return CompletableFuture.failedFuture(
                    new RpcException(RpcStatus.FAILED_PRECONDITION, "mismatch cluster id"));
              }
              return answer(
                  AllocIDResponse.newBuilder().setHeader(header()).setId(42).setCount(1).build());
            })
        .unary(
            RpcMethods.of(PDGrpc.getBootstrapMethod()),
            (request, call) -> {
              ResponseHeader.Builder header = header().toBuilder();
              if (bootstrapped) {
                header.getErrorBuilder().setType(ErrorType.ALREADY_BOOTSTRAPPED);
              }
              bootstrapped = true;
              return answer(BootstrapResponse.newBuilder().setHeader(header).build());
            })
        .unary(
            RpcMethods.of(PDGrpc.getGetRegionMethod()),
            (request, call) ->
                answer(
                    request.getRegionKey().isEmpty()
                        ? GetRegionResponse.newBuilder().setHeader(header()).build()
                        : GetRegionResponse.newBuilder()
                            .setHeader(header())
                            .setRegion(
                                Region.newBuilder().setId(7).setStartKey(request.getRegionKey()))
                            .build()))
        .unary(
            RpcMethods.of(PDGrpc.getGetStoreMethod()),
            (request, call) ->
                request.getStoreId() == 1
                    ? answer(
                        GetStoreResponse.newBuilder()
                            .setHeader(header())
                            .setStore(Store.newBuilder().setId(1).setAddress("a:1"))
                            .build())
                    : CompletableFuture.failedFuture(
                        new RpcException(
                            RpcStatus.UNKNOWN,
                            "invalid store ID " + request.getStoreId() + ", not found")))
        .unary(
            RpcMethods.of(PDGrpc.getGetAllStoresMethod()),
            (request, call) ->
                answer(
                    GetAllStoresResponse.newBuilder()
                        .setHeader(header())
                        .addStores(Store.newBuilder().setId(2))
                        .addStores(Store.newBuilder().setId(1))
                        .addStores(Store.newBuilder().setId(3).setState(StoreState.Tombstone))
                        .build()))
        .stream(RpcMethods.of(PDGrpc.getTsoMethod()), (responses, call) -> new Tso(responses))
        .stream(
            RpcMethods.of(PDGrpc.getRegionHeartbeatMethod()),
            (responses, call) -> new Heartbeats(responses))
        .build();
  }

  private final class Tso implements RpcReceiver<TsoRequest> {
    private final RpcStream<TsoResponse> responses;

    Tso(RpcStream<TsoResponse> responses) {
      this.responses = responses;
      responses.request(1);
    }

    @Override
    public void onMessage(TsoRequest request) {
      timestampRequests.incrementAndGet();
      if (failuresToCome.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
        responses.fail(new RpcException(RpcStatus.UNAVAILABLE, "not leader"));
        return;
      }
      TsoResponse.Builder response =
          TsoResponse.newBuilder().setHeader(header()).setCount(request.getCount());
      response
          .getTimestampBuilder()
          .setPhysical(1000)
          .setLogical(logical.addAndGet(request.getCount()) - 1);
      responses.send(response.build());
      responses.request(1);
    }

    @Override
    public void onComplete() {
      responses.complete();
    }

    @Override
    public void onError(RpcException failure) {
      // The client has gone; there is nobody left to answer.
    }
  }

  private final class Heartbeats implements RpcReceiver<RegionHeartbeatRequest> {
    private final RpcStream<RegionHeartbeatResponse> responses;

    Heartbeats(RpcStream<RegionHeartbeatResponse> responses) {
      this.responses = responses;
      responses.request(1);
    }

    @Override
    public void onMessage(RegionHeartbeatRequest request) {
      heartbeats.incrementAndGet();
      responses.send(
          RegionHeartbeatResponse.newBuilder().setRegionId(request.getRegion().getId()).build());
      responses.request(1);
    }

    @Override
    public void onComplete() {
      responses.complete();
    }

    @Override
    public void onError(RpcException failure) {
      // The client has gone; there is nobody left to answer.
    }
  }
}
