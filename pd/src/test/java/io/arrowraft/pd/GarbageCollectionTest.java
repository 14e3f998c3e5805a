package io.arrowraft.pd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.settings.Option;
import io.arrowraft.proto.pd.GcProgress;
import io.arrowraft.proto.pd.GcReport;
import io.arrowraft.proto.pd.ResolvedRange;
import io.arrowraft.proto.pdpb.UpdateGCSafePointRequest;
import io.arrowraft.proto.pdpb.UpdateGCSafePointResponse;
import io.arrowraft.proto.pdpb.UpdateServiceGCSafePointRequest;
import io.arrowraft.proto.pdpb.UpdateServiceGCSafePointResponse;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who decides how far garbage collection goes, seen as stores and services see it. */
class GarbageCollectionTest {
  private static final Duration LIFE = Duration.ofMinutes(10);
  private static final ByteString MIDDLE = ByteString.copyFromUtf8("m");

  private final PdHarness pd = new PdHarness();

  @BeforeEach
  void lead() {
    pd.lead().bootstrap();
  }

  private static Duration secondsOf(long timestamp) {
    return Duration.ofMillis(timestamp >>> 18);
  }

  private Duration now() {
    return Duration.ofMillis(pd.loop.wallMillis());
  }

  private GcProgress report(ByteString start, ByteString end, long resolved) {
    GcProgress answer =
        pd.await(
            "ReportGarbageCollection",
            GcReport.newBuilder()
                .setHeader(pd.header())
                .setStoreId(1)
                .addResolved(
                    ResolvedRange.newBuilder()
                        .setStartKey(start)
                        .setEndKey(end)
                        .setResolved(resolved))
                .build());
    pd.loop.advance(Duration.ofMillis(10));
    assertThat(answer.getHeader().hasError()).isFalse();
    return ask();
  }

  private GcProgress ask() {
    return pd.await(
        "ReportGarbageCollection", GcReport.newBuilder().setHeader(pd.header()).build());
  }

  private GcProgress everywhere(long resolved) {
    return report(ByteString.EMPTY, ByteString.EMPTY, resolved);
  }

  private UpdateServiceGCSafePointResponse claim(String service, long timestamp, long seconds) {
    return pd.await(
        "UpdateServiceGCSafePoint",
        UpdateServiceGCSafePointRequest.newBuilder()
            .setHeader(pd.header())
            .setServiceId(ByteString.copyFromUtf8(service))
            .setSafePoint(timestamp)
            .setTTL(seconds)
            .build());
  }

  private GcProgress afterOneRun() {
    pd.loop.advance(Duration.ofMinutes(11));
    return ask();
  }

  @Test
  void theTargetFollowsThePresentAtADistance() {
    GcProgress first = afterOneRun();
    assertThat(now().minus(secondsOf(first.getTarget())))
        .isBetween(LIFE, LIFE.plus(Duration.ofMinutes(2)));
    GcProgress second = afterOneRun();
    assertThat(second.getTarget()).isGreaterThan(first.getTarget());
    assertThat(second.getSafePoint()).isZero();
    assertThat(second.getCollectable()).isZero();
  }

  @Test
  void theSafePointWaitsUntilEveryRangeHasReported() {
    long target = afterOneRun().getTarget();
    assertThat(report(ByteString.EMPTY, MIDDLE, target).getSafePoint()).isZero();
    GcProgress covered = report(MIDDLE, ByteString.EMPTY, target);
    assertThat(covered.getSafePoint()).isEqualTo(target);
    assertThat(covered.getCollectable()).isEqualTo(target);
  }

  @Test
  void aRegionThatHasALiveLockHoldsTheSafePointBackAtThatLock() {
    long target = afterOneRun().getTarget();
    report(ByteString.EMPTY, MIDDLE, target);
    assertThat(report(MIDDLE, ByteString.EMPTY, target - 5).getSafePoint()).isEqualTo(target - 5);
    assertThat(report(MIDDLE, ByteString.EMPTY, target).getSafePoint()).isEqualTo(target);
  }

