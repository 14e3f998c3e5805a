package io.arrowraft.storage.rocks;

import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.SortedFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.rocksdb.EnvOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;

/**
 * Sorted files as tables of RocksDB, in a directory of their own below the instance's. An instance
 * takes a table in by a second link to the same file, which it never writes to, so that the first
 * link can be ingested again after a crash.
 */
final class RocksSortedFiles implements SortedFiles {
  private static final String FINISHED = ".sst";
  private static final String UNFINISHED = ".part";
  private static final String LINK = ".link";

  private final Path directory;
  private final ReaderGate gate;
  private final RocksConfiguration configuration;

  /**
   * @param directory made when the first file is
   */
  RocksSortedFiles(Path directory, ReaderGate gate, RocksConfiguration configuration) {
    this.directory = directory;
    this.gate = gate;
    this.configuration = configuration;
  }

  /** Removes what an earlier run has left unfinished. */
  static void clean(Path directory) throws IOException {
    for (Path file : list(directory)) {
      if (!file.getFileName().toString().endsWith(FINISHED)) {
        Files.delete(file);
      }
    }
  }

  @Override
  public Writer create(Name name) {
    gate.enter();
    try {
      Files.createDirectories(directory);
      return new TableWriter(name);
    } catch (IOException e) {
      gate.leave();
      throw failure("creating " + path(name.name(), UNFINISHED), e);
    } catch (RuntimeException e) {
      gate.leave();
      throw e;
    }
  }

  @Override
  public List<String> names() {
    return list(directory).stream()
        .map(file -> file.getFileName().toString())
        .filter(file -> file.endsWith(FINISHED))
        .map(file -> file.substring(0, file.length() - FINISHED.length()))
        .sorted()
        .toList();
  }

  @Override
  public boolean contains(String name) {
    return Files.exists(path(name, FINISHED));
  }

  @Override
  public long byteSize() {
    long sum = 0;
    for (Path file : list(directory)) {
      try {
        sum += Files.size(file);
      } catch (NoSuchFileException gone) {
        continue; // deleted since it was listed
      } catch (IOException e) {
        throw failure("looking at " + file, e);
      }
    }
    return sum;
  }

  @Override
  public void delete(String name) {
    try {
      Files.deleteIfExists(path(name, FINISHED));
    } catch (IOException e) {
      throw failure("deleting " + path(name, FINISHED), e);
    }
  }

  /** Takes one table in; on behalf of a holder of the gate. */
  void ingest(RocksEngine engine, Name file) throws RocksDBException {
    Path link = path(file.name(), LINK);
    try (IngestExternalFileOptions options =
        new IngestExternalFileOptions()
            .setMoveFiles(true)
            .setSnapshotConsistency(true)
            .setAllowGlobalSeqNo(true)
            .setAllowBlockingFlush(true)
            .setWriteGlobalSeqno(false)) {
      Files.deleteIfExists(link);
      Files.createLink(link, path(file.name(), FINISHED));
      engine
          .db()
          .ingestExternalFile(engine.handle(file.family()), List.of(link.toString()), options);
    } catch (NoSuchFileException gone) {
      throw CorruptDataException.unplaced("there is no sorted file " + gone.getFile(), gone);
    } catch (IOException e) {
      throw failure("linking " + link, e);
    } finally {
      deleteQuietly(link);
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException left) {
      // It is removed when the engine is opened, and harmless until then.
      return;
    }
  }

  private static List<Path> list(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    } catch (IOException e) {
      throw failure("listing " + directory, e);
    }
  }

  private Path path(String name, String suffix) {
    return directory.resolve(name + suffix);
  }

  private static EngineException failure(String action, IOException cause) {
    boolean full = String.valueOf(cause.getMessage()).contains("No space left");
    return new EngineException(
        full ? EngineException.Kind.DISK_FULL : EngineException.Kind.IO,
        action + " failed: " + cause,
        cause);
  }

  private final class TableWriter implements Writer {
    private final Name name;
    private final Path part;
    private final EnvOptions environment = new EnvOptions();
    private final Options options;
    private final SstFileWriter table;
    private byte[] last;
    private boolean ended;

    private TableWriter(Name name) {
      this.name = name;
      this.part = path(name.name(), UNFINISHED);
      this.options = new Options(configuration.database(), configuration.optionsOf(name.family()));
      this.table = new SstFileWriter(environment, options);
      try {
        table.open(part.toString());
      } catch (RocksDBException e) {
        release();
        throw RocksErrors.translate("creating " + part, e);
      }
    }

    @Override
    public void put(byte[] key, byte[] value) {
      if (last != null && Arrays.compareUnsigned(last, key) >= 0) {
        throw new IllegalArgumentException("keys of a sorted file must ascend");
      }
      try {
        table.put(key, value);
        last = key;
      } catch (RocksDBException e) {
        throw RocksErrors.translate("writing to " + part, e);
      }
    }

    @Override
    public long byteSize() {
      try {
        return table.fileSize();
      } catch (RocksDBException e) {
        throw RocksErrors.translate("looking at " + part, e);
      }
    }

    @Override
    public void finish() {
      if (last == null) {
        throw new IllegalStateException("a sorted file must not be empty: " + name.name());
      }
      try {
        table.finish();
        sync(part);
        Files.move(part, path(name.name(), FINISHED), StandardCopyOption.ATOMIC_MOVE);
        sync(directory);
      } catch (RocksDBException e) {
        throw RocksErrors.translate("finishing " + part, e);
      } catch (IOException e) {
        throw failure("finishing " + part, e);
      }
      close();
    }

    private void sync(Path path) throws IOException {
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }

    @Override
    public void close() {
      if (!ended) {
        ended = true;
        release();
        deleteQuietly(part);
        gate.leave();
      }
    }

    private void release() {
      table.close();
      options.close();
      environment.close();
    }
  }
}
