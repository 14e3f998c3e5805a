package io.arrowraft.pd.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.testing.ManualLoop;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StoreLimiterTest {
  private static final StoreLimiter.Type ADD = StoreLimiter.Type.ADD_PEER;

  private final ManualLoop loop = new ManualLoop();
  private final StoreLimiter limiter =
      new StoreLimiter(loop, store -> new StoreLimit(store == 9 ? StoreLimit.UNLIMITED : 15, 15));

  private void add(long store, long mib) {
    Peer peer = Peer.newBuilder().setId(5).setStoreId(store).build();
    limiter.take(
        new Operator(1, Operator.Kind.REGION, "test", List.of(new Step.AddLearner(peer))),
        new RegionInfo(
            Region.newBuilder().setId(1).build(),
            Optional.empty(),
            1,
            List.of(),
            List.of(),
            mib << 20,
            1));
  }

  @Test
  void aLargePeerTakesAWholeTokenThatComesBackInTime() {
    assertThat(limiter.allows(1, ADD, 96)).isTrue();
    add(1, 96);
    assertThat(limiter.allows(1, ADD, 96)).isFalse();
    assertThat(limiter.allows(2, ADD, 96)).isTrue();
    assertThat(limiter.allows(1, StoreLimiter.Type.REMOVE_PEER, 96)).isTrue();
    loop.advance(Duration.ofMillis(4100));
    assertThat(limiter.allows(1, ADD, 96)).isTrue();
  }

  @Test
  void smallPeersCostLessAndEmptyOnesNothing() {
    for (int i = 0; i < 5; i++) {
      assertThat(limiter.allows(1, ADD, 10)).as("peer %d", i).isTrue();
      add(1, 10);
    }
    assertThat(limiter.allows(1, ADD, 10)).isFalse();
    assertThat(limiter.allows(1, ADD, 1)).isTrue();
  }

  @Test
  void aStoreWithoutALimitTakesEverything() {
    for (int i = 0; i < 1000; i++) {
      assertThat(limiter.allows(9, ADD, 96)).isTrue();
      add(9, 96);
    }
  }
}
