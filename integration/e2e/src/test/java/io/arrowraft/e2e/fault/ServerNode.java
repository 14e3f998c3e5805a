package io.arrowraft.e2e.fault;

import io.arrowraft.e2e.Bounded;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** One server process, started by the launcher, which can be killed, paused and started again. */
final class ServerNode {
  private static final Duration START_BOUND = Duration.ofSeconds(90);
  private static final Duration END_BOUND = Duration.ofSeconds(60);

  private final String name;
  private final String address;
  private final String statusAddress;
  private final List<String> command;
  private final String jvmOptions;
  private final Path log;
  private final List<String> output = new ArrayList<>();
  private Process process;
  private boolean ready;

  /**
   * A process that is not started yet.
   *
   * @param addresses where it serves
   * @param command the whole command
   * @param jvmOptions of its JVM
   * @param log directory of its log
   */
  ServerNode(String name, Addresses addresses, List<String> command, String jvmOptions, Path log) {
    this.name = name;
    this.address = addresses.rpc();
    this.statusAddress = addresses.status();
    this.command = List.copyOf(command);
    this.jvmOptions = jvmOptions;
    this.log = log;
  }

  /** {@code host:port} of its RPCs and of its metrics. */
  record Addresses(String rpc, String status) {}

  String name() {
    return name;
  }

  /** {@code host:port} of its RPCs. */
  String address() {
    return address;
  }

  /** {@code host:port} of its metrics. */
  String statusAddress() {
    return statusAddress;
  }

  Path log() {
    return log;
  }

  /** Starts it; {@link #awaitReady} waits until it serves. */
  synchronized ServerNode start() {
    if (process != null && process.isAlive()) {
      throw new IllegalStateException(name + " runs already");
    }
    ready = false;
    output.clear();
    try {
      Files.createDirectories(log);
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder
          .environment()
          .put(
              "ARROWRAFT_JAVA_OPTIONS",
              jvmOptions
                  + " -XX:+UseSerialGC -Dlog4j2.configurationFile=log4j2-process.xml"
                  + " -Darrowraft.log.dir="
                  + log);
      process = builder.start();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    Process started = process;
    Thread reader = new Thread(() -> read(started), name + "-output");
    reader.setDaemon(true);
    reader.start();
    return this;
  }

  ServerNode awaitReady() {
    Bounded.awaitNo(
        name + " serves",
        START_BOUND,
        () -> {
          if (isReady()) {
            return Optional.empty();
          }
          if (!isAlive()) {
            throw new IllegalStateException(
                "%s did not start: %s (log: %s)".formatted(name, said(), log));
          }
          return Optional.of("it said: " + said());
        });
    return this;
  }

  private synchronized boolean isReady() {
    return ready;
  }

  synchronized boolean isAlive() {
    return process != null && process.isAlive();
  }

  synchronized String said() {
    return String.join("\n", output);
  }

  synchronized long pid() {
    return process.pid();
  }

  /** SIGKILL; waits until the process is gone. */
  void kill() {
    current().destroyForcibly();
    awaitEnd();
  }

  /** SIGTERM; waits until the process has ended by itself. */
  int terminate() {
    current().toHandle().destroy();
    return awaitEnd();
  }

  /** SIGSTOP: the process stands still and knows nothing of it. */
  void pause() {
    signal("STOP");
  }

  /** SIGCONT. */
  void resume() {
    signal("CONT");
  }

  /** Waits until the process is gone; its exit code. */
  int awaitEnd() {
    Process ending = current();
    try {
      if (!ending.waitFor(END_BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException(name + " does not end; its log is in " + log);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
    return ending.exitValue();
  }

  private synchronized Process current() {
    return process;
  }

  private void signal(String which) {
    Machine.run("sh", "-c", "kill -" + which + " " + pid());
  }

  private void read(Process started) {
    try (BufferedReader lines = started.inputReader()) {
      String line;
      while ((line = lines.readLine()) != null) {
        onLine(started, line);
      }
    } catch (IOException closed) {
      onLine(started, "output broke: " + closed.getMessage());
    }
  }

  private synchronized void onLine(Process from, String line) {
    if (from == process) {
      ready |= line.equals("ready");
      output.add(line);
    }
  }
}
