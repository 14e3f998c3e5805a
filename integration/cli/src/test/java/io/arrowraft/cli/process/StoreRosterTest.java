package io.arrowraft.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreRosterTest {
  @TempDir private Path data;

  @Test
  void addedStoresComeBackAndDrainedOnesDoNot() throws Exception {
    StoreRoster roster = StoreRoster.open(data);
    assertThat(roster.numbers(3)).containsExactly(1, 2, 3);
    assertThat(roster.next(3)).isEqualTo(4);
    roster.add(4, "zone=d");
    roster.add(5, "");
    roster.remove(1);
    roster.remove(5);

    StoreRoster again = StoreRoster.open(data);
    assertThat(again.numbers(3)).containsExactly(2, 3, 4);
    assertThat(again.labels(4, "zone=a")).isEqualTo("zone=d");
    assertThat(again.labels(2, "zone=a")).isEqualTo("zone=a");
    assertThat(again.next(3)).isEqualTo(6);
  }
}
