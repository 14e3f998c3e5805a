package io.arrowraft.pd.service;

import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcService;

/** All of {@code pdpb.PD}. */
public final class PdService {
  private PdService() {}

  /**
   * The service of one member.
   *
   * @param loop owns {@code leader}
   */
  public static RpcService of(Member member, LeaderState leader, EventLoop loop, TimeSource time) {
    RpcService.Builder service = RpcService.named(PDGrpc.SERVICE_NAME);
    Bindings bindings = new Bindings(service, leader, loop);
    new MemberHandlers(member, leader).bind(bindings);
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
