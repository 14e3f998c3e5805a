package io.arrowraft.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A cluster of processes: one placement driver, and stores that can be killed. */
final class Nodes implements AutoCloseable {
  private static final String HEAP = "384m";
  private static final Duration START_BOUND = Duration.ofMinutes(2);

  private final Path directory;
  private final Map<String, Process> processes = new LinkedHashMap<>();
  private final String placementDriver;

  private Nodes(Path directory) throws IOException {
    this.directory = directory;
    placementDriver = start(directory.resolve("pd").toString());
  }

  static Nodes start(Path directory, int stores) throws IOException {
    Nodes nodes = new Nodes(directory);
    for (int store = 1; store <= stores; store++) {
      nodes.start(directory.resolve("store-" + store).toString(), nodes.placementDriver);
    }
    return nodes;
  }

  String placementDriver() {
    return placementDriver;
  }

  Path directory() {
    return directory;
  }

  private String start(String... arguments) throws IOException {
    Process process =
        Forks.jvm(HEAP, Forks.classPath(), NodeMain.class.getName(), arguments).start();
    CompletableFuture<Void> guard = Forks.killAfter(START_BOUND, process);
    // Left open, since the node may have more to say.
    BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith(NodeMain.SERVES)) {
        guard.complete(null);
        String address = line.substring(NodeMain.SERVES.length());
        processes.put(address, process);
        return address;
      }
    }
    guard.complete(null);
    process.destroyForcibly();
    throw new IllegalStateException("a node did not start in " + arguments[0]);
  }

  /** Ends the node at {@code address} by SIGKILL. */
  void kill(String address) {
    Process process = processes.remove(address);
    if (process == null) {
      throw new IllegalArgumentException("no node at " + address + ", only " + processes.keySet());
    }
    process.destroyForcibly();
  }

  @Override
  public void close() {
    processes.values().forEach(Process::destroyForcibly);
    for (Process process : processes.values()) {
      try {
        process.waitFor(10, TimeUnit.SECONDS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
