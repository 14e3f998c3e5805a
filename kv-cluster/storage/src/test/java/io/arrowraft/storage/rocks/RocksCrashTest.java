package io.arrowraft.storage.rocks;

import static io.arrowraft.storage.engine.ColumnFamily.DEFAULT;
import static io.arrowraft.storage.engine.ColumnFamily.RAFT;
import static io.arrowraft.storage.engine.ColumnFamily.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.WriteBatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What RocksDB's files hold after a kill, a torn write or a full disk. */
class RocksCrashTest {
  private static final int SYNCED = 20;
  private static RocksMemory memory;
  @TempDir Path root;
  private int copies;

  @BeforeAll
  static void reserveMemory() {
    memory = new RocksMemory(32 << 20, 8 << 20);
  }

  @AfterAll
  static void releaseMemory() {
    memory.close();
  }

  @Test
  void aDataInstanceWithATornLogHasAllThatWasSyncedAndNoBatchInPart() throws IOException {
    openWithTornTails(ColumnFamily.dataFamilies(), RocksOptions.dataDefaults(), WRITE);
  }

  @Test
  void aLogInstanceWithATornLogHasAllThatWasSyncedAndNoBatchInPart() throws IOException {
    openWithTornTails(ColumnFamily.logFamilies(), RocksOptions.logDefaults(), RAFT);
  }

  private void openWithTornTails(
      List<ColumnFamily> families, RocksOptions options, ColumnFamily family) throws IOException {
    Path origin = root.resolve("origin");
    Path killed = root.resolve("killed");
    long synced;
    long end;
    try (Engine engine = RocksEngine.open(origin, families, options, memory)) {
      for (int i = 0; i < SYNCED; i++) {
        engine.write(new WriteBatch().put(family, key(i), new byte[3_000]), true);
      }
      synced = Files.size(newestLog(origin));
      // Longer than two blocks of the log, so that it lies there in fragments.
      engine.write(
          new WriteBatch()
              .put(DEFAULT, key(SYNCED), key(1))
              .put(family, key(SYNCED), new byte[80_000]),
          false);
      end = Files.size(newestLog(origin));
      copyTree(origin, killed);
    }
    assertThat(end - synced).isGreaterThan(80_000);
    for (long cut : cuts(synced, end)) {
      Path torn = copyOf(killed);
      try (FileChannel log = FileChannel.open(newestLog(torn), StandardOpenOption.WRITE)) {
        log.truncate(cut);
      }
      check(torn, families, options, family, cut == end);
    }
    // A power cut may leave out any block of what was not synced, and keep later ones.
    for (long at : new long[] {synced + 3, synced + 100, synced + 33_000, end - 1}) {
      Path garbled = copyOf(killed);
      flip(newestLog(garbled), at);
      check(garbled, families, options, family, false);
    }
    // Whereas what was synced, and said to be by a later batch, must be there.
    for (long at : new long[] {3, 20, synced / 2, synced - 1}) {
      Path rotten = copyOf(killed);
      flip(newestLog(rotten), at);
      assertThatThrownBy(() -> RocksEngine.open(rotten, families, options, memory))
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining("is damaged before its end");
    }
  }

  @Test
  void batchesThatCrossBlocksAtAnyPlaceAreNotTakenForDamage() throws IOException {
    Path origin = root.resolve("origin");
    List<ColumnFamily> families = ColumnFamily.dataFamilies();
    RocksOptions options = RocksOptions.dataDefaults();
    int batches = 3_000;
    try (Engine engine = RocksEngine.open(origin, families, options, memory)) {
      for (int i = 0; i < batches; i++) {
        // Every so often a block ends within the head of a batch, or with nothing of it.
        engine.write(new WriteBatch().put(WRITE, key(i), new byte[i % 61]), false);
      }
      engine.write(new WriteBatch().put(WRITE, key(batches), new byte[1]), true);
      engine.write(new WriteBatch().put(WRITE, key(batches + 1), new byte[1]), true);
    }
    try (Engine engine = RocksEngine.open(origin, families, options, memory)) {
      for (int i = 0; i < batches; i++) {
        assertThat(engine.get(WRITE, key(i))).hasSize(i % 61);
      }
    }
  }

