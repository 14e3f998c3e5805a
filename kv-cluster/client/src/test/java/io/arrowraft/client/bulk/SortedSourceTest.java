package io.arrowraft.client.bulk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.runtime.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SortedSourceTest {
  @TempDir private Path directory;

  @Test
  void pairsThatFitIntoMemoryAreSortedThere() {
    SortedSource sorted = sorted(shuffled(100), 1 << 20);

    assertThat(drain(sorted)).isEqualTo(ascending(100));
    assertThat(sorted.spilledRuns()).isZero();
  }

  @Test
  void morePairsGoToFilesThatAreMergedAndRemoved() throws IOException {
    SortedSource sorted = sorted(shuffled(5_000), 20_000);

    assertThat(drain(sorted)).isEqualTo(ascending(5_000));
    assertThat(sorted.spilledRuns()).isGreaterThan(10);
    sorted.close();
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void aSourceThatBreaksFailsThePreparation() {
    SortedSource sorted =
        new SortedSource(
            () -> {
              throw new IllegalStateException("no more rows");
            },
            options(1 << 20),
            Runnable::run);

    assertThatThrownBy(() -> sorted.prepare().join()).hasMessageContaining("no more rows");
  }

  private SortedSource sorted(List<KeyValue> pairs, int bytes) {
    Iterator<KeyValue> iterator = pairs.iterator();
    SortedSource sorted =
        new SortedSource(
            () -> iterator.hasNext() ? iterator.next() : null, options(bytes), Runnable::run);
    sorted.prepare().join();
    return sorted;
  }

  private ImportOptions options(int sortBytes) {
    ImportOptions defaults = ImportOptions.defaults().withSortBytes(sortBytes);
    return new ImportOptions(
        false,
        defaults.sliceBytes(),
        defaults.slicesInFlight(),
        defaults.messageBytes(),
        defaults.regionBytes(),
        defaults.sortBytes(),
        Optional.of(directory),
        defaults.sliceTimeout(),
        false);
  }

  private static List<KeyValue> drain(SortedSource sorted) {
    List<KeyValue> pairs = new ArrayList<>();
    for (KeyValue pair = sorted.next(); pair != null; pair = sorted.next()) {
      pairs.add(pair);
    }
    return pairs;
  }

  private static List<KeyValue> ascending(int count) {
    List<KeyValue> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pairs.add(
          new KeyValue(Bytes.ofUtf8("%06d".formatted(i)), Bytes.ofUtf8("v".repeat(i % 7) + i)));
    }
    return pairs;
  }

  private static List<KeyValue> shuffled(int count) {
    List<KeyValue> pairs = ascending(count);
    Collections.shuffle(pairs, new Random(5));
    return pairs;
  }
}
