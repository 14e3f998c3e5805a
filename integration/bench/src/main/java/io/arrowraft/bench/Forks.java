package io.arrowraft.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Processes of the benchmarks, each a fresh JVM. */
final class Forks {
  /** System property with more options for the processes that are measured. */
  private static final String OPTIONS = "bench.jvm";

  private static final List<String> JVM_OPTIONS =
      List.of(
          "-XX:+UseParallelGC",
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.util=ALL-UNNAMED");

  private Forks() {}

  /** Where this module's jar is. */
  static Path here() {
    try {
      return Path.of(Forks.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .getParent();
    } catch (URISyntaxException broken) {
      throw new IllegalStateException("the benchmarks do not find their own jar", broken);
    }
  }

  /** The class path of the benchmarks in this module. */
  static String classPath() {
    return here() + "/*:" + here().resolve("lib/*");
  }

  /** A process that starts others, to which it hands the options of {@link #OPTIONS} on. */
  static ProcessBuilder launcher(Class<?> mainClass, String... arguments) {
    return command(
        "2g",
        List.of("-D" + OPTIONS + "=" + System.getProperty(OPTIONS, "")),
        classPath(),
        mainClass.getName(),
        arguments);
  }

  /**
   * A process that is to be started.
   *
   * @param heap such as {@code 1g}
   */
  static ProcessBuilder jvm(String heap, String classPath, String mainClass, String... arguments) {
    return command(
        heap,
        Arrays.asList(System.getProperty(OPTIONS, "").split(" ", -1)),
        classPath,
        mainClass,
        arguments);
  }

  private static ProcessBuilder command(
      String heap, List<String> options, String classPath, String mainClass, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xms" + heap);
    command.add("-Xmx" + heap);
    command.addAll(JVM_OPTIONS);
    command.addAll(options);
    command.removeIf(String::isEmpty);
    command.addAll(List.of("-cp", classPath, mainClass));
    command.addAll(Arrays.asList(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  /** Removes a directory with all that is in it. */
  static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException stays) {
                  throw new UncheckedIOException(stays);
                }
              });
    }
  }
}
