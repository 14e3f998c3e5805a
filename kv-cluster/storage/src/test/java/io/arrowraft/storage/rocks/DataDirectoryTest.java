package io.arrowraft.storage.rocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.storage.engine.DiskOptions;
import io.arrowraft.storage.engine.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @TempDir Path root;

  @Test
  void aNewDirectoryHasNoOwnerAndRemembersTheFirst() {
    try (DataDirectory directory = DataDirectory.open(root.resolve("new"))) {
      assertThat(directory.owner()).isEmpty();
      directory.claim(new DataDirectory.Owner("store", 7, 4));
    }
    try (DataDirectory directory = DataDirectory.open(root.resolve("new"))) {
      assertThat(directory.owner()).contains(new DataDirectory.Owner("store", 7, 4));
      directory.claim(new DataDirectory.Owner("store", 7, 4));
    }
  }

  @Test
  void anotherClusterOrNodeIsRefusedWithARemedy() {
    try (DataDirectory directory = DataDirectory.open(root)) {
      directory.claim(new DataDirectory.Owner("store", 7, 4));

      assertThatThrownBy(() -> directory.claim(new DataDirectory.Owner("store", 8, 4)))
          .isInstanceOfSatisfying(
              EngineException.class,
              e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.FOREIGN_DIRECTORY))
          .hasMessage(
              "data directory "
                  + root
                  + " belongs to cluster 7, not to cluster 8; use the directory of this node or an"
                  + " empty one");
      assertThatThrownBy(() -> directory.claim(new DataDirectory.Owner("store", 7, 5)))
          .hasMessageContaining("belongs to node 4, not to node 5");
      assertThatThrownBy(() -> directory.claim(new DataDirectory.Owner("pd", 7, 4)))
          .hasMessageContaining("belongs to role store, not to role pd");
    }
  }

  @Test
  void aSecondUserIsRefused() {
    try (DataDirectory first = DataDirectory.open(root)) {
      assertThatThrownBy(() -> DataDirectory.open(first.root()))
          .hasMessage(
              "data directory %s is in use by another process, whose pid is %d; stop it (kill %d) or"
                  + " choose another directory",
              root, ProcessHandle.current().pid(), ProcessHandle.current().pid());
    }
    DataDirectory.open(root).close();
  }

  @Test
  void theVersionIsThereBeforeAnythingElseIs() throws IOException {
    DataDirectory.open(root).close();

    assertThat(root.resolve("ARROWRAFT")).hasContent("format=1");
    try (DataDirectory directory = DataDirectory.open(root)) {
      assertThat(directory.owner()).isEmpty();
    }
  }

  @Test
  void anOlderFormatIsRefusedWithAnotherRemedyThanANewerOne() throws IOException {
    Files.writeString(root.resolve("ARROWRAFT"), "format=0\nrole=store\n");

    assertThatThrownBy(() -> DataDirectory.open(root))
        .hasMessageContaining("has format version 0, this program reads version 1")
        .hasMessageContaining("let the cluster fill it");
  }

  @Test
  void reservedSpaceIsTakenOnceAndGivenBackWhenAskedFor() throws IOException {
    Path reserve = root.resolve("ARROWRAFT.reserve");
    DiskOptions some = DiskOptions.defaults().withReservedBytes((1 << 20) + 5);
    DataDirectory.open(root, some).close();
    assertThat(reserve).hasSize((1 << 20) + 5);
    DataDirectory.open(root, some).close();
    assertThat(reserve).hasSize((1 << 20) + 5);
    DataDirectory.open(root, DiskOptions.defaults()).close();
    assertThat(reserve).doesNotExist();
  }

  @Test
  void spaceIsNotReservedWhereThereIsTooLittle() throws IOException {
    long tooMuch = Files.getFileStore(root).getUsableSpace() / 2;
    DataDirectory.open(root, DiskOptions.defaults().withReservedBytes(tooMuch)).close();

    assertThat(root.resolve("ARROWRAFT.reserve")).doesNotExist();
  }

  @Test
  void anotherFormatVersionIsRefused() throws IOException {
    Files.writeString(root.resolve("ARROWRAFT"), "format=99\nrole=store\n");

    assertThatThrownBy(() -> DataDirectory.open(root))
        .hasMessageContaining("has format version 99, this program reads version 1");
    Files.delete(root.resolve("ARROWRAFT"));
    DataDirectory.open(root).close();
  }

  @Test
  void aDamagedMarkerIsCorruption() throws IOException {
    Files.writeString(root.resolve("ARROWRAFT"), "format=1\nrole=store\ncluster=x\nnode=1\n");

    assertThatThrownBy(() -> DataDirectory.open(root))
        .isInstanceOfSatisfying(
            EngineException.class,
            e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.CORRUPTION));
  }
}
