package io.arrowraft.storage.rocks;

import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.DiskOptions;
import io.arrowraft.storage.engine.EngineException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;

/**
 * The directory of one node: locked against other processes while open, and marked with the format
 * version, before anything else is stored in it, and with the node it belongs to, so that no node
 * ever writes to another's data and no program to what it does not understand.
 *
 * <p>Not thread-safe; it is opened and claimed while a node starts.
 */
public final class DataDirectory implements AutoCloseable {
  /**
   * The version of everything stored below the directory. Whoever raises it keeps reading the
   * version before, or says in {@link #requireReadable} how data gets from there to here.
   */
  public static final int FORMAT_VERSION = 1;

  static final String MARKER_FILE = "ARROWRAFT";
  static final String LOCK_FILE = "ARROWRAFT.lock";

  /**
   * Whom a directory belongs to.
   *
   * @param role "store" or "pd"
   * @param clusterId the cluster's id, as PD gave it
   * @param nodeId the store's or PD member's id within the cluster
   */
  public record Owner(String role, long clusterId, long nodeId) {
    public Owner {
      Objects.requireNonNull(role, "role");
    }
  }

  private final Path root;
  private final FileChannel lockChannel;
  private final FileLock lock;
  private Owner owner;

  private DataDirectory(Path root, FileChannel lockChannel, FileLock lock) {
    this.root = root;
    this.lockChannel = lockChannel;
    this.lock = lock;
  }

  /**
   * Creates the directory if need be, locks it and reads its marker.
   *
   * @throws EngineException of kind IN_USE, FOREIGN_DIRECTORY (another format version) or IO
   */
  public static DataDirectory open(Path root) {
    return open(root, DiskOptions.defaults());
  }

  /**
   * The same, with room reserved on its disk.
   *
   * @throws EngineException of kind IN_USE, FOREIGN_DIRECTORY (another format version) or IO
   */
  public static DataDirectory open(Path root, DiskOptions disk) {
    DataDirectory directory = locked(root);
    try {
      directory.owner = directory.readMarker();
      new ReservedSpace(root).adjust(disk.reservedBytes());
      if (!Files.exists(root.resolve(MARKER_FILE))) {
        directory.writeMarker("format=%d%n".formatted(FORMAT_VERSION));
      }
      return directory;
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  private static DataDirectory locked(Path root) {
    try {
      Files.createDirectories(root);
      FileChannel channel =
          FileChannel.open(
              root.resolve(LOCK_FILE),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        String holder = read(channel);
        channel.close();
        throw inUse(root, holder);
      }
      // For whoever is refused: the lock itself does not tell who holds it.
      channel.truncate(0);
      write(channel, Long.toString(ProcessHandle.current().pid()));
      return new DataDirectory(root, channel, lock);
    } catch (IOException e) {
      throw new EngineException(
          EngineException.Kind.IO,
          "cannot use data directory " + root + ": " + e + "; check that it can be written",
          e);
    }
  }

  private static EngineException inUse(Path root, String holder) {
    boolean known = holder.matches("\\d{1,19}");
    return new EngineException(
        EngineException.Kind.IN_USE,
        "data directory "
            + root
            + " is in use by another process"
            + (known ? ", whose pid is " + holder : "")
            + "; stop it"
            + (known ? " (kill " + holder + ")" : "")
            + " or choose another directory");
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(32);
    channel.read(bytes, 0);
    return new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII).trim();
  }

  private static void write(FileChannel channel, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held by another node of this process
    }
  }

  /** Whom the directory belongs to; empty while it is new. */
  public Optional<Owner> owner() {
    return Optional.ofNullable(owner);
  }

