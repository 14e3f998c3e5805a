package io.arrowraft.server.region;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegionLoadTest {
  private final RegionLoad load = new RegionLoad();

  @Test
  void countsAreTakenOnce() {
    load.onRead(QueryKind.GET, 1, 100);
    load.onRead(QueryKind.SCAN, 10, 1000);
    load.onRequest(QueryKind.PUT);
    load.onWrite(List.of(new WriteBatch.Delete(ColumnFamily.RAW, key("a"))));

    LoadCounts taken = load.take();

    assertThat(taken.reads()).isEqualTo(2);
    assertThat(taken.keysRead()).isEqualTo(11);
    assertThat(taken.bytesRead()).isEqualTo(1100);
    assertThat(taken.writes()).isEqualTo(1);
    assertThat(taken.toProto().getPut()).isEqualTo(1);
    assertThat(taken.toProto().getScan()).isEqualTo(1);
    assertThat(load.take().isEmpty()).isTrue();
  }

  @Test
  void nothingIsSampledUnlessAskedFor() {
    assertThat(load.isSampleWanted()).isFalse();
    load.sample(KeySpan.of(key("a")));

    assertThat(load.samples()).isEmpty();
  }

  @Test
  void samplesStayBoundedAndSpread() {
    load.startSampling();
    for (int i = 0; i < 100_000; i++) {
      if (load.isSampleWanted()) {
        load.sample(KeySpan.of(key(String.format("%06d", i))));
      }
    }

    List<KeySpan> samples = load.samples();
    assertThat(samples).hasSizeBetween(256, 512);
    long inFirstHalf =
        samples.stream()
            .filter(span -> new String(span.start(), UTF_8).compareTo("050000") < 0)
            .count();
    assertThat(inFirstHalf).isBetween(samples.size() * 4L / 10, samples.size() * 6L / 10);
  }

  private static byte[] key(String text) {
    return text.getBytes(UTF_8);
  }
}
