package io.arrowraft.storage.rocks;

import static io.arrowraft.storage.engine.ColumnFamily.DEFAULT;
import static io.arrowraft.storage.engine.ColumnFamily.LOCK;
import static io.arrowraft.storage.engine.ColumnFamily.RAFT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineContract;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.arrowraft.storage.engine.IterateOptions;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.MemoryEngine;
import io.arrowraft.storage.mvcc.EncodedRange;
import io.arrowraft.storage.mvcc.MvccScanner;
import io.arrowraft.storage.mvcc.ReadView;
import io.arrowraft.storage.mvcc.ScanEntry;
import io.arrowraft.storage.mvcc.ScanOptions;
import io.arrowraft.storage.mvcc.Timestamps;
import io.arrowraft.storage.txn.TestStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksEngineTest extends EngineContract {
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
    return open(directory.resolve("engine" + opened++), RocksOptions.dataDefaults());
  }

  @Override
  protected Engine reopen(Engine closed) {
    return open(directory.resolve("engine" + (opened - 1)), RocksOptions.dataDefaults());
  }

  private static RocksEngine open(Path path, RocksOptions options) {
    return RocksEngine.open(path, ColumnFamily.dataFamilies(), options, memory);
  }

  @Test
  void aSecondOpenOfOneDirectoryIsRefusedByName() {
    assertThatThrownBy(() -> open(directory.resolve("engine0"), RocksOptions.dataDefaults()))
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.IN_USE))
        .hasMessageContaining("data directory " + directory.resolve("engine0"))
        .hasMessageContaining("is in use by another process");
  }

  @Test
  void theLogInstanceHasItsOwnFamilies() {
    try (RocksEngine log =
        RocksEngine.open(
            directory.resolve("log"),
            ColumnFamily.logFamilies(),
            RocksOptions.logDefaults(),
            memory)) {
      log.write(new WriteBatch().put(RAFT, bytes("a"), bytes("1")), true);

      assertThat(log.get(RAFT, bytes("a"))).isEqualTo(bytes("1"));
      assertThatThrownBy(() -> log.get(LOCK, bytes("a")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("has no family LOCK");
    }
  }

  /** Rule 54: readers that stay open delay the release of native handles, whatever the deadline. */
  @Test
  void closingWaitsForReadersAndNeverPullsAHandleFromUnderThem() {
    RocksEngine busy =
        open(
            directory.resolve("busy"),
            RocksOptions.dataDefaults().withCloseDeadline(Duration.ofMillis(20)));
    busy.write(new WriteBatch().put(DEFAULT, bytes("a"), bytes("1")), false);
    EngineSnapshot snapshot = busy.snapshot();
    EngineIterator iterator = busy.iterator(DEFAULT, IterateOptions.all());

    assertThatThrownBy(busy::close)
        .isInstanceOfSatisfying(
            EngineException.class, e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.BUSY))
        .hasMessageContaining("2 readers");
    assertThat(snapshot.get(DEFAULT, bytes("a"))).isEqualTo(bytes("1"));
    assertThat(iterator.seekToFirst()).isTrue();
    assertThatThrownBy(busy::snapshot).isInstanceOf(EngineException.class);

    snapshot.close();
    iterator.close();
    busy.close();
    assertThatThrownBy(iterator::key).isInstanceOf(EngineException.class);
  }

  /**
   * Rule 54: a reader that races with the close gets an answer or an error, never a dead process.
   */
  @Test
  void readersThatRaceWithCloseAreAnsweredOrRefused() {
    RocksEngine raced = open(directory.resolve("raced"), RocksOptions.dataDefaults());
    raced.write(new WriteBatch().put(DEFAULT, bytes("a"), bytes("1")), false);
    CountDownLatch running = new CountDownLatch(3);
    List<CompletableFuture<EngineException.Kind>> readers =
        Stream.generate(
                () ->
                    CompletableFuture.supplyAsync(
                        () -> readUntilRefused(raced, running), RocksEngineTest::onItsOwnThread))
            .limit(3)
            .toList();
    assertThat(running).satisfies(latch -> assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue());
    raced.close();

    for (CompletableFuture<EngineException.Kind> reader : readers) {
      assertThat(reader)
          .succeedsWithin(Duration.ofSeconds(10))
          .isEqualTo(EngineException.Kind.CLOSED);
    }
  }

  /** Rule 54, in all ways in which an engine is used, over and over. */
  @Test
  void whatEverRacesWithCloseIsAnsweredOrRefused() throws InterruptedException {
    for (int round = 0; round < 8; round++) {
      RocksEngine raced = open(directory.resolve("race" + round), RocksOptions.dataDefaults());
      List<Runnable> users =
          List.of(
              () -> raced.write(new WriteBatch().put(DEFAULT, bytes("a"), bytes("1")), false),
              () -> raced.write(new WriteBatch().deleteRange(LOCK, bytes("a"), bytes("")), true),
              raced::sync,
              () -> raced.get(DEFAULT, ByteBuffer.wrap(bytes("a")), ByteBuffer.allocate(8)),
              raced::pressure,
              raced::memoryUsage,
              () -> raced.approximateSize(DEFAULT, bytes("a"), bytes("")),
              () -> {
                try (EngineSnapshot snapshot = raced.snapshot()) {
                  snapshot.iterator(DEFAULT, IterateOptions.all()).close();
                }
              });
      CountDownLatch running = new CountDownLatch(users.size());
      List<CompletableFuture<EngineException.Kind>> ends = new ArrayList<>();
      for (Runnable use : users) {
        ends.add(
            CompletableFuture.supplyAsync(
                () -> useUntilRefused(use, running), RocksEngineTest::onItsOwnThread));
      }
      assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
      raced.close();
      for (CompletableFuture<EngineException.Kind> end : ends) {
        assertThat(end)
            .succeedsWithin(Duration.ofSeconds(10))
            .isEqualTo(EngineException.Kind.CLOSED);
      }
    }
  }

  private static EngineException.Kind useUntilRefused(Runnable use, CountDownLatch running) {
    try {
      while (true) {
        use.run();
        running.countDown();
      }
    } catch (EngineException refused) {
      return refused.kind();
    }
  }

  @Test
  void tablesThatWaitForCompactionShowAsPressure() {
    for (int i = 0; i < 3; i++) {
      engine.write(new WriteBatch().put(DEFAULT, bytes("a" + i), bytes("1")), true);
      engine.close();
      // What was in the log is flushed to a table of its own when the engine recovers.
      engine = reopen(engine);
    }

    assertThat(engine.pressure().level0Files()).isEqualTo(3);
    assertThat(engine.pressure().writesStopped()).isFalse();
  }

  /** A shared pool may have fewer threads than there are readers. */
  private static void onItsOwnThread(Runnable reader) {
    Thread thread = new Thread(reader, "reader");
    thread.setDaemon(true);
    thread.start();
  }

  private static EngineException.Kind readUntilRefused(RocksEngine raced, CountDownLatch running) {
    try {
      for (int reads = 0; ; reads++) {
        try (EngineSnapshot snapshot = raced.snapshot();
            EngineIterator iterator = snapshot.iterator(DEFAULT, IterateOptions.all())) {
          assertThat(iterator.seekToFirst()).isTrue();
          assertThat(raced.get(DEFAULT, bytes("a"))).isEqualTo(bytes("1"));
        }
        if (reads == 100) {
          running.countDown();
        }
      }
    } catch (EngineException refused) {
      return refused.kind();
    }
  }

  /** The same histories as in memory: what a scan sees must not depend on the engine. */
  @Test
  void versionedScansSeeTheSameOnDiskAsInMemory() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(42);
    Engine memoryEngine = new MemoryEngine();
    for (int i = 1; i <= 600; i++) {
      String key = "key-" + random.nextInt(20);
      String value = "v" + i + "x".repeat(random.nextInt(5) == 0 ? 300 : 0);
      boolean delete = random.nextInt(6) == 0;
      for (Engine each : List.of(engine, memoryEngine)) {
        TestStore store = new TestStore(each);
        if (delete) {
          store.delete(key, 10 * i, 10 * i + 5);
        } else {
          store.write(key, value, 10 * i, 10 * i + 5);
        }
      }
    }
    for (long ts = 0; ts < 6_100; ts += 97) {
      for (ReadView view : List.of(ReadView.at(ts), ReadView.at(Timestamps.MAX))) {
        assertThat(scan(engine, ScanOptions.forward(view)))
            .isEqualTo(scan(memoryEngine, ScanOptions.forward(view)));
        assertThat(scan(engine, ScanOptions.backward(view)))
            .isEqualTo(scan(memoryEngine, ScanOptions.backward(view)));
      }
    }
  }

  private static List<ScanEntry> scan(Engine engine, ScanOptions options) {
    List<ScanEntry> entries = new ArrayList<>();
    try (MvccScanner scanner = new MvccScanner(engine, EncodedRange.ALL, options)) {
      scanner.collect(entries, 1_000, 1 << 20);
    }
    return entries;
  }

  @Test
  void withManualWalFlushOnlySyncedWritesAreOnDisk() throws IOException {
    Path origin = directory.resolve("manual");
    Path copy = directory.resolve("copy");
    try (RocksEngine manual = open(origin, RocksOptions.dataDefaults().withManualWalFlush(true))) {
      manual.write(new WriteBatch().put(DEFAULT, bytes("a"), bytes("1")), true);
      manual.write(new WriteBatch().put(DEFAULT, bytes("b"), bytes("2")), false);
      copyTree(origin, copy);
    }
    try (RocksEngine killed = open(copy, RocksOptions.dataDefaults())) {
      assertThat(keys(killed, DEFAULT)).containsExactly("a");
    }
  }

  /** Rule 55: damage before the tail of the log is an error, not a silently shorter history. */
  @Test
  void damageInTheMiddleOfTheLogIsCorruption() throws IOException {
    Path origin = directory.resolve("origin");
    Path copy = directory.resolve("damaged");
    try (RocksEngine healthy = open(origin, RocksOptions.dataDefaults())) {
      for (int i = 0; i < 2_000; i++) {
        healthy.write(new WriteBatch().put(DEFAULT, bytes("k" + i), new byte[100]), false);
      }
      healthy.sync();
      copyTree(origin, copy);
    }
    damageLog(copy);

    assertThatThrownBy(() -> open(copy, RocksOptions.dataDefaults()))
        .isInstanceOfSatisfying(
            EngineException.class,
            e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.CORRUPTION));
  }

  @Test
  void optionsNameTheValueTheyRefuse() {
    assertThatThrownBy(
            () -> new RocksOptions(7, 10, true, 4096, 1 << 20, 1 << 20, 1, false, Duration.ZERO))
        .hasMessage("formatVersion must be 5 or 6, was 7");
  }

  private static void damageLog(Path copy) throws IOException {
    Path log;
    try (Stream<Path> files = Files.list(copy)) {
      log =
          files
              .filter(file -> file.toString().endsWith(".log"))
              .max(Comparator.comparing(Path::toString))
              .orElseThrow();
    }
    byte[] content = Files.readAllBytes(log);
    content[content.length / 2] ^= 0x55;
    Files.write(log, content, StandardOpenOption.TRUNCATE_EXISTING);
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
