package io.arrowraft.server.split;

import static io.arrowraft.server.apply.RegionFixture.bytes;
import static io.arrowraft.server.apply.RegionFixture.region;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.server.region.KeySpan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LoadSplitPointTest {
  private final Region whole = region(1, "", "");

  @Test
  void pointsAreDividedEvenly() {
    List<KeySpan> samples = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      samples.add(point(i));
    }

    assertThat(LoadSplitPoint.choose(whole, samples)).hasValue(bytes("k050"));
  }

  @Test
  void cutFollowsTheLoadAndNotTheKeys() {
    List<KeySpan> samples = new ArrayList<>();
    for (int i = 0; i < 90; i++) {
      samples.add(point(i % 3));
    }
    for (int i = 10; i < 100; i++) {
      samples.add(point(i));
    }

    assertThat(LoadSplitPoint.choose(whole, samples)).hasValue(bytes("k010"));
  }

  @Test
  void singleHotKeyCannotBeDivided() {
    List<KeySpan> samples = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      samples.add(point(7));
    }

    assertThat(LoadSplitPoint.choose(whole, samples)).isEmpty();
  }

  @Test
  void scansOfEverythingAreNotCut() {
    List<KeySpan> samples = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      samples.add(new KeySpan(bytes("k000"), new byte[0]));
      samples.add(i % 2 == 0 ? point(10) : point(20));
    }
    for (int i = 0; i < 40; i++) {
      samples.add(new KeySpan(bytes("k000"), bytes("k999")));
    }

    assertThat(LoadSplitPoint.choose(whole, samples)).isEmpty();
  }

  @Test
  void amongEvenCutsTheOneThroughFewerRangesIsTaken() {
    List<KeySpan> samples = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      samples.add(new KeySpan(bytes("k100"), bytes("k200")));
      samples.add(new KeySpan(bytes("k150"), bytes("k200")));
      samples.add(new KeySpan(bytes("k200"), bytes("k300")));
      samples.add(new KeySpan(bytes("k250"), bytes("k300")));
    }

    assertThat(LoadSplitPoint.choose(whole, samples)).hasValue(bytes("k200"));
  }

  @Test
  void cutIsInsideTheRegion() {
    List<KeySpan> samples = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      samples.add(point(i));
    }

    Optional<byte[]> cut = LoadSplitPoint.choose(region(1, "k050", "k051"), samples);

    assertThat(cut).isEmpty();
  }

  @Test
  void fewSamplesSayNothing() {
    assertThat(LoadSplitPoint.choose(whole, List.of(point(1), point(2)))).isEmpty();
  }

  private static KeySpan point(int key) {
    return KeySpan.of(bytes(String.format("k%03d", key)));
  }
}
