package io.arrowraft.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What operators get wrong: each mistake is named, with the value and the remedy, and changes
 * nothing.
 */
class ProcessBadInputTest {
  private static final Duration BOUND = Duration.ofSeconds(90);

  @TempDir private Path directory;

  @Test
  void aPortInUseIsNamed() throws Exception {
    int[] ports = LocalCluster.freePorts(4);
    try (ServerSocket taken = new ServerSocket(ports[0], 1, InetAddress.getLoopbackAddress());
        LocalCluster cluster =
            LocalCluster.launch(directory.resolve("data"), 1, taken.getLocalPort(), ports[1])) {
      cluster.await(BOUND, () -> !cluster.isAlive());
      assertThat(cluster.exitCode()).isEqualTo(1);
      assertThat(cluster.output())
          .contains("cannot listen on 127.0.0.1:" + ports[0])
          .contains("choose another port");
    }
  }

  @Test
  void aSecondClusterOnOneDirectoryIsRefusedAndTheFirstGoesOn() throws Exception {
    Path data = directory.resolve("data");
    try (LocalCluster first = LocalCluster.start(data, 1)) {
      int[] ports = LocalCluster.freePorts(2);
      try (LocalCluster second = LocalCluster.launch(data, 1, ports[0], ports[1])) {
        second.await(BOUND, () -> !second.isAlive());
        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(second.output()).contains("is in use by another process");
      }
      assertThat(first.isAlive()).isTrue();
    }
  }

  @Test
  void aDirectoryOfAnotherClusterIsRefusedAndKept() throws Exception {
    Path data = directory.resolve("data");
    int[] ports = LocalCluster.freePorts(2);
    try (LocalCluster cluster = LocalCluster.start(data, 1, ports[0], ports[1])) {
      cluster.stop();
    }
    // A new placement driver beside an old store.
    deleteTree(data.resolve("pd"));
    List<Path> before = files(data.resolve("store-1"));
    try (LocalCluster mixed = LocalCluster.launch(data, 1, ports[0], ports[1])) {
      mixed.await(BOUND, () -> !mixed.isAlive());
      assertThat(mixed.exitCode()).isEqualTo(1);
      assertThat(mixed.output()).contains("belongs to cluster");
    }
    assertThat(files(data.resolve("store-1"))).containsAll(before);
  }

  @Test
  void wrongWordsAreExplained() throws Exception {
    assertThat(run("up", "--stores=0", "--data=" + directory))
        .contains("--stores must be 1 to 16, not 0");
    assertThat(run("up", "--stores=3", "--pd-port=20161", "--data=" + directory))
        .contains("--pd-port 20161 lies among the stores' ports");
    assertThat(run("up")).contains("Missing required option: '--data=DIR'");
    assertThat(run("quickstart", "--scale=abc")).contains("Invalid value for option '--scale'");
    assertThat(run("fly")).contains("Unmatched argument").contains("fly");
    assertThat(run("--help")).contains("quickstart").contains("up");
  }

  private static String run(String... words) throws Exception {
    List<String> command =
        Stream.concat(Stream.of(LocalCluster.launcher().toString()), Stream.of(words)).toList();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }

  private static List<Path> files(Path root) throws IOException {
    try (Stream<Path> found = Files.walk(root)) {
      return found.filter(path -> path.toString().endsWith(".sst")).toList();
    }
  }

  private static void deleteTree(Path root) throws IOException {
    try (Stream<Path> found = Files.walk(root)) {
      found
          .sorted(java.util.Comparator.reverseOrder())
          .forEach(
              path -> {
                try {
                  Files.delete(path);
                } catch (IOException failure) {
                  throw new UncheckedIOException(failure);
                }
              });
    }
  }
}
