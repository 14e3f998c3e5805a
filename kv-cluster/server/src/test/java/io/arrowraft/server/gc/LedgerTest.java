package io.arrowraft.server.gc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.pd.ResolvedRange;
import io.arrowraft.server.region.RegionView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final Ledger ledger = new Ledger();

  private static RegionView region(long id, long version) {
    Region region =
        Region.newBuilder()
            .setId(id)
            .setStartKey(ByteString.copyFromUtf8("k" + id))
            .setRegionEpoch(RegionEpoch.newBuilder().setVersion(version))
            .build();
    return new RegionView(region, Peer.getDefaultInstance(), Optional.empty(), 1, 1, 0, 0);
  }

  private void keep(RegionView... regions) {
    ledger.keep(List.of(regions), 0);
  }

  @Test
  void whatWasDoneIsForgottenWithTheLeadershipAndWithTheRange() {
    keep(region(1, 1), region(2, 1));
    ledger.of(1).resolved(7, 0, Duration.ZERO);
    ledger.of(2).resolved(7, 0, Duration.ZERO);

    keep(region(1, 2), region(2, 1));
    assertThat(ledger.of(1).resolved()).isZero();
    assertThat(ledger.of(2).resolved()).isEqualTo(7);

    keep(region(1, 2));
    assertThat(ledger.of(2)).isNull();
  }

  /** Else leaders that move more often than reports are made would hold the safe point for ever. */
  @Test
  void whatWasSweptIsToldAlsoOnceTheLeadershipHasGone() {
    keep(region(1, 1), region(2, 1));
    ledger.swept(region(1, 1).region(), 7);

    keep(region(2, 1));

    assertThat(ledger.reports(0, 9)).extracting(ResolvedRange::getResolved).containsExactly(7L);
    assertThat(ledger.reports(6, 9)).as("until it is heard of").hasSize(1);
    assertThat(ledger.reports(7, 9)).isEmpty();
  }

  @Test
  void whatIsToldOfRegionsThatAreNotLedHereIsBounded() {
    RegionView led = region(1, 1);
    keep(led);
    for (long id = 1; id <= 5000; id++) {
      ledger.swept(region(id, 1).region(), id);
    }

    keep(led);

    assertThat(ledger.reports(0, 5000))
        .hasSize(1 + 1024)
        .extracting(ResolvedRange::getResolved)
        .contains(1L, 5000L);
  }

  @Test
  void reportsTakeTurnsAndStopOnceTheyAreCollectable() {
    keep(region(1, 1), region(2, 1), region(3, 1), region(4, 1));
    for (long id = 1; id <= 3; id++) {
      ledger.of(id).resolved(10 * id, 0, Duration.ZERO);
      ledger.swept(region(id, 1).region(), 10 * id);
    }
    TreeSet<Long> told = new TreeSet<>();
    for (int round = 0; round < 2; round++) {
      List<ResolvedRange> page = ledger.reports(0, 2);
      assertThat(page).hasSize(2);
      page.forEach(range -> told.add(range.getResolved()));
    }
    assertThat(told).containsExactly(10L, 20L, 30L);
    assertThat(ledger.reports(20, 9)).extracting(ResolvedRange::getResolved).containsExactly(30L);
    assertThat(ledger.reports(30, 9)).isEmpty();
    assertThat(ledger.lagging(20)).isEqualTo(2);
  }

  @Test
  void failuresPauseARegionLongerAndLongerUpToABound() {
    keep(region(1, 1));
    Ledger.Entry entry = ledger.of(1);
    List<Long> pauses = new ArrayList<>();
    long now = 0;
    for (int i = 0; i < 12; i++) {
      entry.begin();
      assertThat(entry.isFree(Long.MAX_VALUE / 2)).as("while it is busy").isFalse();
      entry.failed(now, SECOND);
      long seconds = 0;
      while (!entry.isFree(now + seconds * SECOND.toNanos())) {
        seconds++;
      }
      pauses.add(seconds);
      now += seconds * SECOND.toNanos();
    }
    assertThat(pauses).startsWith(1L, 2L, 4L, 8L).endsWith(60L, 60L).isSorted();
    entry.begin();
    entry.resolved(5, now, Duration.ZERO);
    assertThat(entry.isFree(now)).isTrue();
  }
}
