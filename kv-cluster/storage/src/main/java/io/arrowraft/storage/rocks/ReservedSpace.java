package io.arrowraft.storage.rocks;

import io.arrowraft.storage.engine.EngineException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that does nothing but take up room. An engine cannot be opened on a full disk, since it
 * writes while it recovers; giving this room back lets it, so that data can be moved or deleted.
 */
final class ReservedSpace {
  private static final Logger LOG = LoggerFactory.getLogger(ReservedSpace.class);

  static final String FILE = "ARROWRAFT.reserve";
  private static final int PIECE_BYTES = 1 << 20;

  private final Path root;

  ReservedSpace(Path root) {
    this.root = root;
  }

  /**
   * Gives the room back if the disk is nearly full, or takes it if there is plenty; nothing
   * otherwise.
   *
   * @param bytes how much to reserve; 0 gives back what is there
   */
  void adjust(long bytes) {
    Path file = root.resolve(FILE);
    try {
      long held = Files.exists(file) ? Files.size(file) : 0;
      long usable = Files.getFileStore(root).getUsableSpace();
      if (held > 0 && (bytes == 0 || usable < held)) {
        Files.delete(file);
        LOG.atWarn()
            .addKeyValue("directory", root)
            .addKeyValue("bytes", held)
            .addKeyValue("usable", usable)
            .log("reserved space given back");
      } else if (held < bytes && usable > 4 * bytes) {
        fill(file, bytes);
      }
    } catch (IOException e) {
      throw new EngineException(
          EngineException.Kind.IO, "cannot reserve space in " + root + ": " + e, e);
    }
  }

  /** Not sparse: the file system must really set the blocks aside. */
  private static void fill(Path file, long bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
      for (long left = bytes; left > 0; ) {
        piece.clear().limit((int) Math.min(PIECE_BYTES, left));
        left -= channel.write(piece);
      }
    }
  }
}
