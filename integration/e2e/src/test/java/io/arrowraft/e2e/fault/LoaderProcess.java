package io.arrowraft.e2e.fault;

import io.arrowraft.e2e.Bounded;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A run of {@link ImportLoader} in a process of its own, which can be killed. */
final class LoaderProcess implements AutoCloseable {
  private static final Duration BOUND = Duration.ofMinutes(6);
  private static final int LINES_MAX = 30;

  private final Process process;
  private final ArrayDeque<String> lastLines = new ArrayDeque<>();
  private long rows;
  private Optional<Long> done = Optional.empty();

  private LoaderProcess(Process process) {
    this.process = process;
  }

  /**
   * @param resumed whether it goes on with what an earlier run has left
   */
  static LoaderProcess start(String pdAddress, boolean resumed) {
    try {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx512m",
                  "-XX:+UseSerialGC",
                  "-cp",
                  System.getProperty("java.class.path"),
                  ImportLoader.class.getName(),
                  pdAddress,
                  Boolean.toString(resumed))
              .redirectErrorStream(true)
              .start();
      LoaderProcess loader = new LoaderProcess(process);
      Thread reader = new Thread(loader::read, "loader-output");
      reader.setDaemon(true);
      reader.start();
      return loader;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private void read() {
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        take(line);
      }
    } catch (IOException closed) {
      take("output broke: " + closed.getMessage());
    }
  }

  private synchronized void take(String line) {
    if (line.startsWith(ImportLoader.PROGRESS)) {
      rows = Long.parseLong(line.substring(ImportLoader.PROGRESS.length()));
    } else if (line.startsWith(ImportLoader.DONE)) {
      done = Optional.of(Long.parseLong(line.substring(ImportLoader.DONE.length())));
    } else {
      lastLines.addLast(line);
      if (lastLines.size() > LINES_MAX) {
        lastLines.removeFirst();
      }
    }
  }

  synchronized long rows() {
    return rows;
  }

  /** Waits until so many rows are in, and more are to come. */
  void awaitRows(long wanted) {
    Bounded.awaitNo(
        wanted + " imported rows",
        BOUND,
        () -> {
          if (!process.isAlive()) {
            throw new IllegalStateException("the loader ended too soon: " + this);
          }
          return rows() >= wanted ? Optional.empty() : Optional.of(toString());
        });
  }

  /** Waits until it has ended by itself; how many rows it says to have brought. */
  long awaitDone() {
    try {
      if (!process.waitFor(BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("the loader does not end: " + this);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
    Bounded.awaitNo(
        "the end of the loader's output",
        Duration.ofSeconds(10),
        () -> isDone() ? Optional.empty() : Optional.of(toString()));
    return rows();
  }

  private synchronized boolean isDone() {
    done.ifPresent(count -> rows = count);
    return done.isPresent();
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("a killed process is still there: " + process.pid());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  @Override
  public synchronized String toString() {
    return rows + " rows; it said " + String.join(" | ", lastLines);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
