package io.arrowraft.e2e.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.e2e.RunningCluster;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The one file that a user puts beside Spark. */
@ExtendWith(RunningCluster.Resolver.class)
class ShadedJarTest {
  private static final long PROGRAM_SECONDS_MAX = 120;

  /** Where this project's own modules, and what only they and the tests bring, come from. */
  private static final List<String> NOT_SPARKS =
      List.of(
          "/target/",
          "/io/arrowraft/",
          "/io/grpc/",
          "/io/perfmark/",
          "/io/micrometer/",
          "/org/hdrhistogram/",
          "/org/latencyutils/",
          "/org/tikv/",
          "/io/trino/",
          "/com/holdenkarau/",
          "/org/scalatest/",
          "/org/scalacheck/",
          "/org/junit/",
          "/org/assertj/",
          "/net/jqwik/");

  @TempDir private Path directory;

  private static Path shadedJar() {
    return classPath()
        .map(Path::of)
        .filter(element -> element.getFileName().toString().endsWith("-shaded.jar"))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the shaded jar is not on the class path"));
  }

  private static java.util.stream.Stream<String> classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator));
  }

  @Test
  void holdsNothingThatSparkOrAUserBrings() throws IOException {
    try (JarFile jar = new JarFile(shadedJar().toFile())) {
      List<String> entries = jar.stream().map(JarEntry::getName).toList();
      for (String foreign :
          List.of(
              "io/netty/",
              "io/grpc/",
              "com/google/",
              "org/rocksdb/",
              "org/apache/arrow/",
              "org/apache/spark/",
              "io/arrowraft/client/",
              "io/arrowraft/proto/")) {
        assertThat(entries).noneMatch(entry -> entry.startsWith(foreign));
      }
      assertThat(service(jar, "org.apache.spark.sql.sources.DataSourceRegister"))
          .containsExactly("io.arrowraft.spark.TikvSource");
      assertThat(service(jar, "org.apache.spark.sql.SparkSessionExtensionsProvider"))
          .containsExactly("io.arrowraft.spark.TikvSessionExtensions");
      assertThat(service(jar, "io.arrowraft.spark.shaded.grpc.NameResolverProvider"))
          .isNotEmpty()
          .allMatch(provider -> provider.startsWith("io.arrowraft.spark.shaded.grpc."));
    }
  }

  private static List<String> service(JarFile jar, String name) throws IOException {
    JarEntry entry = jar.getJarEntry("META-INF/services/" + name);
    assertThat(entry).as(name).isNotNull();
    try (var content = jar.getInputStream(entry)) {
      return new String(content.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    }
  }

  @Test
  void aProgramWithSparkAndThisJarAloneReadsATable(RunningCluster cluster) throws Exception {
    TestTable table =
        SparkOverCluster.TABLES.stream()
            .filter(candidate -> candidate.view().equals("large"))
            .findFirst()
            .orElseThrow();
    SparkOverCluster.loadTables(cluster);
    Path output = directory.resolve("output.txt");
    Process program =
        new ProcessBuilder(command(cluster.pdAddress(), table.name(), "amount"))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = program.waitFor(PROGRAM_SECONDS_MAX, TimeUnit.SECONDS);
    program.destroyForcibly();
    String said = Files.readString(output);
    assertThat(ended).as(said).isTrue();
    assertThat(program.exitValue()).as(said).isZero();
    assertThat(said)
        .contains("answer: 9 76000000001.00")
        .contains("rows: " + table.rows().size())
        .contains("pushed aggregates=[COUNT(*), SUM(amount)]");
  }

  /** Runs the program from its source, so that no class of the tests is beside it. */
  private static List<String> command(String... arguments) throws Exception {
    String path =
        classPath()
            .filter(
                element ->
                    NOT_SPARKS.stream().noneMatch(element.replace('\\', '/')::contains)
                        && !Files.isDirectory(Path.of(element)))
            .collect(Collectors.joining(File.pathSeparator));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx1g");
    // Newer JDKs want to be told that Arrow and Netty use Unsafe; older ones do not know the words.
    command.add("-XX:+IgnoreUnrecognizedVMOptions");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.addAll(
        java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> argument.startsWith("--add-opens"))
            .toList());
    command.add("-Djava.net.preferIPv4Stack=true");
    command.add("-cp");
    command.add(path + File.pathSeparator + shadedJar());
    command.add(Path.of(ShadedJarTest.class.getResource("/ShellProgram.java").toURI()).toString());
    command.addAll(List.of(arguments));
    return command;
  }
}
