package io.arrowraft.pd.region;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RegionTreeTest {
  private final RegionTree tree = new RegionTree();

  private static ByteString key(int n) {
    return n == 0 ? ByteString.EMPTY : ByteString.copyFrom(new byte[] {(byte) (n * 20)});
  }

  private static RegionInfo region(
      long id, int start, int end, long confVer, long version, long term) {
    Region.Builder meta = Region.newBuilder().setId(id).setStartKey(key(start)).setEndKey(key(end));
    meta.getRegionEpochBuilder().setConfVer(confVer).setVersion(version);
    Peer peer = Peer.newBuilder().setId(id * 10).setStoreId(1).build();
    meta.addPeers(peer);
    return new RegionInfo(meta.build(), Optional.of(peer), term, List.of(), List.of(), 1, 1);
  }

  @Provide
  Arbitrary<RegionInfo> reports() {
    Arbitrary<Integer> keys = Arbitraries.integers().between(0, 8);
    return Combinators.combine(
            Arbitraries.longs().between(1, 6),
            keys,
            keys,
            Arbitraries.longs().between(1, 3),
            Arbitraries.longs().between(1, 6),
            Arbitraries.longs().between(1, 3))
        .filter((id, start, end, conf, version, term) -> end == 0 || start < end)
        .as(RegionTreeTest::region);
  }

  /** The same rules over a plain list. */
  private static final class NaiveRegions {
    final List<RegionInfo> regions = new ArrayList<>();

    boolean report(RegionInfo next) {
      for (RegionInfo old : regions) {
        if (old.id() == next.id()
            && (next.epoch().getVersion() < old.epoch().getVersion()
                || next.epoch().getConfVer() < old.epoch().getConfVer()
                || (next.epoch().equals(old.epoch()) && next.term() < old.term()))) {
          return false;
        }
        if (old.id() != next.id()
            && overlap(old, next)
            && next.epoch().getVersion() < old.epoch().getVersion()) {
          return false;
        }
      }
      regions.removeIf(old -> old.id() == next.id() || overlap(old, next));
      regions.add(next);
      return true;
    }

    static boolean overlap(RegionInfo a, RegionInfo b) {
      for (int n = 0; n <= 12; n++) {
        ByteString probe = key(n);
        if (a.contains(probe) && b.contains(probe)) {
          return true;
        }
      }
      return false;
    }
  }

  @Property(tries = 500)
  void treeAgreesWithAListOfRegions(
      @ForAll("reports_list") @Size(max = 40) List<RegionInfo> reports) {
    RegionTree subject = new RegionTree();
    NaiveRegions oracle = new NaiveRegions();
    for (RegionInfo report : reports) {
      boolean accepted = subject.report(report) instanceof ReportOutcome.Accepted;
      assertThat(accepted).isEqualTo(oracle.report(report));
      assertThat(subject.all()).containsExactlyInAnyOrderElementsOf(oracle.regions);
      for (int n = 0; n <= 10; n++) {
        ByteString probe = key(n);
        assertThat(subject.find(probe))
            .isEqualTo(oracle.regions.stream().filter(r -> r.contains(probe)).findFirst());
      }
      for (RegionInfo expected : oracle.regions) {
        assertThat(subject.find(expected.id())).contains(expected);
        assertThat(subject.startingAt(expected.startKey())).contains(expected);
      }
      assertThat(subject.scan(key(2), key(5), 100))
          .containsExactlyInAnyOrderElementsOf(
              oracle.regions.stream()
                  .filter(r -> NaiveRegions.overlap(r, region(99, 2, 5, 1, 1, 1)))
                  .toList());
    }
  }

  @Provide("reports_list")
  Arbitrary<List<RegionInfo>> reportsList() {
    return reports().list().ofMaxSize(40);
  }

  @Test
  void aSplitReportedChildFirstReplacesTheParentUntilItReports() {
    tree.report(region(1, 0, 0, 1, 1, 5));
    assertThat(tree.report(region(2, 4, 0, 1, 2, 1)))
        .isEqualTo(new ReportOutcome.Accepted(true, List.of(1L)));
    assertThat(tree.report(region(1, 0, 4, 1, 2, 5)))
        .isEqualTo(new ReportOutcome.Accepted(true, List.of()));
    assertThat(tree.findPrevious(key(4))).map(RegionInfo::id).contains(1L);
  }

  @Test
  void anEpochThatRegressesInEitherPartIsIgnored() {
    tree.report(region(1, 0, 0, 2, 2, 5));
    assertThat(tree.report(region(1, 0, 0, 3, 1, 9))).isInstanceOf(ReportOutcome.Stale.class);
    assertThat(tree.report(region(1, 0, 0, 1, 3, 9))).isInstanceOf(ReportOutcome.Stale.class);
  }

  @Test
  void aDeposedLeaderIsIgnored() {
    tree.report(region(1, 0, 0, 1, 1, 5));
    assertThat(tree.report(region(1, 0, 0, 1, 1, 4))).isInstanceOf(ReportOutcome.Stale.class);
  }

  @Test
  void aChildIsExpectedToBeLedWhereItsParentIs() {
    tree.report(region(1, 0, 0, 1, 1, 5));
    Region parent = region(1, 0, 4, 1, 2, 0).meta();
    Region child = region(2, 4, 0, 1, 2, 0).meta();
    tree.reshape(parent, 1);
    tree.reshape(child, 1);
    assertThat(tree.find(2L).orElseThrow().leader()).map(Peer::getId).contains(20L);
    assertThat(tree.find(1L).orElseThrow().term()).isEqualTo(5);
  }

  @Test
  void recordsOnDiskThatOverlapAreSettledByVersion() {
    tree.reset(List.of(region(1, 0, 0, 1, 1, 0).meta(), region(2, 4, 0, 1, 2, 0).meta()));
    assertThat(tree.all()).extracting(RegionInfo::id).containsExactly(2L);
  }
}
