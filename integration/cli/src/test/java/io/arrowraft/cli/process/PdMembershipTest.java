package io.arrowraft.cli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PdMembershipTest {
  @TempDir private Path data;

  private ClusterLayout layout(int placementDrivers) {
    return new ClusterLayout(data, 3, placementDrivers, 2379, 20160, 20180, 96);
  }

  @Test
  void newDataBeginsWithAsManyAsAreAskedFor() throws IOException {
    assertThat(PdMembership.open(layout(3))).isEqualTo(new PdMembership(3, 3));
    assertThat(PdMembership.open(layout(0))).isEqualTo(new PdMembership(3, 3));
  }

  @Test
  void dataOfOneGrowsByJoining() throws IOException {
    assertThat(PdMembership.open(layout(0))).isEqualTo(new PdMembership(1, 1));
    assertThat(PdMembership.open(layout(3))).isEqualTo(new PdMembership(1, 3));
    assertThat(PdMembership.open(layout(5))).isEqualTo(new PdMembership(1, 5));
  }

  @Test
  void dataThatSaysNothingIsThatOfOne() throws IOException {
    Files.createDirectories(data.resolve("pd"));
    assertThat(PdMembership.open(layout(3))).isEqualTo(new PdMembership(1, 3));
  }

  @Test
  void fewerThanThereAreAreRefused() throws IOException {
    PdMembership.open(layout(3));
    assertThatThrownBy(() -> PdMembership.open(layout(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("holds 3 placement drivers; start it with --pd 3");
  }

  @Test
  void portsOfPlacementDriversMayNotMeetThoseOfStores() {
    assertThatThrownBy(() -> new ClusterLayout(data, 3, 3, 20158, 20160, 20180, 96))
        .hasMessageContaining("--pd-port 20158 lies among the stores' ports");
    assertThatThrownBy(() -> layout(2)).hasMessageContaining("--pd must be 1, 3 or 5");
  }
}
