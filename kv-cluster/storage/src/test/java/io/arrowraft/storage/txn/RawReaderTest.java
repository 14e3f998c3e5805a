package io.arrowraft.storage.txn;

import static io.arrowraft.storage.txn.TestStore.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.MemoryEngine;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RawReaderTest {
  private final MemoryEngine engine = new MemoryEngine();

  @BeforeEach
  void fill() {
    put("a", RawValue.lasting(bytes("1")));
    put("b", RawValue.withTtl(bytes("2"), 10, 100));
    put("c", RawValue.lasting(bytes("")));
  }

  @Test
  void expiredValuesAreAbsent() {
    assertThat(new RawReader(engine, 109).get(bytes("b")).value()).isEqualTo(bytes("2"));
    assertThat(new RawReader(engine, 110).get(bytes("b"))).isNull();
    assertThat(new RawReader(engine, 110).get(bytes("c")).value()).isEqualTo(bytes(""));
    assertThat(new RawReader(engine, 110).get(bytes("d"))).isNull();
  }

  @Test
  void scansGoBothWaysWithinTheirBounds() {
    assertThat(keys(109, scan("", "", 10, 100, false))).containsExactly("a", "b", "c");
    assertThat(keys(110, scan("", "", 10, 100, false))).containsExactly("a", "c");
    assertThat(keys(109, scan("a", "c", 10, 100, true))).containsExactly("b", "a");
    assertThat(keys(109, scan("", "", 2, 100, true))).containsExactly("c", "b");
  }

  @Test
  void aScanThatIsCutByBytesSaysSo() {
    assertThat(new RawReader(engine, 109).scan(scan("", "", 10, 3, false)).cutByBytes()).isTrue();
    assertThat(new RawReader(engine, 109).scan(scan("", "", 10, 5, false)).cutByBytes()).isFalse();
    assertThat(new RawReader(engine, 109).scan(scan("", "", 2, 4, false)).cutByBytes()).isFalse();
  }

  private static RawReader.Scan scan(
      String start, String end, int limit, long bytesMax, boolean reverse) {
    return new RawReader.Scan(bytes(start), bytes(end), limit, bytesMax, false, reverse);
  }

  private List<String> keys(long now, RawReader.Scan scan) {
    return new RawReader(engine, now)
        .scan(scan).entries().stream()
            .map(entry -> new String(entry.key().toByteArray(), StandardCharsets.UTF_8))
            .toList();
  }

  private void put(String key, RawValue value) {
    engine.write(
        new WriteBatch().put(ColumnFamily.RAW, bytes(key).toByteArray(), value.encode()), false);
  }
}
