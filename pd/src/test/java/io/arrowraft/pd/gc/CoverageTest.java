package io.arrowraft.pd.gc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CoverageTest {
  private final Coverage coverage = new Coverage();

  private static ByteString key(int number) {
    return number == 0 ? ByteString.EMPTY : ByteString.copyFrom(new byte[] {(byte) number});
  }

  private static ByteString end(int number) {
    return number == 64 ? ByteString.EMPTY : key(number);
  }

  @Test
  void aGapKeepsEverythingBack() {
    coverage.add(key(0), key(10), 7);
    coverage.add(key(11), end(64), 9);
    assertThat(coverage.lowest()).isZero();
    assertThat(coverage.behind(8, 9))
        .containsExactly(
            new Coverage.Span(key(0), key(10), 7), new Coverage.Span(key(10), key(11), 0));
    coverage.add(key(9), key(12), 8);
    assertThat(coverage.lowest()).isEqualTo(7);
  }

  @Test
  void whatWasSaidOnceStays() {
    coverage.add(ByteString.EMPTY, ByteString.EMPTY, 9);
    coverage.add(key(5), key(6), 3);
    assertThat(coverage.lowest()).isEqualTo(9);
    assertThat(coverage.size()).isEqualTo(1);
  }

  @Test
  void aRangeWithoutKeysSaysNothing() {
    coverage.add(key(6), key(6), 9);
    coverage.add(key(7), key(6), 9);
    assertThat(coverage.size()).isEqualTo(1);
  }

  @Test
  void agreesWithAnArrayOfKeys() {
    SplittableRandom random = new SplittableRandom(11);
    for (int run = 0; run < 200; run++) {
      coverage.reset();
      long[] naive = new long[64];
      for (int step = 0; step < 40; step++) {
        int from = random.nextInt(64);
        int to = random.nextInt(from, 65);
        long resolved = random.nextInt(1, 5);
        if (to == from) {
          continue;
        }
        coverage.add(key(from), end(to), resolved);
        for (int i = from; i < to; i++) {
          naive[i] = Math.max(naive[i], resolved);
        }
        long lowest = Arrays.stream(naive).min().orElseThrow();
        assertThat(coverage.lowest()).isEqualTo(lowest);
        for (Coverage.Span span : coverage.behind(5, 100)) {
          int start = span.start().isEmpty() ? 0 : span.start().byteAt(0);
          int end = span.end().isEmpty() ? 64 : span.end().byteAt(0);
          for (int i = start; i < end; i++) {
            assertThat(naive[i]).isEqualTo(span.resolved());
          }
        }
        assertThat(coverage.size()).isEqualTo(runs(naive));
      }
    }
  }

  private static int runs(long[] values) {
    int runs = 1;
    for (int i = 1; i < values.length; i++) {
      runs += values[i] == values[i - 1] ? 0 : 1;
    }
    return runs;
  }
}
