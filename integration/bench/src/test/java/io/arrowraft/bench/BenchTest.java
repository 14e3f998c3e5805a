package io.arrowraft.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchTest {
  @TempDir private Path directory;

  @Test
  void measuresPutsAndGetsOfEachNumberOfClients() throws InterruptedException {
    Load load = new Load(new MapTarget());

    Figures puts = load.puts(4, 10, 50);
    Figures gets = load.gets(2, 10, 50);

    assertThat(puts.perSecond()).isPositive();
    assertThat(gets.perSecond()).isPositive();
    assertThat(gets.clients()).isEqualTo(2);
    assertThat(gets.syncs()).isNegative();
  }

  @Test
  void stopsWhenAStoreAnswersWrongly() {
    Load load = new Load(new LosingTarget());

    assertThatThrownBy(() -> load.gets(2, 10, 10)).hasMessageContaining("reads nothing");
  }

  @Test
  void findsInRocksWhatItHasPut() throws InterruptedException {
    try (KeyValueTarget target = new RocksTarget().open(directory, 1)) {
      Load load = new Load(target);
      load.puts(2, 10, 50);
      assertThat(load.gets(2, 10, 20).perSecond()).isPositive();
    }
  }

  @Test
  void figuresPassBetweenProcesses() {
    Figures figures = new Figures("put", 64, 1234.5, 7, 8, 9.25, 0.125);

    assertThat(Figures.isEncoded(figures.encode())).isTrue();
    assertThat(Figures.decode(figures.encode())).isEqualTo(figures);
  }

  @Test
  void optionsPassBetweenProcesses() {
    Settings settings =
        Settings.parse(
            List.of("--clients=1,2", "--warmup=0.5", "--seconds=3", "--targets=rocksdb"));

    assertThat(settings.clients()).containsExactly(1, 2);
    assertThat(Settings.parse(settings.options())).isEqualTo(settings);
    assertThatThrownBy(() -> Settings.parse(List.of("--fast"))).hasMessageContaining("--clients");
  }

  @Test
  void tableShowsHowManyTimesOursDoesWhatAPeerDoes() {
    Map<String, List<Figures>> figures = new LinkedHashMap<>();
    figures.put("arrowraft", List.of(new Figures("put", 64, 3000, 1, 2, 3, 0.5)));
    figures.put("rocksdb", List.of(new Figures("put", 64, 2000, 1, 2, 3, 0.5)));
    figures.put("rheakv", List.of());

    List<String> lines = Table.lines(figures);

    assertThat(lines).hasSize(4);
    assertThat(lines.get(2)).startsWith("rocksdb").endsWith("1.50x");
    assertThat(lines.get(3)).contains("not measured");
  }

  private static class MapTarget implements KeyValueTarget {
    private final Map<ByteBuffer, byte[]> data = new ConcurrentHashMap<>();

    @Override
    public void put(byte[] key, byte[] value) {
      data.put(ByteBuffer.wrap(key), value);
    }

    @Override
    public byte[] get(byte[] key) {
      return data.get(ByteBuffer.wrap(key));
    }

    @Override
    public long syncs() {
      return -1;
    }

    @Override
    public void close() {
      data.clear();
    }
  }

  private static final class LosingTarget extends MapTarget {
    @Override
    public byte[] get(byte[] key) {
      return null;
    }
  }
}
