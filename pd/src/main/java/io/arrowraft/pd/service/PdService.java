package io.arrowraft.pd.service;

import io.arrowraft.proto.pd.GarbageCollectionGrpc;
import io.arrowraft.proto.pd.StatisticsGrpc;
import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcService;
import java.util.List;

/** All of {@code pdpb.PD}, and our own services beside it. */
public final class PdService {
  private PdService() {}

  /**
   * The services of one member.
   *
   * @param members asked at each request, since the address is known only after binding
   * @param loop owns {@code leader}
   */
  public static List<RpcService> of(
      Members members, LeaderState leader, EventLoop loop, TimeSource time) {
    return List.of(
        placement(members, leader, loop, time), statistics(leader, loop), gc(leader, loop));
  }

  private static RpcService statistics(LeaderState leader, EventLoop loop) {
    RpcService.Builder service = RpcService.named(StatisticsGrpc.SERVICE_NAME);
    new StatisticsHandlers(leader.regions()).bind(new Bindings(service, leader, loop));
    return service.build();
  }

  private static RpcService gc(LeaderState leader, EventLoop loop) {
    RpcService.Builder service = RpcService.named(GarbageCollectionGrpc.SERVICE_NAME);
    new GcHandlers(leader.gc()).bind(new Bindings(service, leader, loop));
    return service.build();
  }

  private static RpcService placement(
      Members members, LeaderState leader, EventLoop loop, TimeSource time) {
    RpcService.Builder service = RpcService.named(PDGrpc.SERVICE_NAME);
    Bindings bindings = new Bindings(service, leader, loop);
    new MemberHandlers(members).bind(bindings);
    new TimestampHandlers(leader).bind(bindings);
    new ClusterHandlers(leader).bind(bindings);
    new StoreHandlers(leader, time).bind(bindings);
    new RoutingHandlers(leader.regions()).bind(bindings);
    new HeartbeatHandlers(leader).bind(bindings);
    new SplitHandlers(leader, loop, time).bind(bindings);
    new ScatterHandlers(leader).bind(bindings);
    new SafePointHandlers(leader, time).bind(bindings);
    return service.build();
  }
}
