package io.arrowraft.pd.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.RegionTraffic;
import io.arrowraft.pd.testing.ManualLoop;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FlowBookTest {
  private final ManualLoop loop = new ManualLoop();
  private final FlowBook book = new FlowBook(loop, () -> 3);

  private void report(long region, long leaderStore, long bytesWritten, long reads) {
    Peer one = Peer.newBuilder().setId(region * 10 + 1).setStoreId(1).build();
    Peer two = Peer.newBuilder().setId(region * 10 + 2).setStoreId(2).build();
    book.report(
        new RegionInfo(
            Region.newBuilder().setId(region).addPeers(one).addPeers(two).build(),
            Optional.of(leaderStore == 1 ? one : two),
            1,
            List.of(),
            List.of(),
            1,
            1,
            new RegionTraffic(bytesWritten, 0, 0, 0, 0, reads, 10)));
  }

  private void idleRegions() {
    for (long region = 100; region < 110; region++) {
      report(region, 1, 0, 0);
    }
  }

  @Test
  void ratesComeCloserToWhatIsReportedAndFadeAway() {
    for (int i = 0; i < 20; i++) {
      loop.advance(Duration.ofSeconds(10));
      report(1, 1, 100_000, 5000);
    }
    assertThat(book.load(Aspect.WRITE, 1).bytes()).isCloseTo(10_000, within(200.0));
    assertThat(book.load(Aspect.WRITE, 2).bytes()).isCloseTo(10_000, within(200.0));
    assertThat(book.load(Aspect.WRITE_LEADER, 2).bytes()).isZero();
    assertThat(book.load(Aspect.READ, 1).queries()).isCloseTo(500, within(10.0));
    for (int i = 0; i < 30; i++) {
      loop.advance(Duration.ofSeconds(10));
      report(1, 1, 0, 0);
    }
    assertThat(book.load(Aspect.WRITE, 1).bytes()).isLessThan(100);
    assertThat(book.load(Aspect.READ, 1).queries()).isLessThan(250);
  }

  @Test
  void aRegionIsHotOnlyAfterSeveralReportsThatSaySo() {
    idleRegions();
    for (int i = 0; i < 2; i++) {
      loop.advance(Duration.ofSeconds(10));
      report(1, 1, 10_000_000, 0);
      assertThat(book.isHot(1)).isFalse();
    }
    loop.advance(Duration.ofSeconds(10));
    report(1, 1, 10_000_000, 0);
    assertThat(book.isHot(1)).isTrue();
    assertThat(book.hot(true)).extracting(HotRegion::regionId).containsExactly(1L);
    assertThat(book.hot(false)).isEmpty();
  }

  @Test
  void whereAllAreEquallyBusyNobodyIsHot() {
    for (int i = 0; i < 10; i++) {
      loop.advance(Duration.ofSeconds(10));
      for (long region = 1; region <= 10; region++) {
        report(region, 1, 10_000_000, 0);
      }
    }
    assertThat(book.hot(true)).isEmpty();
  }

  @Test
  void aLeaderTakesItsTrafficAlongAndAForgottenRegionLeavesNothing() {
    idleRegions();
    for (int i = 0; i < 5; i++) {
      loop.advance(Duration.ofSeconds(10));
      report(1, 1, 0, 50_000);
    }
    double before = book.load(Aspect.READ, 1).queries();
    loop.advance(Duration.ofSeconds(10));
    report(1, 2, 0, 50_000);
    assertThat(book.load(Aspect.READ, 1).queries()).isCloseTo(0, within(1e-6));
    assertThat(book.load(Aspect.READ, 2).queries()).isGreaterThan(before);
    book.forget(1);
    assertThat(book.load(Aspect.READ, 2).queries()).isCloseTo(0, within(1e-6));
    assertThat(book.isHot(1)).isFalse();
  }
}
