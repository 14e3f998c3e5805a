package io.arrowraft.storage.rocks;

import static io.arrowraft.storage.engine.ColumnFamily.DEFAULT;
import static io.arrowraft.storage.engine.ColumnFamily.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.arrowraft.storage.engine.SortedFilesContract;
import io.arrowraft.storage.engine.WriteBatch;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

class RocksSortedFilesTest extends SortedFilesContract {
  private static RocksMemory memory;
  @TempDir Path directory;
  private int opened;

  @BeforeAll
  static void reserveMemory() {
    memory = new RocksMemory(32 << 20, 8 << 20);
  }

  @AfterAll
  static void releaseMemory() {
    memory.close();
  }

  @Override
  protected Engine open() {
    return open(directory.resolve("engine" + ++opened));
  }

  @Override
  protected Engine reopen(Engine closed) {
    return open(current());
  }

  private Path current() {
    return directory.resolve("engine" + opened);
  }

  private static Engine open(Path path) {
    return RocksEngine.open(path, ColumnFamily.dataFamilies(), RocksOptions.dataDefaults(), memory);
  }

  @Test
  void aFileThatIsCutShortIsRefusedWithoutBreakingTheEngine() throws IOException {
    stage(FILE, "a", "1");
    try (FileChannel file = FileChannel.open(staged("f1.sst"), StandardOpenOption.WRITE)) {
      file.truncate(file.size() / 2);
    }

    assertThatThrownBy(() -> engine.ingest(List.of(FILE))).isInstanceOf(CorruptDataException.class);
    engine.write(new WriteBatch().put(WRITE, bytes("a"), bytes("1")), true);
  }

  @Test
  void leftoversOfAKilledProcessAreRemovedWhenTheEngineOpens() throws IOException {
    stage(FILE, "a", "1");
    engine.close();
    Files.createFile(staged("f2.part"));
    Files.createLink(staged("f1.link"), staged("f1.sst"));

    engine = open(current());

    assertThat(staged("f2.part")).doesNotExist();
    assertThat(staged("f1.link")).doesNotExist();
    assertThat(engine.sortedFiles().names()).containsExactly("f1");
  }

  /** Ingesting takes sequence numbers that no batch of the log has. */
  @Test
  void aTornLogBehindAnIngestedFileIsNotTakenForDamage() throws IOException {
    engine.write(new WriteBatch().put(WRITE, bytes("a"), bytes("old")), true);
    stage(FILE, "a", "1", "b", "2");
    try (EngineSnapshot forcesANumber = engine.snapshot()) {
      engine.ingest(List.of(FILE));
      assertThat(forcesANumber.get(WRITE, bytes("b"))).isNull();
    }
    engine.sync();
    long durable = Files.size(newestLog(current()));
    engine.write(new WriteBatch().put(DEFAULT, bytes("torn"), new byte[3_000]), false);
    engine.write(new WriteBatch().put(DEFAULT, bytes("kept"), new byte[10]), false);
    Path killed = killed();
    try (FileChannel log = FileChannel.open(newestLog(killed), StandardOpenOption.WRITE)) {
      log.write(java.nio.ByteBuffer.wrap(new byte[] {1, 2, 3}), durable + 100);
    }

    try (Engine survivor = open(killed)) {
      assertThat(survivor.get(WRITE, bytes("a"))).isEqualTo(bytes("1"));
      assertThat(survivor.get(WRITE, bytes("b"))).isEqualTo(bytes("2"));
      assertThat(survivor.get(DEFAULT, bytes("torn"))).isNull();
    }
  }

  @Test
  void aKilledEngineHasWhatWasIngestedAndTheBatchesBefore() throws IOException {
    engine.write(new WriteBatch().put(DEFAULT, bytes("before"), bytes("1")), false);
    stage(FILE, "a", "1");
    engine.ingest(List.of(FILE));
    Path killed = killed();

    try (Engine survivor = open(killed)) {
      assertThat(keys(survivor, WRITE)).containsExactly("a");
      assertThat(keys(survivor, DEFAULT)).containsExactly("before");
      survivor.ingest(List.of(FILE));
      assertThat(keys(survivor, WRITE)).containsExactly("a");
    }
  }

  /** The files as a kill at this moment leaves them: nothing may move while they are copied. */
  private Path killed() throws IOException {
    Path killed = directory.resolve("killed");
    RocksDB db = ((RocksEngine) engine).db();
    try {
      db.pauseBackgroundWork();
      db.disableFileDeletions();
      copyTree(current(), killed);
      db.enableFileDeletions();
      db.continueBackgroundWork();
    } catch (RocksDBException refused) {
      throw new AssertionError(refused);
    }
    return killed;
  }

  private Path staged(String file) {
    return current().resolve("staged").resolve(file);
  }

  private static Path newestLog(Path engine) throws IOException {
    try (Stream<Path> files = Files.list(engine)) {
      return files
          .filter(file -> file.toString().endsWith(".log"))
          .max(java.util.Comparator.naturalOrder())
          .orElseThrow();
    }
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }
}
