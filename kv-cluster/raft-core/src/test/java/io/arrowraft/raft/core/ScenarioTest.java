package io.arrowraft.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs the protocol scenarios: commands, a line of dashes, the expected output. {@code
 * -Dscenario.rewrite=true} writes the actual output in place of the expected one, to be reviewed as
 * a diff.
 */
class ScenarioTest {
  private static final Path DIRECTORY = Path.of("src/test/resources/scenarios");
  private static final String DASHES = "----";

  static List<Path> scenarios() throws IOException {
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      return files.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void clusterBehavesAsTheScenarioSays(Path file) throws IOException {
    String expected = Files.readString(file);
    String actual = play(expected);
    if (Boolean.getBoolean("scenario.rewrite")) {
      Files.writeString(file, actual);
    } else {
      assertThat(actual).isEqualTo(expected);
    }
  }

  private static String play(String script) {
    ScenarioCluster cluster = new ScenarioCluster();
    StringBuilder result = new StringBuilder();
    boolean inOutput = false;
    for (String line : script.split("\n", -1)) {
      if (line.equals(DASHES)) {
        inOutput = true;
        result.append(DASHES).append('\n').append(cluster.takeOutput());
      } else if (inOutput) {
        if (line.isEmpty()) {
          inOutput = false;
          result.append('\n');
        }
      } else {
        result.append(line).append('\n');
        if (!line.isBlank() && !line.startsWith("#")) {
          cluster.run(line.trim().split(" +"));
        }
      }
    }
    return result.toString().stripTrailing() + "\n";
  }
}
