package io.arrowraft.server.lockwait;

import io.arrowraft.proto.deadlock.WaitForEntry;
import io.arrowraft.proto.metapb.Region;
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
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
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

  /** The regions that are led here. Owned by the loop, like the rest. */
  private final Set<Long> led = new HashSet<>();

  /** The region that holds the empty key, as far as its events have come by here; 0 if none has. */
  private long first;

  private boolean watching;

  public WaitWatch(EventLoop loop, TimeSource time) {
    this.loop = loop;
    this.time = time;
  }

  @Override
  public void onEvent(RegionEvent event) {
    if (event instanceof RegionEvent.LeaderGained gained) {
      loop.execute(() -> gained(gained.region()));
    } else if (event instanceof RegionEvent.LeaderLost || event instanceof RegionEvent.Destroyed) {
      loop.execute(() -> lost(event.regionId()));
    } else if (event instanceof RegionEvent.Split split) {
      loop.execute(() -> begins(split.parts().get(0)));
    } else if (event instanceof RegionEvent.Merged merged) {
      loop.execute(() -> merged(merged));
    }
  }

  private void gained(Region region) {
    led.add(region.getId());
    begins(region);
  }

  private void lost(long regionId) {
    led.remove(regionId);
    look();
  }

  private void merged(RegionEvent.Merged merged) {
    led.remove(merged.source().getId());
    begins(merged.region());
  }

  private void begins(Region region) {
    if (region.getStartKey().isEmpty()) {
      first = region.getId();
    }
    look();
  }

  /** What was seen before somebody else watched, or while somebody else does, is worth nothing. */
  private void look() {
    boolean now = led.contains(first);
    if (now != watching) {
      graph.clear();
      watching = now;
    }
  }

  /** Takes news of this store or another. */
  CompletableFuture<WaitAnswer> tell(WaitNews news) {
    CompletableFuture<WaitAnswer> answer = new CompletableFuture<>();
    loop.execute(() -> answer.complete(answer(news)));
    return answer;
  }

  private WaitAnswer answer(WaitNews news) {
    if (!watching) {
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
