package io.arrowraft.coprocessor.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.table.KeyRange;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegionPlanTest {
  private static RegionShare share(int number, long bytes) {
    return new RegionShare(
        number,
        List.of(KeyRange.of(new byte[] {(byte) number}, new byte[] {(byte) (number + 1)})),
        "host-" + number % 2 + ":20160",
        bytes,
        bytes / 10);
  }

  @Test
  void smallNeighboursShareATask() {
    RegionPlan plan =
        RegionPlan.of(List.of(share(1, 40), share(2, 40), share(3, 40), share(4, 200)), 100);
    assertThat(plan.parts()).extracting(RegionPlan.Part::regions).containsExactly(2, 1, 1);
    assertThat(plan.parts().get(0).preferredHosts()).containsExactly("host-1", "host-0");
    assertThat(plan.parts().get(0).ranges()).hasSize(2);
    assertThat(plan.regions()).isEqualTo(4);
    assertThat(plan.estimatedBytes()).isEqualTo(320);
  }

  @Test
  void regionsOfUnknownSizeStayAlone() {
    assertThat(RegionPlan.of(List.of(share(1, 0), share(2, 0)), 100).parts()).hasSize(2);
  }

  @Test
  void nothingToReadNeedsNoTask() {
    assertThat(RegionPlan.of(List.of(), 100).parts()).isEmpty();
  }
}
