package io.arrowraft.server.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.runtime.TimeSource;
import io.arrowraft.storage.engine.EnginePressure;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FlowControllerTest {
  private static final EnginePressure SOME = new EnginePressure(28, 0, 0, false);
  private static final EnginePressure TOO_MUCH = new EnginePressure(0, 5, 0, false);

  private final Clock clock = new Clock();
  private final FlowController flow =
      new FlowController(FlowLimits.defaults(), clock, new SimpleMeterRegistry());

  @Test
  void anIdleEngineTakesEverything() {
    observe(EnginePressure.NONE);

    assertThat(flow.admit(100 << 20, true, 1)).isEqualTo(Admission.NOW);
    assertThat(flow.severity()).isZero();
  }

  @Test
  void beyondTheHardBoundNewDataIsRefusedWithTheReasonAndWhatEndsWorkIsNot() {
    observe(TOO_MUCH);

    assertThat(flow.admit(100, true, 1))
        .isInstanceOfSatisfying(
            Admission.Busy.class,
            busy -> {
              assertThat(busy.reason()).contains("the engine is behind", "full write buffers: 5");
              assertThat(busy.backoff()).isPositive();
            });
    assertThat(flow.admit(100, false, 1)).isEqualTo(Admission.NOW);

    observe(EnginePressure.NONE);
    assertThat(flow.admit(100, true, 1)).isEqualTo(Admission.NOW);
  }

  @Test
  void anEngineThatHasStoppedItsWritersIsBeyondAllBounds() {
    observe(new EnginePressure(0, 0, 0, true));

    assertThat(flow.admit(1, true, 1)).isInstanceOf(Admission.Busy.class);
  }

  @Test
  void aLogThatIsBehindSlowsWritesDownLikeTheData() {
    clock.advance(Duration.ofMillis(250));
    flow.observe(EnginePressure.NONE, 0.8);
    assertThat(flow.severity()).isBetween(0.4, 0.6);
    clock.advance(Duration.ofMillis(250));
    flow.observe(EnginePressure.NONE, 1);
    assertThat(flow.admit(1, true, 1)).isInstanceOf(Admission.Busy.class);
  }

  @Test
  void betweenTheBoundsWritesAreLetThroughAtAFallingRate() {
    // The store has taken 40 MB/s so far.
    for (int i = 0; i < 40; i++) {
      flow.admit(10_000_000, true, 1);
      observe(EnginePressure.NONE);
    }
    observe(SOME); // half way between 20 and 36
    long half = admittedIn(Duration.ofSeconds(2));
    observe(new EnginePressure(34, 0, 0, false));
    long less = admittedIn(Duration.ofSeconds(2));

    assertThat(half).as("bytes in two seconds").isBetween(30_000_000L, 50_000_000L);
    assertThat(less).isLessThan(half / 2).isGreaterThan(0);
  }

  @Test
  void aWriteWaitsItsTurnAndIsRefusedWhenThatIsTooFarAway() {
    observe(SOME);
    // At the floor of 1 MiB/s these are paid for in 50 ms each.
    int piece = (1 << 20) / 20;
    assertThat(flow.admit(piece, true, 1)).isEqualTo(Admission.NOW);
    assertThat(flow.admit(piece, true, 2))
        .isEqualTo(new Admission.Later(Duration.ofNanos(49_999_237)));
    assertThat(flow.admit(piece, true, 3)).isInstanceOf(Admission.Later.class);
    assertThat(flow.admit(piece, true, 4))
        .isInstanceOfSatisfying(
            Admission.Busy.class,
            busy ->
                assertThat(busy.backoff())
                    .isBetween(Duration.ofMillis(140), Duration.ofMillis(160)));
  }

  @Test
  void aQueueThatDoesNotDrainHoldsNoMoreThanIsDoneWithinTheDelay() {
    assertThat(flow.admit(1, true, 9_999)).as("a burst").isEqualTo(Admission.NOW);

    for (int i = 0; i < 40; i++) {
      finish(1_000, Duration.ofMillis(300)); // 4,000 a second, none of them quick
      observe(EnginePressure.NONE);
    }
    assertThat(flow.queuedMax()).isBetween(720L, 800L);
    assertThat(flow.admit(1, true, 700)).isEqualTo(Admission.NOW);
    assertThat(flow.admit(1, true, 2_500))
        .isInstanceOfSatisfying(
            Admission.Busy.class,
            busy -> assertThat(busy.reason()).contains("more writes wait than are done within"));
    assertThat(flow.admit(1, false, 2_500)).isInstanceOf(Admission.Busy.class);

    finish(1, Duration.ofMillis(3)); // the queue was empty for a moment
    observe(EnginePressure.NONE);
    assertThat(flow.admit(1, true, 9_999)).isEqualTo(Admission.NOW);
  }

  @Test
  void aSlowStoreMayAlwaysHaveSomeWritesWaiting() {
    finish(1, Duration.ofSeconds(3));
    observe(EnginePressure.NONE);

    assertThat(flow.queuedMax()).isEqualTo(256);
    observe(EnginePressure.NONE);
    assertThat(flow.queuedMax()).as("a store that stands still").isEqualTo(256);
  }

  @Test
  void writesThatAllMissTheirDeadlinesAreAQueueThatDoesNotDrain() {
    flow.late(Duration.ofSeconds(2).toNanos());
    observe(EnginePressure.NONE);

    assertThat(flow.admit(1, true, 200)).isEqualTo(Admission.NOW);
    assertThat(flow.admit(1, true, 300)).isInstanceOf(Admission.Busy.class);

    finish(1, Duration.ofMillis(3));
    observe(EnginePressure.NONE);
    assertThat(flow.admit(1, true, 300)).isEqualTo(Admission.NOW);
  }

  @Test
  void aCallerWithoutPatienceSaysNothingAboutAQueue() {
    finish(1, Duration.ofSeconds(3));
    flow.late(Duration.ofMillis(2).toNanos());
    observe(EnginePressure.NONE);

    assertThat(flow.queuedMax()).isEqualTo(256);
  }

  @Test
  void aNearlyFullDiskTakesNoNewDataButWhatFreesSpace() {
    flow.observeSpace("only 5 bytes are left");

    assertThat(flow.admit(1, true, 1)).isEqualTo(new Admission.NoSpace("only 5 bytes are left"));
    assertThat(flow.admit(1, false, 1)).isEqualTo(Admission.NOW);
    flow.observeSpace("");
    assertThat(flow.admit(1, true, 1)).isEqualTo(Admission.NOW);
  }

  @Test
  void boundsBeyondTheEnginesOwnAreRefused() {
    FlowLimits defaults = FlowLimits.defaults();

    assertThatThrownBy(() -> defaults.withLevel0Files(new FlowLimits.Bounds(20, 40)))
        .hasMessageContaining("must be refused before the engine stops everybody");
    assertThatThrownBy(() -> new FlowLimits.Bounds(20, 20))
        .hasMessage("need 0 <= soft < hard, not 20, 20");
    assertThatThrownBy(() -> defaults.withQueue(Duration.ofMillis(100), 10))
        .hasMessageContaining("need 0 <= delayMax < queueDelayMax");
  }

  private long admittedIn(Duration span) {
    long bytes = 0;
    for (long left = span.toMillis(); left > 0; left -= 10) {
      while (!(flow.admit(10_000, true, 1) instanceof Admission.Busy)) {
        bytes += 10_000;
      }
      clock.advance(Duration.ofMillis(10));
    }
    return bytes;
  }

  private void finish(int writes, Duration latency) {
    for (int i = 0; i < writes; i++) {
      flow.finished(latency.toNanos());
    }
  }

  private void observe(EnginePressure pressure) {
    clock.advance(Duration.ofMillis(250));
    flow.observe(pressure, 0);
  }

  private static final class Clock implements TimeSource {
    private long nanos = 1;

    void advance(Duration time) {
      nanos += time.toNanos();
    }

    @Override
    public long nanos() {
      return nanos;
    }

    @Override
    public long wallMillis() {
      return nanos / 1_000_000;
    }
  }
}
