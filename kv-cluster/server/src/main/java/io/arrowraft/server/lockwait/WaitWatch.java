package io.arrowraft.server.lockwait;

import io.arrowraft.proto.deadlock.WaitForEntry;
import io.arrowraft.proto.waits.DeadlockDetectionGrpc;
import io.arrowraft.proto.waits.WaitAnswer;
import io.arrowraft.proto.waits.WaitNews;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.server.region.RegionEvent;
import io.arrowraft.server.region.RegionObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * This store as the one that sees all waits, while it leads the region that holds the empty key.
 * Safe for use by any thread; the graph belongs to the loop.
 */
public final class WaitWatch implements RegionObserver {
  static final RpcMethod<WaitNews, WaitAnswer> TELL =
      RpcMethods.of(DeadlockDetectionGrpc.getTellMethod());

  private static final int ENTRIES_MAX = 1 << 20;

  private final EventLoop loop;
  private final TimeSource time;
  private final WaitForGraph graph = new WaitForGraph(ENTRIES_MAX);

  /** The first region, while it is led here; 0 otherwise. Owned by the loop. */
  private long firstRegion;

  public WaitWatch(EventLoop loop, TimeSource time) {
    this.loop = loop;
    this.time = time;
  }

  @Override
  public void onEvent(RegionEvent event) {
    if (event instanceof RegionEvent.LeaderGained gained) {
      if (gained.region().getStartKey().isEmpty()) {
        loop.execute(() -> watchOver(gained.regionId()));
      }
    } else if (event instanceof RegionEvent.LeaderLost
        || event instanceof RegionEvent.Destroyed
        || movesStart(event)) {
      loop.execute(() -> giveUp(event.regionId()));
    }
  }

  private static boolean movesStart(RegionEvent event) {
    return event instanceof RegionEvent.Split split
        && split.parts().get(0).getId() != event.regionId();
  }

  private void watchOver(long regionId) {
    graph.clear();
    firstRegion = regionId;
  }

  private void giveUp(long regionId) {
    if (firstRegion == regionId) {
      graph.clear();
      firstRegion = 0;
    }
  }

  /** Takes news of this store or another. */
  CompletableFuture<WaitAnswer> tell(WaitNews news) {
    CompletableFuture<WaitAnswer> answer = new CompletableFuture<>();
    loop.execute(() -> answer.complete(answer(news)));
    return answer;
  }

  private WaitAnswer answer(WaitNews news) {
    if (firstRegion == 0) {
      return WaitAnswer.newBuilder().setElsewhere(true).build();
    }
    for (WaitForEntry ended : news.getEndedList()) {
      graph.remove(WaitFor.of(ended));
    }
    WaitAnswer.Builder answer = WaitAnswer.newBuilder();
    if (news.hasBegins()) {
      long now = time.nanos();
      long expires = now + Duration.ofMillis(news.getBoundMs()).toNanos();
      Optional<Deadlock> circle = graph.add(WaitFor.of(news.getBegins()), expires, now);
      circle.ifPresent(found -> found.chain().forEach(each -> answer.addChain(each.toProto())));
    }
    return answer.build();
  }

  /** What other stores call. */
  public RpcService service() {
    return RpcService.named(TELL.service()).unary(TELL, (news, call) -> tell(news)).build();
  }
}
