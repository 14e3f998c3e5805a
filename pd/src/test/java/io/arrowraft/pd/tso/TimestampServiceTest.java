package io.arrowraft.pd.tso;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.testing.LocalLog;
import io.arrowraft.pd.testing.ManualLoop;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TimestampServiceTest {
  private final ManualLoop loop = new ManualLoop();
  private final PdState state = new PdState();
  private final LocalLog log = new LocalLog(state, loop);
  private final TimestampService service =
      new TimestampService(
          TimestampWindow.defaults(),
          log,
          loop,
          loop,
          10,
          new TimestampMeters(new SimpleMeterRegistry()));

  @Test
  void callersWaitForTheFirstWindow() {
    service.lead(state.timestampLimit());
    CompletableFuture<Long> first = service.next(1);
    assertThat(first).isNotDone();
    assertThat(loop.await(first)).isGreaterThan(0);
  }

  @Test
  void anExpiredLeaseStopsAllocationAtOnce() {
    service.lead(state.timestampLimit());
    loop.await(service.next(1));
    log.setLeads(false);
    CompletableFuture<Long> late = service.next(1);
    loop.advance(Duration.ofSeconds(1));
    assertThat(late).isNotDone();
    log.setLeads(true);
    assertThat(loop.await(late)).isGreaterThan(0);
    service.resign();
    assertThat(service.next(1)).isCompletedExceptionally();
  }

  @Test
  void aClockThatStepsBackNeverLowersATimestamp() {
    service.lead(state.timestampLimit());
    long before = loop.await(service.next(1));
    loop.stepWallClock(Duration.ofHours(-1));
    loop.advance(Duration.ofSeconds(10));
    long after = loop.await(service.next(1));
    assertThat(after).isGreaterThan(before);
  }

  @Test
  void timestampsFollowTheClockOverManyWindows() {
    service.lead(state.timestampLimit());
    loop.advance(Duration.ofMinutes(1));
    long physical = loop.await(service.next(1)) >>> TimestampOracle.LOGICAL_BITS;
    assertThat(loop.wallMillis() - physical).isBetween(0L, 100L);
    assertThat(state.timestampLimit()).isGreaterThan(physical);
  }

  @Test
  void timestampsEndWithTheWindowWhenTheLogStallsAndGoOnAfterwards() {
    service.lead(state.timestampLimit());
    loop.await(service.next(1));
    log.setStalled(true);
    loop.advance(Duration.ofSeconds(30));
    long stalled = loop.await(service.next(1)) >>> TimestampOracle.LOGICAL_BITS;
    assertThat(stalled).isLessThan(state.timestampLimit());
    log.setStalled(false);
    loop.advance(Duration.ofSeconds(1));
    long physical = loop.await(service.next(1)) >>> TimestampOracle.LOGICAL_BITS;
    assertThat(loop.wallMillis() - physical).isBetween(0L, 100L);
  }

  @Test
  void aNewLeaderStartsAboveTheOldOnesWindow() {
    service.lead(state.timestampLimit());
    long before = loop.await(service.next(5));
    service.resign();
    TimestampService next =
        new TimestampService(
            TimestampWindow.defaults(),
            log,
            loop,
            loop,
            10,
            new TimestampMeters(new SimpleMeterRegistry()));
    next.lead(state.timestampLimit());
    assertThat(loop.await(next.next(1))).isGreaterThan(before);
  }

  @Test
  void waitersAreBoundedAndToldWhenLeadershipEnds() {
    service.lead(state.timestampLimit());
    CompletableFuture<Long> waiting = service.next(1);
    for (int i = 0; i < 9; i++) {
      service.next(1);
    }
    assertThat(service.next(1)).isCompletedExceptionally();
    service.resign();
    assertThat(waiting).isCompletedExceptionally();
  }
}
