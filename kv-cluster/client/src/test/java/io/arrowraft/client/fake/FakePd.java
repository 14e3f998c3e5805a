package io.arrowraft.client.fake;

import com.google.protobuf.Message;
import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.metapb.StoreLabel;
import io.arrowraft.proto.pdpb.GetGCSafePointResponse;
import io.arrowraft.proto.pdpb.GetMembersResponse;
import io.arrowraft.proto.pdpb.GetRegionRequest;
import io.arrowraft.proto.pdpb.GetRegionResponse;
import io.arrowraft.proto.pdpb.GetStoreRequest;
import io.arrowraft.proto.pdpb.GetStoreResponse;
import io.arrowraft.proto.pdpb.Member;
import io.arrowraft.proto.pdpb.ResponseHeader;
import io.arrowraft.proto.pdpb.ScanRegionsRequest;
import io.arrowraft.proto.pdpb.ScanRegionsResponse;
import io.arrowraft.proto.pdpb.Timestamp;
import io.arrowraft.proto.pdpb.TsoRequest;
import io.arrowraft.proto.pdpb.TsoResponse;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.time.Duration;

/** Members, timestamps, regions and stores. */
final class FakePd {
  private static final ResponseHeader HEADER = ResponseHeader.newBuilder().setClusterId(77).build();

  private final FakeCluster cluster;
  private final VirtualWorld world;
  private long logical;

  /** Below which nobody reads any more. */
  long safePoint;

  FakePd(FakeCluster cluster, VirtualWorld world) {
    this.cluster = cluster;
    this.world = world;
  }

  Message answer(String method, Message request) {
    return switch (method) {
      case "GetMembers" ->
          GetMembersResponse.newBuilder()
              .setHeader(HEADER)
              .setLeader(
                  Member.newBuilder()
                      .setMemberId(1)
                      .addClientUrls("http://" + FakeCluster.PD_ADDRESS))
              .build();
      case "GetRegion" -> region(cluster.regionOf(((GetRegionRequest) request).getRegionKey()));
      case "ScanRegions" -> scan((ScanRegionsRequest) request);
      case "GetGCSafePoint" ->
          GetGCSafePointResponse.newBuilder().setHeader(HEADER).setSafePoint(safePoint).build();
      case "GetStore" ->
          GetStoreResponse.newBuilder()
              .setHeader(HEADER)
              .setStore(
                  Store.newBuilder()
                      .setId(((GetStoreRequest) request).getStoreId())
                      .setAddress("store-" + ((GetStoreRequest) request).getStoreId() + ":1")
                      .addLabels(
                          StoreLabel.newBuilder()
                              .setKey("zone")
                              .setValue("z" + ((GetStoreRequest) request).getStoreId())))
              .build();
      default -> throw new RpcException(RpcStatus.UNIMPLEMENTED, method);
    };
  }

  private ScanRegionsResponse scan(ScanRegionsRequest request) {
    ScanRegionsResponse.Builder response = ScanRegionsResponse.newBuilder().setHeader(HEADER);
    Bytes start = cluster.regions.floorKey(Wire.of(request.getStartKey()));
    for (Region region : cluster.regions.tailMap(start).values()) {
      boolean beyond =
          !request.getEndKey().isEmpty()
              && Wire.of(region.getStartKey()).compareTo(Wire.of(request.getEndKey())) >= 0;
      if (!beyond && response.getRegionsCount() < request.getLimit()) {
        response.addRegions(
            io.arrowraft.proto.pdpb.Region.newBuilder()
                .setRegion(region)
                .setLeader(region(region).getLeader()));
      }
    }
    return response.build();
  }

  private GetRegionResponse region(Region region) {
    long leader = cluster.leaders.get(region.getId());
    Peer peer =
        region.getPeersList().stream().filter(p -> p.getStoreId() == leader).findFirst().get();
    return GetRegionResponse.newBuilder()
        .setHeader(HEADER)
        .setRegion(region)
        .setLeader(peer)
        .build();
  }

  RpcStream<TsoRequest> timestamps(RpcReceiver<TsoResponse> receiver) {
    return new FakeCluster.ResponseStream<>(
        (request, send) ->
            world.later(
                Duration.ofMillis(1),
                () -> {
                  logical += request.getCount();
                  send.accept(
                      TsoResponse.newBuilder()
                          .setHeader(HEADER)
                          .setCount(request.getCount())
                          .setTimestamp(
                              Timestamp.newBuilder()
                                  .setPhysical(world.wallMillis())
                                  .setLogical(logical))
                          .build());
                }),
        receiver);
  }
}
