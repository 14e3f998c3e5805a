package io.arrowraft.pd.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.RegionTraffic;
import io.arrowraft.pd.testing.ManualLoop;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.StoreStats;
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

  private void storeReports(long store, long region, long reads) {
    StoreStats.Builder stats = StoreStats.newBuilder().setStoreId(store);
    stats.getIntervalBuilder().setStartTimestamp(100).setEndTimestamp(110);
    if (reads > 0) {
      stats
          .addPeerStatsBuilder()
          .setRegionId(region)
          .setReadKeys(reads)
          .getQueryStatsBuilder()
          .setGet(reads);
    }
    book.report(stats.build());
  }

  @Test
  void aReadCountsForTheFollowerThatServedIt() {
    idleRegions();
    for (int i = 0; i < 5; i++) {
      loop.advance(Duration.ofSeconds(10));
      report(1, 1, 0, 0);
      storeReports(2, 1, 50_000);
    }

    assertThat(book.load(Aspect.READ, 1).queries()).isZero();
    assertThat(book.load(Aspect.READ, 2).queries()).isGreaterThan(2500);
    assertThat(book.reads(1, 2)).isEqualTo(book.load(Aspect.READ, 2));
    assertThat(book.rates(1, false)).isEqualTo(Rates.NONE);
    assertThat(book.isHot(1)).isTrue();
    assertThat(book.hot(false))
        .singleElement()
        .matches(hot -> hot.regionId() == 1 && hot.storeId() == 2);
  }

  @Test
  void aFollowerThatItsStoreNoLongerNamesCoolsDownAndIsForgotten() {
    idleRegions();
    for (int i = 0; i < 5; i++) {
      loop.advance(Duration.ofSeconds(10));
      report(1, 1, 0, 0);
      storeReports(2, 1, 50_000);
    }
    double busy = book.load(Aspect.READ, 2).queries();
    loop.advance(Duration.ofSeconds(30));
    storeReports(2, 1, 0);
    assertThat(book.load(Aspect.READ, 2).queries()).isBetween(busy * 0.4, busy * 0.9);
    for (int i = 0; i < 60; i++) {
      loop.advance(Duration.ofSeconds(10));
      storeReports(2, 1, 0);
    }
    assertThat(book.isHot(1)).isFalse();
    assertThat(book.reads(1, 2)).isEqualTo(Rates.NONE);
    assertThat(book.load(Aspect.READ, 2).queries()).isCloseTo(0, within(1e-6));
  }

  @Test
  void aFollowerThatLeadsOrLeavesTakesNothingAlong() {
    idleRegions();
    for (int i = 0; i < 5; i++) {
      loop.advance(Duration.ofSeconds(10));
      report(1, 1, 0, 0);
      storeReports(2, 1, 50_000);
    }
    loop.advance(Duration.ofSeconds(10));
    report(1, 2, 0, 0);
    assertThat(book.load(Aspect.READ, 2).queries()).isCloseTo(0, within(1e-6));
    storeReports(2, 1, 50_000);
    assertThat(book.rates(1, false).queries()).isPositive();
    assertThat(book.load(Aspect.READ, 2).queries()).isPositive();

    book.forget(1);
    assertThat(book.load(Aspect.READ, 2).queries()).isCloseTo(0, within(1e-6));
  }

  @Test
  void aFollowerThatMovesTakesItsReadsAlong() {
    idleRegions();
    for (int i = 0; i < 5; i++) {
      loop.advance(Duration.ofSeconds(10));
      report(1, 1, 0, 0);
      storeReports(2, 1, 50_000);
    }
    Rates before = book.reads(1, 2);

    reportPeers(1, 2, 3);
    assertThat(book.reads(1, 2)).isEqualTo(before);
    reportPeers(1, 3);

    assertThat(book.reads(1, 2)).isEqualTo(Rates.NONE);
    assertThat(book.reads(1, 3)).isEqualTo(before);
    assertThat(book.load(Aspect.READ, 2).queries()).isCloseTo(0, within(1e-6));
    assertThat(book.load(Aspect.READ, 3)).isEqualTo(before);
    assertThat(book.isHot(1)).isTrue();
  }

  /** Region 1, led by the first of these stores. */
  private void reportPeers(long... stores) {
    Region.Builder region = Region.newBuilder().setId(1);
    for (long store : stores) {
      region.addPeersBuilder().setId(10 + store).setStoreId(store);
    }
    book.report(
        new RegionInfo(
            region.build(), Optional.of(region.getPeers(0)), 1, List.of(), List.of(), 1, 1));
  }

  @Test
  void readsThatAStoreReportsOfARegionItDoesNotHoldAreNobodys() {
    idleRegions();
    report(1, 1, 0, 0);
    loop.advance(Duration.ofSeconds(10));
    storeReports(7, 1, 50_000);
    assertThat(book.load(Aspect.READ, 7)).isEqualTo(Rates.NONE);
  }
}
