package io.arrowraft.server.peer;

import static io.arrowraft.server.apply.RegionFixture.region;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RangeMapTest {
  private final RangeMap ranges = new RangeMap();

  @Test
  void snapshotMayNotLandOnAnotherRegion() {
    ranges.hold(region(1, "a", "m"));

    assertThat(ranges.reserve(region(2, "l", "z"), id -> false)).isFalse();
    assertThat(ranges.conflict(region(2, "l", "z"), id -> false).orElseThrow().getId())
        .isEqualTo(1);
    assertThat(ranges.reserve(region(2, "m", "z"), id -> false)).isTrue();
  }

  @Test
  void snapshotMayReplaceItsOwnRegion() {
    ranges.hold(region(1, "a", "m"));

    assertThat(ranges.reserve(region(1, "a", ""), id -> false)).isTrue();
  }

  @Test
  void overlappingPendingSnapshotsExcludeEachOther() {
    assertThat(ranges.reserve(region(1, "a", "m"), id -> false)).isTrue();

    assertThat(ranges.reserve(region(2, "", ""), id -> false)).isFalse();
    assertThat(ranges.reserve(region(1, "a", "b"), id -> false)).isFalse();
    ranges.release(1);
    assertThat(ranges.reserve(region(2, "", ""), id -> false)).isTrue();
  }

  @Test
  void rangeIsFreeOnceItsRegionIsGone() {
    ranges.hold(region(1, "", ""));
    ranges.letGo(1);

    assertThat(ranges.reserve(region(2, "a", "b"), id -> false)).isTrue();
  }

  @Test
  void shrunkRegionFreesTheRest() {
    ranges.hold(region(1, "", ""));
    ranges.hold(region(1, "m", ""));

    assertThat(ranges.reserve(region(2, "", "m"), id -> false)).isTrue();
  }
}
