package io.arrowraft.pd.schedule.round;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.pd.schedule.ScheduleLimits;
import io.arrowraft.pd.settings.ScheduleConfig;
import io.arrowraft.pd.store.StoreStatus;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.metapb.StoreState;
import io.arrowraft.proto.pdpb.StoreStats;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the log tells of stores that come and go. */
class StoreWatchTest {
  private final ScheduleConfig config = ScheduleConfig.defaults(ScheduleLimits.defaults(), 3);
  private final StoreWatch watch = new StoreWatch();

  @Test
  void storeThatFallsSilentIsNotedOnceAtEachStep() {
    assertThat(watch.look(List.of(store(Duration.ZERO)), config))
        .containsExactly(new StoreWatch.Change(1, "", "Up"));
    assertThat(watch.look(List.of(store(Duration.ofSeconds(10))), config)).isEmpty();
    assertThat(watch.look(List.of(store(Duration.ofSeconds(21))), config))
        .containsExactly(new StoreWatch.Change(1, "Up", "Disconnected"));
    assertThat(watch.look(List.of(store(Duration.ofSeconds(22))), config)).isEmpty();
    assertThat(watch.look(List.of(store(Duration.ofMinutes(31))), config))
        .containsExactly(new StoreWatch.Change(1, "Disconnected", "Down"));
    assertThat(watch.look(List.of(store(Duration.ZERO)), config))
        .containsExactly(new StoreWatch.Change(1, "Down", "Up"));
  }

  @Test
  void storeThatLeavesIsNotedAndForgotten() {
    watch.look(List.of(store(Duration.ZERO)), config);
    assertThat(watch.look(List.of(store(StoreState.Tombstone, Duration.ZERO)), config))
        .containsExactly(new StoreWatch.Change(1, "Up", "Tombstone"));
    assertThat(watch.look(List.of(), config)).isEmpty();
    assertThat(watch.look(List.of(store(Duration.ZERO)), config))
        .containsExactly(new StoreWatch.Change(1, "", "Up"));
  }

  private static StoreStatus store(Duration silence) {
    return store(StoreState.Up, silence);
  }

  private static StoreStatus store(StoreState state, Duration silence) {
    return new StoreStatus(
        Store.newBuilder().setId(1).setState(state).build(),
        StoreStats.getDefaultInstance(),
        silence);
  }
}
