package io.arrowraft.server.lockwait;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.waits.WaitAnswer;
import io.arrowraft.proto.waits.WaitNews;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.runtime.threads.ThreadLoopFactory;
import io.arrowraft.server.region.RegionEvent;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WaitWatchTest {
  private final ThreadLoopFactory threads = new ThreadLoopFactory("test", (where, cause) -> {});
  private final WaitWatch watch = new WaitWatch(threads.newLoop("waits"), SystemTime.INSTANCE);

  @AfterEach
  void close() {
    threads.close();
  }

  @Test
  void onlyTheLeaderOfTheFirstRegionAnswers() {
    assertThat(tell(1, 2).getElsewhere()).isTrue();
    watch.onEvent(new RegionEvent.LeaderGained(region(7, "m"), 1));
    assertThat(tell(1, 2).getElsewhere()).isTrue();
    watch.onEvent(new RegionEvent.LeaderGained(region(3, ""), 1));
    assertThat(tell(1, 2).getElsewhere()).isFalse();
    assertThat(tell(2, 1).getChainCount()).isEqualTo(2);
    watch.onEvent(new RegionEvent.LeaderLost(3, 1));
    assertThat(tell(2, 1).getElsewhere()).isTrue();
  }

  @Test
  void whoWatchesAgainHasForgottenWhatItSawBefore() {
    watch.onEvent(new RegionEvent.LeaderGained(region(3, ""), 1));
    tell(1, 2);
    watch.onEvent(new RegionEvent.LeaderLost(3, 1));
    watch.onEvent(new RegionEvent.LeaderGained(region(3, ""), 2));
    assertThat(tell(2, 1).getChainCount()).isZero();
  }

  @Test
  void theWatchFollowsTheFirstRegionThroughSplitsAndMerges() {
    watch.onEvent(new RegionEvent.LeaderGained(region(3, ""), 1));
    watch.onEvent(new RegionEvent.Split(3, 9, List.of(region(4, ""), region(3, "m"))));
    assertThat(tell(1, 2).getElsewhere()).as("region 4 is not led here yet").isTrue();
    watch.onEvent(new RegionEvent.LeaderGained(region(4, ""), 1));
    assertThat(tell(1, 2).getElsewhere()).isFalse();
    watch.onEvent(new RegionEvent.Merged(region(3, ""), 11, region(4, ""), 7));
    assertThat(tell(1, 2).getElsewhere()).as("region 3 is led here still").isFalse();
    watch.onEvent(new RegionEvent.LeaderLost(3, 1));
    assertThat(tell(1, 2).getElsewhere()).isTrue();
  }

  private WaitAnswer tell(long waiter, long holder) {
    WaitFor edge = new WaitFor(waiter, holder, Bytes.ofUtf8("k"), ByteString.EMPTY);
    return watch
        .tell(WaitNews.newBuilder().setBegins(edge.toProto()).setBoundMs(60_000).build())
        .orTimeout(20, TimeUnit.SECONDS)
        .join();
  }

  private static Region region(long id, String start) {
    return Region.newBuilder().setId(id).setStartKey(ByteString.copyFromUtf8(start)).build();
  }
}
