package io.arrowraft.server.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.server.store.DiskSpace;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDiskSpaceTest {
  @TempDir Path directory;

  @Test
  void roomIsThatOfTheDiskUnderTheDirectory() {
    DiskSpace.Room room = new FileDiskSpace(directory).measure();
    assertThat(room.capacityBytes()).isPositive();
    assertThat(room.availableBytes()).isBetween(0L, room.capacityBytes());
  }

  @Test
  void missingDirectoryIsTold() {
    assertThatThrownBy(() -> new FileDiskSpace(directory.resolve("gone")).measure())
        .isInstanceOf(UncheckedIOException.class);
  }
}
