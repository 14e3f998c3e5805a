package io.arrowraft.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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

  /**
   * Kills a process and what it has started after a while, unless the result is completed before:
   * nobody waits for ever for what it says, or for its end.
   */
  static CompletableFuture<Void> killAfter(Duration bound, Process process) {
    CompletableFuture<Void> disarmed = new CompletableFuture<>();
    disarmed
        .orTimeout(bound.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete(
            (none, late) -> {
              if (late != null) {
                System.err.println("process " + process.pid() + " is killed after " + bound);
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
              }
            });
    return disarmed;
  }

  /**
   * Takes the lines of a process and waits until it has ended.
   *
   * @return its exit code
   */
  static int lines(Process process, Duration bound, Consumer<String> each)
      throws IOException, InterruptedException {
    CompletableFuture<Void> guard = killAfter(bound, process);
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        each.accept(line);
      }
      return process.waitFor();
    } finally {
      guard.complete(null);
    }
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
