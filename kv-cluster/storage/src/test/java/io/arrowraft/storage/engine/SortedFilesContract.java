package io.arrowraft.storage.engine;

import static io.arrowraft.storage.engine.ColumnFamily.DEFAULT;
import static io.arrowraft.storage.engine.ColumnFamily.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What sorted files are to every engine; each engine's test extends it. */
public abstract class SortedFilesContract {
  protected static final SortedFiles.Name FILE = new SortedFiles.Name("f1", WRITE);
  private static final SortedFiles.Name OTHER = new SortedFiles.Name("f2", DEFAULT);

  protected Engine engine;

  protected abstract Engine open();

  protected abstract Engine reopen(Engine closed);

  @BeforeEach
  void openEngine() {
    engine = open();
  }

  @AfterEach
  void closeEngine() {
    engine.close();
  }

  @Test
  void ingestedFilesAreDataAndTheFilesStay() {
    stage(FILE, "a", "1", "b", "2");
    stage(OTHER, "a", "long");

    assertThat(engine.get(WRITE, bytes("a"))).isNull();
    engine.ingest(List.of(OTHER, FILE));

    assertThat(keys(engine, WRITE)).containsExactly("a", "b");
    assertThat(engine.get(DEFAULT, bytes("a"))).isEqualTo(bytes("long"));
    assertThat(engine.sortedFiles().names()).containsExactly("f1", "f2");
  }

  @Test
  void ingestedPairsReplaceWhatWasWrittenBeforeAndGiveWayToWhatComesAfter() {
    engine.write(
        new WriteBatch().put(WRITE, bytes("a"), bytes("old")).put(WRITE, bytes("c"), bytes("kept")),
        false);
    stage(FILE, "a", "1", "b", "2");
    engine.ingest(List.of(FILE));
    engine.write(new WriteBatch().put(WRITE, bytes("b"), bytes("new")), false);

    assertThat(engine.get(WRITE, bytes("a"))).isEqualTo(bytes("1"));
    assertThat(engine.get(WRITE, bytes("b"))).isEqualTo(bytes("new"));
    assertThat(engine.get(WRITE, bytes("c"))).isEqualTo(bytes("kept"));
  }

  @Test
  void ingestedPairsShowThroughARangeThatWasDeletedBefore() {
    engine.write(new WriteBatch().put(WRITE, bytes("a"), bytes("old")), false);
    stage(FILE, "a", "1");
    engine.write(new WriteBatch().deleteRange(WRITE, bytes(""), bytes("")), false);
    engine.ingest(List.of(FILE));

    assertThat(engine.get(WRITE, bytes("a"))).isEqualTo(bytes("1"));
    engine.write(new WriteBatch().deleteRange(WRITE, bytes("a"), bytes("b")), false);
    assertThat(engine.get(WRITE, bytes("a"))).isNull();
  }

  @Test
  void aSnapshotDoesNotSeeWhatIsIngestedLater() {
    engine.write(new WriteBatch().put(WRITE, bytes("a"), bytes("old")), false);
    stage(FILE, "a", "1", "b", "2");
    try (EngineSnapshot before = engine.snapshot()) {
      engine.ingest(List.of(FILE));

      assertThat(before.get(WRITE, bytes("a"))).isEqualTo(bytes("old"));
      assertThat(keys(before, WRITE)).containsExactly("a");
    }
    assertThat(keys(engine, WRITE)).containsExactly("a", "b");
  }

  @Test
  void aFileCanBeIngestedAgainOverWhatCameAfterIt() {
    stage(FILE, "a", "1");
    engine.ingest(List.of(FILE));
    engine.write(new WriteBatch().put(WRITE, bytes("a"), bytes("2")), true);
    engine = reopen(closed());

    engine.ingest(List.of(FILE));

    assertThat(engine.get(WRITE, bytes("a"))).isEqualTo(bytes("1"));
  }

  @Test
  void deletingAFileLeavesWhatWasIngestedFromIt() {
    stage(FILE, "a", "1");
    engine.ingest(List.of(FILE));
    engine.sortedFiles().delete(FILE.name());
    engine.sync();
    engine = reopen(closed());

    assertThat(engine.get(WRITE, bytes("a"))).isEqualTo(bytes("1"));
    assertThat(engine.sortedFiles().names()).isEmpty();
    assertThat(engine.sortedFiles().byteSize()).isZero();
  }

  @Test
  void finishedFilesOutliveTheEngineAndUnfinishedOnesDoNot() {
    stage(FILE, "a", "1");
    SortedFiles.Writer writer = engine.sortedFiles().create(OTHER);
    writer.put(bytes("a"), bytes("1"));
    assertThat(engine.sortedFiles().names()).containsExactly("f1");
    writer.close();
    engine = reopen(closed());

    assertThat(engine.sortedFiles().names()).containsExactly("f1");
    assertThat(engine.sortedFiles().contains("f1")).isTrue();
    assertThat(engine.sortedFiles().contains("f2")).isFalse();
  }

  @Test
  void aFileOfTheSameNameTakesTheOldOnesPlace() {
    stage(FILE, "a", "1");
    stage(FILE, "b", "2");
    engine.ingest(List.of(FILE));

    assertThat(keys(engine, WRITE)).containsExactly("b");
  }

  @Test
  void aFileThatIsNotThereIsRefusedWithoutBreakingTheEngine() {
    assertThatThrownBy(() -> engine.ingest(List.of(FILE)))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("f1");

    engine.write(new WriteBatch().put(WRITE, bytes("a"), bytes("1")), true);
    assertThat(keys(engine, WRITE)).containsExactly("a");
  }

  @Test
  void keysMustAscendAndSomethingMustBePut() {
    try (SortedFiles.Writer writer = engine.sortedFiles().create(FILE)) {
      assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
      writer.put(bytes("b"), bytes("1"));
      assertThatThrownBy(() -> writer.put(bytes("b"), bytes("2")))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> writer.put(bytes("a"), bytes("2")))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(engine.sortedFiles().names()).isEmpty();
  }

  @Test
  void namesThatAreNoFileNamesAreRefused() {
    assertThatThrownBy(() -> new SortedFiles.Name("../x", WRITE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  protected void stage(SortedFiles.Name name, String... pairs) {
    try (SortedFiles.Writer writer = engine.sortedFiles().create(name)) {
      for (int i = 0; i < pairs.length; i += 2) {
        writer.put(bytes(pairs[i]), bytes(pairs[i + 1]));
      }
      writer.finish();
    }
  }

  private Engine closed() {
    engine.close();
    return engine;
  }

  protected static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  protected static List<String> keys(EngineReader reader, ColumnFamily family) {
    List<String> keys = new ArrayList<>();
    try (EngineIterator iterator = reader.iterator(family, IterateOptions.all())) {
      for (boolean more = iterator.seekToFirst(); more; more = iterator.next()) {
        keys.add(new String(iterator.key(), StandardCharsets.UTF_8));
      }
    }
    return keys;
  }
}