  /** RocksDB may be killed before it has removed the log that it has recovered from. */
  @Test
  void aTornLogOfAnEarlierTimeIsNoDamageOfALaterOne() throws IOException {
    Path origin = root.resolve("origin");
    RocksOptions options = RocksOptions.dataDefaults();
    try (Engine engine = RocksEngine.open(origin, ColumnFamily.dataFamilies(), options, memory)) {
      engine.write(new WriteBatch().put(WRITE, key(0), key(0)), true);
      engine.write(new WriteBatch().put(WRITE, key(1), key(1)), false);
    }
    Path log = newestLog(origin);
    flip(log, Files.size(log) - 1);
    Path torn = root.resolve("torn.log");
    Files.copy(log, torn);
    Path killed = root.resolve("killed");
    try (Engine engine = RocksEngine.open(origin, ColumnFamily.dataFamilies(), options, memory)) {
      assertThat(engine.get(WRITE, key(1))).isNull();
      for (int i = 2; i < 9; i++) {
        engine.write(new WriteBatch().put(WRITE, key(i), key(i)), true);
      }
      copyTree(origin, killed);
    }
    if (!Files.exists(killed.resolve(log.getFileName()))) {
      Files.copy(torn, killed.resolve(log.getFileName()));
    }
    try (Engine engine = RocksEngine.open(killed, ColumnFamily.dataFamilies(), options, memory)) {
      assertThat(engine.get(WRITE, key(0))).isNotNull();
      assertThat(engine.get(WRITE, key(8))).isNotNull();
    }
  }

  @Test
  void aHoleInWhatWasNeverSyncedIsTheEndOfTheLog() throws IOException {
    Path origin = root.resolve("origin");
    Path killed = root.resolve("killed");
    try (Engine engine =
        RocksEngine.open(
            origin, ColumnFamily.dataFamilies(), RocksOptions.dataDefaults(), memory)) {
      engine.write(new WriteBatch().put(WRITE, key(0), key(0)), true);
      for (int i = 1; i < 2_000; i++) {
        engine.write(new WriteBatch().put(WRITE, key(i), new byte[100]), false);
      }
      copyTree(origin, killed);
    }
    flip(newestLog(killed), Files.size(newestLog(killed)) / 2);
    try (Engine engine =
        RocksEngine.open(
            killed, ColumnFamily.dataFamilies(), RocksOptions.dataDefaults(), memory)) {
      assertThat(engine.get(WRITE, key(0))).isNotNull();
      assertThat(engine.get(WRITE, key(900))).isNotNull();
      assertThat(engine.get(WRITE, key(1_999))).isNull();
    }
  }

  private static long[] cuts(long from, long to) {
    return new long[] {
      from, from + 1, from + 6, from + 7, from + 30, from + 40_000, (from + to) / 2, to - 1, to
    };
  }

  private static void check(
      Path directory,
      List<ColumnFamily> families,
      RocksOptions options,
      ColumnFamily family,
      boolean whole) {
    try (Engine engine = RocksEngine.open(directory, families, options, memory)) {
      for (int i = 0; i < SYNCED; i++) {
        assertThat(engine.get(family, key(i))).as("key %s", i).hasSize(3_000);
      }
      assertThat(engine.get(family, key(SYNCED)) != null).isEqualTo(whole);
      assertThat(engine.get(DEFAULT, key(SYNCED)) != null).isEqualTo(whole);
      // And it goes on from there.
      engine.write(new WriteBatch().put(family, key(99), key(99)), true);
    }
    try (Engine engine = RocksEngine.open(directory, families, options, memory)) {
      assertThat(engine.get(family, key(99))).isEqualTo(key(99));
      assertThat(engine.get(family, key(0))).hasSize(3_000);
    }
  }

  /** A family whose buffer was flushed must not be ahead of one whose was not. */
  @Test
  void aKillWithManualFlushKeepsAPrefixAcrossFamiliesThoughOneOfThemWasFlushed()
      throws IOException {
    Path origin = root.resolve("manual");
    Path killed = root.resolve("killed");
    RocksOptions options = small().withManualWalFlush(true);
    int written = 3_000;
    try (Engine engine = RocksEngine.open(origin, ColumnFamily.dataFamilies(), options, memory)) {
      engine.write(new WriteBatch().put(DEFAULT, key(-1), key(-1)), true);
      for (int i = 0; i < written; i++) {
        engine.write(
            new WriteBatch().put(WRITE, key(i), new byte[100]).put(DEFAULT, key(i), new byte[1]),
            false);
      }
      awaitFlush(origin);
      copyTree(origin, killed);
    }
    try (Engine engine = RocksEngine.open(killed, ColumnFamily.dataFamilies(), small(), memory)) {
      assertThat(engine.get(DEFAULT, key(-1))).isNotNull();
      int kept = 0;
      while (kept < written && engine.get(WRITE, key(kept)) != null) {
        assertThat(engine.get(DEFAULT, key(kept)))
            .as("both families of batch %s", kept)
            .isNotNull();
        kept++;
      }
      assertThat(kept).as("the kill loses the end").isBetween(1, written - 1);
      for (int i = kept; i < written; i++) {
        assertThat(engine.get(WRITE, key(i))).isNull();
        assertThat(engine.get(DEFAULT, key(i))).isNull();
      }
    }
  }

