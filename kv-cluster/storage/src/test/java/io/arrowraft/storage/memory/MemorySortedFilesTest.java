package io.arrowraft.storage.memory;

import static io.arrowraft.storage.engine.ColumnFamily.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.SortedFilesContract;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class MemorySortedFilesTest extends SortedFilesContract {
  @Override
  protected Engine open() {
    return new MemoryEngine();
  }

  @Override
  protected Engine reopen(Engine closed) {
    return ((MemoryEngine) closed).reopen();
  }

  @Test
  void whatIsIngestedAndWhatWasWrittenBeforeSurviveACrash() {
    stage(FILE, "b", "2");
    engine.write(new WriteBatch().put(WRITE, bytes("a"), bytes("1")), false);
    engine.ingest(List.of(FILE));
    engine.write(new WriteBatch().put(WRITE, bytes("c"), bytes("3")), false);
    TreeSet<Integer> sizes = new TreeSet<>();
    for (int seed = 0; seed < 10; seed++) {
      MemoryEngine survivor = ((MemoryEngine) engine).crash(random(seed));
      assertThat(keys(survivor, WRITE)).startsWith("a", "b");
      sizes.add(keys(survivor, WRITE).size());
      assertThat(survivor.sortedFiles().names()).containsExactly("f1");
    }
    assertThat(sizes).containsExactly(2, 3);
  }

  private static RandomGenerator random(long seed) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  @Test
  void aDeletedFileMayComeBackWithACrashUntilASync() {
    stage(FILE, "a", "1");
    engine.sortedFiles().delete("f1");
    TreeSet<Integer> left = new TreeSet<>();
    for (int seed = 0; seed < 10; seed++) {
      left.add(((MemoryEngine) engine).crash(random(seed)).sortedFiles().names().size());
    }
    assertThat(left).containsExactly(0, 1);

    engine = ((MemoryEngine) engine).reopen();
    engine.sync();
    assertThat(((MemoryEngine) engine).crash(random(1)).sortedFiles().names()).isEmpty();
  }
}