  /**
   * Marks a new directory as the claimant's, durably; checks one that is marked.
   *
   * @throws EngineException of kind FOREIGN_DIRECTORY when it belongs to someone else
   */
  public void claim(Owner claimant) {
    if (owner == null) {
      writeMarker(
          "format=%d%nrole=%s%ncluster=%s%nnode=%s%n"
              .formatted(
                  FORMAT_VERSION,
                  claimant.role(),
                  Long.toUnsignedString(claimant.clusterId()),
                  Long.toUnsignedString(claimant.nodeId())));
      owner = claimant;
      return;
    }
    mustAgree("role", owner.role(), claimant.role());
    mustAgree("cluster", owner.clusterId(), claimant.clusterId());
    mustAgree("node", owner.nodeId(), claimant.nodeId());
  }

  /** The directory of an engine instance or of other files of this node. */
  public Path resolve(String name) {
    return root.resolve(name);
  }

  public Path root() {
    return root;
  }

  /** Unlocks the directory; the engines in it are closed before. Idempotent. */
  @Override
  public void close() {
    try {
      if (lock.isValid()) {
        lock.release();
      }
      lockChannel.close();
    } catch (IOException e) {
      throw new EngineException(
          EngineException.Kind.IO, "cannot unlock data directory " + root + ": " + e, e);
    }
  }

  private void mustAgree(String what, Object found, Object expected) {
    if (!found.equals(expected)) {
      throw new EngineException(
          EngineException.Kind.FOREIGN_DIRECTORY,
          "data directory "
              + root
              + " belongs to "
              + what
              + " "
              + found
              + ", not to "
              + what
              + " "
              + expected
              + "; use the directory of this node or an empty one");
    }
  }

  private Owner readMarker() {
    Path marker = root.resolve(MARKER_FILE);
    if (!Files.exists(marker)) {
      return null;
    }
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(Files.readString(marker, StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new EngineException(EngineException.Kind.IO, "cannot read " + marker + ": " + e, e);
    }
    requireReadable(text(properties, "format", marker), marker);
    if (!properties.containsKey("role")) {
      return null; // made, and not claimed before whoever made it ended
    }
    return new Owner(
        text(properties, "role", marker),
        number(properties, "cluster", marker),
        number(properties, "node", marker));
  }

  private void requireReadable(String found, Path marker) {
    int version;
    try {
      version = Integer.parseInt(found);
    } catch (NumberFormatException e) {
      throw CorruptDataException.unplaced(
          marker + " holds \"" + found + "\" for format, which is not a version", e);
    }
    if (version == FORMAT_VERSION) {
      return;
    }
    throw new EngineException(
        EngineException.Kind.FOREIGN_DIRECTORY,
        "data directory "
            + root
            + " has format version "
            + version
            + ", this program reads version "
            + FORMAT_VERSION
            + (version > FORMAT_VERSION
                ? "; start the program that wrote it, or a newer one"
                : "; move the data with the last program that reads both, or use an empty"
                    + " directory and let the cluster fill it"));
  }

  private void writeMarker(String text) {
    Path marker = root.resolve(MARKER_FILE);
    Path draft = root.resolve(MARKER_FILE + ".new");
    try {
      try (FileChannel channel =
          FileChannel.open(
              draft,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        write(channel, text);
        channel.force(true);
      }
      Files.move(draft, marker, StandardCopyOption.ATOMIC_MOVE);
      try (FileChannel directory = FileChannel.open(root, StandardOpenOption.READ)) {
        directory.force(true);
      }
    } catch (IOException e) {
      throw new EngineException(EngineException.Kind.IO, "cannot write " + marker + ": " + e, e);
    }
  }

  private static String text(Properties properties, String name, Path marker) {
    String value = properties.getProperty(name);
    if (value == null) {
      throw CorruptDataException.unplaced(marker + " has no entry \"" + name + "\"", null);
    }
    return value;
  }

  private static long number(Properties properties, String name, Path marker) {
    String value = text(properties, name, marker);
    try {
      return Long.parseUnsignedLong(value);
    } catch (NumberFormatException e) {
      throw CorruptDataException.unplaced(
          marker + " holds \"" + value + "\" for " + name + ", which is not a number", e);
    }
  }
}
