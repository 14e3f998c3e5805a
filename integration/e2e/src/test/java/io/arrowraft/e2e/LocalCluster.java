package io.arrowraft.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A cluster of processes started by {@code ./arrowraft up}. */
public final class LocalCluster implements AutoCloseable {
  private static final Duration START_BOUND = Duration.ofSeconds(120);
  private static final Duration STOP_BOUND = Duration.ofSeconds(60);
  private static final Pattern PID = Pattern.compile("(pd|store-\\d+): pid (\\d+)");

  private final int pdPort;
  private final Process process;
  private final List<String> output = new ArrayList<>();
  private final Map<String, Long> pids = new TreeMap<>();

  private LocalCluster(int pdPort, Process process) {
    this.pdPort = pdPort;
    this.process = process;
  }

  /** Starts a cluster on free ports and waits until it serves. */
  static LocalCluster start(Path data, int stores, String... moreOptions) throws IOException {
    int[] ports = freePorts(stores + 1);
    return start(data, stores, ports[0], ports[1], moreOptions);
  }

  /** As above, on given ports: for a restart. */
  public static LocalCluster start(
      Path data, int stores, int pdPort, int storePort, String... moreOptions) throws IOException {
    LocalCluster cluster = launch(data, stores, pdPort, storePort, moreOptions);
    cluster.await(
        START_BOUND,
        () -> cluster.hasPrinted("ready: pd 127.0.0.1:" + pdPort) || !cluster.process.isAlive());
    if (!cluster.process.isAlive()) {
      throw new IllegalStateException("the cluster did not start: " + cluster.output());
    }
    return cluster;
  }

  /** Starts it without waiting for anything. */
  static LocalCluster launch(
      Path data, int stores, int pdPort, int storePort, String... moreOptions) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                launcher().toString(),
                "up",
                "--stores=" + stores,
                "--pd-port=" + pdPort,
                "--store-port=" + storePort,
                "--data=" + data));
    command.addAll(List.of(moreOptions));
    LocalCluster cluster =
        new LocalCluster(pdPort, new ProcessBuilder(command).redirectErrorStream(true).start());
    Thread reader = new Thread(cluster::readOutput, "cluster-output");
    reader.setDaemon(true);
    reader.start();
    return cluster;
  }

  public static Path launcher() {
    return Path.of(System.getProperty("arrowraft.home")).resolve("arrowraft");
  }

  /**
   * Ports next to each other that are free just now; the first stands alone for the placement
   * driver.
   */
  public static int[] freePorts(int count) throws IOException {
    for (int attempt = 0; attempt < 200; attempt++) {
      int base;
      try (ServerSocket probe = new ServerSocket(0)) {
        base = probe.getLocalPort();
      }
      if (areFree(base, count)) {
        int[] ports = new int[count];
        for (int i = 0; i < count; i++) {
          ports[i] = base + i;
        }
        return ports;
      }
    }
    throw new IllegalStateException("no " + count + " free ports in a row");
  }

  private static boolean areFree(int base, int count) {
    for (int port = base; port < base + count; port++) {
      try (ServerSocket probe = new ServerSocket(port)) {
        if (probe.getLocalPort() != port) {
          return false;
        }
      } catch (IOException taken) {
        return false;
      }
    }
    return true;
  }

  public String pdAddress() {
    return "127.0.0.1:" + pdPort;
  }

  /** Process id of {@code pd} or {@code store-N}, as last announced. */
  synchronized long pid(String name) {
    return Optional.ofNullable(pids.get(name))
        .orElseThrow(() -> new IllegalStateException(name + " was never announced: " + output));
  }

  /** Ends a process with SIGKILL. */
  void kill(String name) {
    ProcessHandle.of(pid(name)).ifPresent(ProcessHandle::destroyForcibly);
  }

  /**
   * Waits until the supervisor has announced a process for {@code name} other than {@code oldPid}.
   */
  void awaitRestart(String name, long oldPid, Duration bound) {
    await(bound, () -> pid(name) != oldPid);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  int exitCode() {
    return process.exitValue();
  }

  synchronized String output() {
    return String.join("\n", output);
  }

  /** Waits for a condition, looking again ten times a second. */
  void await(Duration bound, Supplier<Boolean> condition) {
    long end = System.nanoTime() + bound.toNanos();
    while (!condition.get()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "not so within " + bound + "; the cluster said:\n" + output());
      }
      try {
        if (process.waitFor(100, TimeUnit.MILLISECONDS) && !condition.get()) {
          // One more look after the process has ended: its last words may still be under way.
          TimeUnit.MILLISECONDS.sleep(100);
        }
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(interrupted);
      }
    }
  }

  /** Stops the cluster as Ctrl-C does and waits for its end. */
  void stop() {
    // By its handle, since the process itself would close the output before its last words.
    process.toHandle().destroy();
    try {
      if (!process.waitFor(STOP_BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("did not stop within " + STOP_BOUND + ":\n" + output());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean hasPrinted(String prefix) {
    return output.stream().anyMatch(line -> line.startsWith(prefix));
  }

  private void readOutput() {
    try (BufferedReader lines = process.inputReader()) {
      String line;
      while ((line = lines.readLine()) != null) {
        onLine(line);
      }
    } catch (IOException closed) {
      onLine("output broke: " + closed.getMessage());
    }
  }

  private synchronized void onLine(String line) {
    output.add(line);
    Matcher pid = PID.matcher(line);
    if (pid.matches()) {
      pids.put(pid.group(1), Long.parseLong(pid.group(2)));
    }
  }
}
