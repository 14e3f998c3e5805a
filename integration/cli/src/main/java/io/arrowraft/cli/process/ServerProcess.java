package io.arrowraft.cli.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One child process: a sub-command of this program in a JVM of its own. */
final class ServerProcess {
  /** What a child prints, alone on a line, once it serves. */
  static final String READY = "ready";

  private final String name;
  private final List<String> jvmOptions;
  private final List<String> arguments;
  private final Path logDirectory;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private volatile Process process;

  ServerProcess(String name, List<String> jvmOptions, List<String> arguments, Path dataDirectory) {
    this.name = name;
    this.jvmOptions = List.copyOf(jvmOptions);
    this.arguments = List.copyOf(arguments);
    this.logDirectory = dataDirectory.resolve("log");
  }

  String name() {
    return name;
  }

  Path logDirectory() {
    return logDirectory;
  }

  long pid() {
    return process.pid();
  }

  /** Starts the process; {@link #ready} tells when it serves. */
  void start() throws IOException {
    Files.createDirectories(logDirectory);
    process = new ProcessBuilder(command()).redirectErrorStream(true).start();
    Thread reader = new Thread(this::readOutput, name + "-output");
    reader.setDaemon(true);
    reader.start();
  }

  /** Completes when the child serves; fails with its last words if it ends before. */
  CompletableFuture<Void> ready() {
    return ready;
  }

  boolean isAlive() {
    return process != null && process.isAlive();
  }

  int exitCode() {
    return process.exitValue();
  }

  /** Whether it ends, within {@code bound}, with this code. */
  boolean endedWith(int code, Duration bound) throws InterruptedException {
    return process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS) && process.exitValue() == code;
  }

  CompletableFuture<Process> onExit() {
    return process.onExit();
  }

  /** Asks the process to end, and ends it if it does not within {@code bound}. */
  void stop(Duration bound) throws InterruptedException {
    if (!isAlive()) {
      return;
    }
    process.destroy();
    if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly().waitFor(bound.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.add("-XX:+IgnoreUnrecognizedVMOptions");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("--add-opens=java.base/java.nio=ALL-UNNAMED");
    command.add("-Dlog4j2.configurationFile=log4j2-process.xml");
    command.add("-Darrowraft.log.dir=" + logDirectory);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add("io.arrowraft.cli.Arrowraft");
    command.addAll(arguments);
    return command;
  }

  private void readOutput() {
    String last = "it ended without a word";
    try (BufferedReader lines = process.inputReader()) {
      String line;
      while ((line = lines.readLine()) != null) {
        if (line.equals(READY)) {
          ready.complete(null);
        } else if (!line.isBlank()) {
          last = line;
        }
      }
    } catch (IOException closed) {
      last = "its output broke: " + closed.getMessage();
    }
    ready.completeExceptionally(
        new IllegalStateException(
            "%s did not start: %s (log: %s)"
                .formatted(name, last.replaceFirst("^arrowraft: ", ""), logDirectory)));
  }
}
