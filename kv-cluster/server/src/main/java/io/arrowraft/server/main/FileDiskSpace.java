package io.arrowraft.server.main;

import io.arrowraft.server.store.DiskSpace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** The disk on which a directory lies. */
record FileDiskSpace(Path directory) implements DiskSpace {
  @Override
  public Room measure() {
    try {
      FileStore disk = Files.getFileStore(directory);
      return new Room(disk.getTotalSpace(), disk.getUsableSpace());
    } catch (IOException unanswered) {
      throw new UncheckedIOException("disk of " + directory, unanswered);
    }
  }
}
