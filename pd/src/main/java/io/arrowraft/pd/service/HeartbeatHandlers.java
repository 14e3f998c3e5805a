package io.arrowraft.pd.service;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.ReportOutcome;
import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.proto.pdpb.RegionHeartbeatRequest;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What region leaders report, and the orders that they are given. */
final class HeartbeatHandlers {
  private static final Logger LOG = LoggerFactory.getLogger(HeartbeatHandlers.class);

  /** Reports of one stream that may wait at once. */
  private static final int REPORTS_IN_FLIGHT_MAX = 256;

  private final LeaderState leader;

  HeartbeatHandlers(LeaderState leader) {
    this.leader = leader;
  }

  void bind(Bindings bindings) {
    bindings.service().stream(
        RpcMethods.of(PDGrpc.getRegionHeartbeatMethod()),
        (orders, call) -> new Reports(orders, bindings.loop()));
  }

  /** One store's stream. */
  private final class Reports implements RpcReceiver<RegionHeartbeatRequest> {
    private final RpcStream<RegionHeartbeatResponse> orders;
    private final EventLoop loop;
    private long storeId;
    private boolean ended;

    Reports(RpcStream<RegionHeartbeatResponse> orders, EventLoop loop) {
      this.orders = orders;
      this.loop = loop;
      orders.request(REPORTS_IN_FLIGHT_MAX);
    }

    @Override
    public void onMessage(RegionHeartbeatRequest report) {
      loop.execute(() -> take(report));
    }

    @Override
    public void onComplete() {
      loop.execute(
          () -> {
            if (!ended) {
              end();
              orders.complete();
            }
          });
    }

    @Override
    public void onError(RpcException failure) {
      loop.execute(this::end);
    }

    private void end() {
      ended = true;
      leader.lines().close(storeId, orders);
    }

    private void take(RegionHeartbeatRequest report) {
      if (ended) {
        return;
      }
      try {
        Headers.require(leader, report.getHeader());
      } catch (RpcException refused) {
        end();
        orders.fail(refused);
        return;
      }
      orders.request(1);
      if (!leader.state().bootstrapped() || report.getRegion().getId() == 0) {
        return;
      }
      RegionInfo region = RegionInfo.of(report);
      if (region.leaderStore() != storeId) {
        leader.lines().close(storeId, orders);
        storeId = region.leaderStore();
        leader.lines().open(storeId, orders);
      }
      ReportOutcome outcome = leader.regions().report(region);
      if (outcome instanceof ReportOutcome.Accepted accepted) {
        leader.recorder().record(region.meta(), accepted);
        leader.scheduling().heard(region, accepted);
        leader.advance(region.id());
      } else if (outcome instanceof ReportOutcome.Stale stale) {
        LOG.debug("region report ignored: region={}, reason={}", region.id(), stale.reason());
      }
    }
  }
}
