package io.arrowraft.pd.client;

import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.proto.pdpb.RegionHeartbeatRequest;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link RegionHeartbeats} over one stream at a time. Lives on the client's loop. */
final class ReconnectingHeartbeats implements RegionHeartbeats {
  private static final Logger LOG = LoggerFactory.getLogger(ReconnectingHeartbeats.class);
  private static final RpcMethod<RegionHeartbeatRequest, RegionHeartbeatResponse> HEARTBEAT =
      RpcMethods.of(PDGrpc.getRegionHeartbeatMethod());
  private static final int ORDERS_REQUESTED = 64;

  /** A stream tells nothing of a leader that stands still, so the others are asked now and then. */
  private static final Duration DOUBT_EVERY = Duration.ofSeconds(2);

  private final RpcClient rpc;
  private final EventLoop loop;
  private final LeaderFinder finder;
  private final PdCalls calls;
  private final Listener listener;
  // The newest report of each region that has not left yet; at most one per region.
  private final Map<Long, RegionHeartbeatRequest> unsent = new LinkedHashMap<>();
  private final Consumer<LeaderFinder.Leader> follower = this::leaderChanged;
  private Line line;
  private boolean closed;

  ReconnectingHeartbeats(
      RpcClient rpc, EventLoop loop, LeaderFinder finder, PdCalls calls, Listener listener) {
    this.rpc = rpc;
    this.loop = loop;
    this.finder = finder;
    this.calls = calls;
    this.listener = listener;
    loop.execute(
        () -> {
          finder.follow(follower);
          connect(0);
          doubt();
        });
  }

  @Override
  public void report(RegionHeartbeatRequest report) {
    loop.execute(
        () -> {
          if (!closed) {
            unsent.put(report.getRegion().getId(), report);
            flush();
          }
        });
  }

  @Override
  public void close() {
    loop.run(
        () -> {
          closed = true;
          finder.unfollow(follower);
          unsent.clear();
          if (line != null) {
            line.stream.fail(
                new RpcException(RpcStatus.CANCELLED, "the store has closed the line"));
            line = null;
          }
        });
  }

  private void connect(int attempt) {
    if (closed) {
      return;
    }
    calls
        .leader()
        .whenComplete(
            (leader, failure) -> {
              if (closed) {
                return;
              }
              if (failure != null) {
                if (Async.cause(failure) instanceof PdException e
                    && e.code() == PdException.Code.CLOSED) {
                  close();
                  return;
                }
                LOG.debug("region heartbeats wait for a placement driver", failure);
                reconnectLater(attempt);
                return;
              }
              try {
                line = new Line(leader, attempt);
              } catch (RpcException refused) {
                LOG.debug("region heartbeats could not be opened", refused);
                reconnectLater(attempt);
                return;
              }
              listener.onConnected();
              flush();
            });
  }

  private void doubt() {
    loop.schedule(
        DOUBT_EVERY,
        () -> {
          if (!closed) {
            if (line != null && finder.knowsOthers()) {
              // If there is another leader, all who follow the finder are told.
              finder.isReplaced(line.leader);
            }
            doubt();
          }
        });
  }

  private void leaderChanged(LeaderFinder.Leader leader) {
    if (line != null && !line.leader.equals(leader)) {
      Line ended = line;
      ended.stream.fail(new RpcException(RpcStatus.CANCELLED, "another member leads"));
      broken(ended, "another member leads");
    }
  }

  private void reconnectLater(int attempt) {
    loop.schedule(calls.backoff(attempt), () -> connect(attempt + 1));
  }

  private void flush() {
    if (line == null) {
      return;
    }
    Iterator<RegionHeartbeatRequest> reports = unsent.values().iterator();
    while (reports.hasNext() && line.stream.isReady()) {
      RegionHeartbeatRequest report = reports.next();
      reports.remove();
      line.stream.send(report.toBuilder().setHeader(line.leader.header()).build());
    }
  }

  private void broken(Line ended, String why) {
    if (line != ended || closed) {
      return;
    }
    line = null;
    finder.forget(ended.leader);
    LOG.atInfo()
        .addKeyValue("leader", ended.leader.address())
        .addKeyValue("reason", why)
        .log("region heartbeats were interrupted");
    reconnectLater(ended.heard ? 0 : ended.attempt);
  }

  /** One stream to one leader. */
  private final class Line implements RpcReceiver<RegionHeartbeatResponse> {
    private final LeaderFinder.Leader leader;
    private final int attempt;
    private final RpcStream<RegionHeartbeatRequest> stream;
    private boolean heard;

    Line(LeaderFinder.Leader leader, int attempt) {
      this.leader = leader;
      this.attempt = attempt;
      this.stream = rpc.open(leader.address(), HEARTBEAT, Duration.ZERO, this);
      stream.request(ORDERS_REQUESTED);
    }

    @Override
    public void onMessage(RegionHeartbeatResponse order) {
      loop.execute(
          () -> {
            if (line == this) {
              heard = true;
              stream.request(1);
              listener.onOrder(order);
            }
          });
    }

    @Override
    public void onComplete() {
      loop.execute(() -> broken(this, "the placement driver ended the stream"));
    }

    @Override
    public void onError(RpcException failure) {
      loop.execute(() -> broken(this, failure.getMessage()));
    }

    @Override
    public void onReady() {
      loop.execute(ReconnectingHeartbeats.this::flush);
    }
  }
}