  /** The next log file is a device that is full: what follows is RocksDB's own account of it. */
  @Test
  void aFullDiskFailsTheWriteByItsNameAndEveryWriteAfterIt() throws IOException {
    Path full = Path.of("/dev/full");
    assumeThat(full).exists();
    Path directory = root.resolve("full");
    RocksEngine engine = RocksEngine.open(directory, ColumnFamily.dataFamilies(), small(), memory);
    try (engine) {
      engine.write(new WriteBatch().put(DEFAULT, key(0), key(0)), true);
      long next = number(newestLog(directory)) + 1;
      for (long number = next; number < next + 60; number++) {
        Path log = directory.resolve("%06d.log".formatted(number));
        if (!Files.exists(log)) {
          Files.createSymbolicLink(log, full);
        }
      }
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 10_000; i++) {
                  engine.write(new WriteBatch().put(WRITE, key(i), new byte[1_000]), true);
                }
              })
          .isInstanceOfSatisfying(
              EngineException.class,
              e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.DISK_FULL))
          .hasMessageContaining(directory.toString());
      assertThatThrownBy(engine::sync)
          .isInstanceOfSatisfying(
              EngineException.class,
              e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.DISK_FULL))
          .hasMessageContaining("no write is possible any more");
      assertThat(engine.get(DEFAULT, key(0))).isEqualTo(key(0));
    } finally {
      deleteLinks(directory);
    }
    try (Engine again = RocksEngine.open(directory, ColumnFamily.dataFamilies(), small(), memory)) {
      assertThat(again.get(DEFAULT, key(0))).as("synced before").isEqualTo(key(0));
    }
  }

  private static RocksOptions small() {
    RocksOptions defaults = RocksOptions.dataDefaults();
    return new RocksOptions(
        defaults.formatVersion(),
        defaults.bloomBitsPerKey(),
        defaults.compress(),
        defaults.blockBytes(),
        64 * 1024,
        64 * 1024,
        2,
        false,
        defaults.closeDeadline());
  }

  private static void awaitFlush(Path directory) throws IOException {
    long end = System.nanoTime() + 10_000_000_000L;
    while (System.nanoTime() < end) {
      try (Stream<Path> files = Files.list(directory)) {
        if (files.anyMatch(file -> file.toString().endsWith(".sst"))) {
          return;
        }
      }
      Thread.onSpinWait();
    }
    throw new AssertionError("no buffer was flushed");
  }

  private static byte[] key(int i) {
    return "k%05d".formatted(i).getBytes(StandardCharsets.US_ASCII);
  }

  private static long number(Path log) {
    return Long.parseLong(log.getFileName().toString().replace(".log", ""));
  }

  private static Path newestLog(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.toString().endsWith(".log"))
          .max(Comparator.comparing(Path::toString))
          .orElseThrow();
    }
  }

  private static void flip(Path file, long at) throws IOException {
    byte[] content = Files.readAllBytes(file);
    content[(int) at] ^= 0x55;
    Files.write(file, content, StandardOpenOption.TRUNCATE_EXISTING);
  }

  private static void deleteLinks(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      files
          .filter(Files::isSymbolicLink)
          .forEach(
              link -> {
                try {
                  Files.delete(link);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }

  private Path copyOf(Path from) throws IOException {
    Path copy = root.resolve("copy" + copies++);
    copyTree(from, copy);
    return copy;
  }

  private static void copyTree(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    List<Path> files;
    try (Stream<Path> listed = Files.list(from)) {
      files = listed.filter(file -> !file.endsWith("LOCK")).toList();
    }
    for (Path file : files) {
      Files.copy(file, to.resolve(file.getFileName()));
    }
  }
}
