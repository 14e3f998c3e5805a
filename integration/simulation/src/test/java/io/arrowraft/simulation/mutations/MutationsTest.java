package io.arrowraft.simulation.mutations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The patches of the mutation table still fit the code, and each has its row. */
class MutationsTest {
  private static final Path ROOT = Path.of("../..");
  private static final Path MUTATIONS = Path.of("mutations");

  @TestFactory
  Stream<DynamicTest> everyPatchStillApplies() throws IOException {
    return patches().stream()
        .map(patch -> DynamicTest.dynamicTest(patch.getFileName().toString(), () -> fits(patch)));
  }

  @Test
  void everyPatchHasARowInTheTable() throws IOException {
    String table = Files.readString(MUTATIONS.resolve("TABLE.md"));
    for (Path patch : patches()) {
      String name = patch.getFileName().toString().replace(".patch", "");
      assertThat(table).as("row of the mutation table").contains("| " + name + " |");
    }
  }

  private static List<Path> patches() throws IOException {
    try (Stream<Path> files = Files.list(MUTATIONS)) {
      return files.filter(file -> file.toString().endsWith(".patch")).sorted().toList();
    }
  }

  private static void fits(Path patch) throws IOException {
    List<String> lines = Files.readAllLines(patch);
    assertThat(lines.subList(0, 3))
        .as("head of the patch")
        .satisfiesExactly(
            line -> assertThat(line).startsWith("Rule: "),
            line -> assertThat(line).startsWith("Mutation: "),
            line -> assertThat(line).startsWith("Tests: "));
    String code = "";
    List<String> before = new ArrayList<>();
    for (String line : lines.subList(3, lines.size())) {
      if (line.startsWith("@@") || line.startsWith("--- ")) {
        check(code, before);
      } else if (line.startsWith("+++ b/")) {
        code = Files.readString(ROOT.resolve(line.substring("+++ b/".length())));
      } else if (line.startsWith(" ") || line.startsWith("-")) {
        before.add(line.substring(1));
      }
    }
    check(code, before);
  }

  private static void check(String code, List<String> before) {
    if (!before.isEmpty()) {
      assertThat(code)
          .as("what the patch replaces; adapt it with integration/simulation/mutations/README.md")
          .containsOnlyOnce(String.join("\n", before));
      before.clear();
    }
  }
}