  @Test
  void theSafePointNeverPassesTheTargetAndNeverGoesBack() {
    long target = afterOneRun().getTarget();
    assertThat(everywhere(target + 1000).getSafePoint()).isEqualTo(target);
    assertThat(everywhere(1).getSafePoint()).isEqualTo(target);
  }

  @Test
  void aServiceHoldsTheTargetBackUntilItsClaimExpires() {
    long target = afterOneRun().getTarget();
    long claimed = target + (1L << 18);
    UpdateServiceGCSafePointResponse held = claim("long reader", claimed, 1500);
    assertThat(held.getMinSafePoint()).isEqualTo(target);
    assertThat(afterOneRun().getTarget()).isEqualTo(claimed);
    assertThat(afterOneRun().getTarget()).isEqualTo(claimed);
    assertThat(everywhere(Long.MAX_VALUE).getSafePoint()).isEqualTo(claimed);
    assertThat(afterOneRun().getTarget()).as("25 minutes later").isGreaterThan(claimed);
  }

  @Test
  void aClaimBelowTheTargetComesTooLate() {
    long target = afterOneRun().getTarget();
    UpdateServiceGCSafePointResponse refused = claim("late", target - 1, 1500);
    assertThat(refused.getMinSafePoint()).isEqualTo(target);
    assertThat(afterOneRun().getTarget()).isGreaterThan(target);
  }

  @Test
  void nothingIsCollectableBelowALockWhenSomebodyElseMovesTheSafePoint() {
    long far = afterOneRun().getTarget() + 1000;
    UpdateGCSafePointResponse moved =
        pd.await(
            "UpdateGCSafePoint",
            UpdateGCSafePointRequest.newBuilder().setHeader(pd.header()).setSafePoint(far).build());
    assertThat(moved.getNewSafePoint()).isEqualTo(far);
    GcProgress told = ask();
    assertThat(told.getSafePoint()).isEqualTo(far);
    assertThat(told.getTarget()).isEqualTo(far);
    assertThat(told.getCollectable()).isZero();
    assertThat(everywhere(far - 1).getCollectable()).isEqualTo(far - 1);
    assertThat(everywhere(far).getCollectable()).isEqualTo(far);
  }

  @Test
  void aNewLeaderKeepsTargetAndSafePointAndAsksForTheReportsAgain() {
    long target = afterOneRun().getTarget();
    everywhere(target - 7);
    pd.leadership.deposed();
    pd.leadership.elected();
    pd.loop.advance(Duration.ofMillis(150));
    GcProgress told = ask();
    assertThat(told.getSafePoint()).isEqualTo(target - 7);
    assertThat(told.getTarget()).isGreaterThanOrEqualTo(target);
    assertThat(told.getCollectable()).isZero();
    assertThat(everywhere(target).getCollectable()).isEqualTo(target);
  }

  @Test
  void transactionsAreWaitedForUpToABoundAndNeverLessThanVersionsLive() {
    change(Option.GC_MAX_WAIT_TIME, "25m");
    pd.loop.advance(Duration.ofHours(2));
    GcProgress now = afterOneRun();
    assertThat(secondsOf(now.getTarget()).minus(secondsOf(now.getEndBefore())))
        .isEqualTo(Duration.ofMinutes(15));
    change(Option.GC_MAX_WAIT_TIME, "5m");
    assertThat(ask().getEndBefore()).isEqualTo(ask().getTarget() >>> 18 << 18);
  }

  @Test
  void theLifeTimeIsChangedWhileItRunsAndCollectionCanBeSwitchedOff() {
    change(Option.GC_LIFE_TIME, "1h");
    GcProgress none = afterOneRun();
    change(Option.GC_LIFE_TIME, "30s");
    GcProgress soon = afterOneRun();
    assertThat(now().minus(secondsOf(soon.getTarget()))).isLessThan(Duration.ofMinutes(3));
    assertThat(soon.getTarget()).isGreaterThan(none.getTarget());
    change(Option.GC_ENABLE, "false");
    assertThat(afterOneRun().getTarget()).isEqualTo(soon.getTarget());
    assertThat(everywhere(soon.getTarget()).getSafePoint()).isZero();
  }

  private void change(Option option, String value) {
    pd.loop.await(pd.log.propose(pd.leader.scheduling().settings().change(Map.of(option, value))));
  }
}
