package io.arrowraft.cli.process;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Starts the processes of a local cluster, keeps them running and stops them. */
public final class ClusterSupervisor implements AutoCloseable {
  private static final Duration START_BOUND = Duration.ofSeconds(60);
  private static final Duration STOP_BOUND = Duration.ofSeconds(15);
  private static final Duration RESTART_PAUSE = Duration.ofSeconds(1);

  /** Six processes within 4 GiB: heap, direct memory and what RocksDB keeps outside of both. */
  private static final List<String> PD_JVM =
      List.of("-Xms64m", "-Xmx256m", "-XX:MaxDirectMemorySize=64m", "-XX:+UseSerialGC");

  private static final List<String> STORE_JVM =
      List.of("-Xms128m", "-Xmx512m", "-XX:MaxDirectMemorySize=256m", "-XX:+UseSerialGC");

  /** The first placement driver's name here; those of the others begin with it. */
  private static final String PD = "pd";

  /** Starts a process, waits until it serves and watches it. */
  private interface Start {
    void run() throws IOException, InterruptedException;
  }

  private final ClusterLayout layout;
  private final PrintWriter out;
  private final List<ServerProcess> running = new ArrayList<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final List<String> labels;
  private final LogFormat logFormat;
  private PdMembership pds;
  private StoreRoster roster;
  private ControlSocket control;
  private boolean stopping;

  /**
   * @param labels of the stores, which take turns with them; empty: none
   * @param out where news for the user go
   */
  public ClusterSupervisor(
      ClusterLayout layout, List<String> labels, LogFormat logFormat, PrintWriter out) {
    this.layout = layout;
    this.labels = List.copyOf(labels);
    this.logFormat = logFormat;
    this.out = out;
  }

  /**
   * Returns once the whole cluster serves.
   *
   * @throws IllegalStateException with the words of the process that could not start
   */
  public void start() throws IOException, InterruptedException {
    pds = PdMembership.open(layout);
    roster = StoreRoster.open(layout.data());
    List<Integer> stores = roster.numbers(layout.stores());
    say(
        "starting %s and %d stores in %s",
        pds.members() == 1 ? "a placement driver" : pds.members() + " placement drivers",
        stores.size(),
        layout.data());
    startPlacementDrivers();
    for (int number : stores) {
      runStore(number);
    }
    openControl();
    say("ready: pd %s", pdAddresses());
    say("status: http://%s/metrics and so on", layout.statusAddress(stores.get(0)));
  }

  /** Stores can be added to a cluster without it too, by starting them by hand. */
  private void openControl() {
    try {
      control = ControlSocket.open(layout.data(), this::obey);
    } catch (IOException | UnsupportedOperationException refused) {
      say("no store can be added through this process: %s", refused.getMessage());
    }
  }

  private String obey(String line) {
    String[] words = line.strip().split(" ", 2);
    String argument = words.length > 1 ? words[1].strip() : "";
    try {
      return switch (words[0]) {
        case "add-store" -> addStore(argument);
        case "forget-store" -> forgetStore(argument);
        default -> throw new IllegalArgumentException("'" + words[0] + "' is no order");
      };
    } catch (IOException failure) {
      throw new IllegalStateException(failure.getMessage(), failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", interrupted);
    }
  }

  /** One at a time, since there is one thread of control. */
  private String addStore(String itsLabels) throws IOException, InterruptedException {
    int number = roster.next(layout.stores());
    roster.add(number, itsLabels);
    runStore(number);
    return "store-%d serves at %s".formatted(number, layout.storeAddress(number));
  }

  /** A store that was drained: it stops and does not come back. */
  private String forgetStore(String address) throws IOException, InterruptedException {
    // Among all that there ever were: it may have noticed by itself, and be gone already.
    for (int number = 1; number < roster.next(layout.stores()); number++) {
      if (layout.storeAddress(number).equals(address)) {
        roster.remove(number);
        ServerProcess process = forget("store-" + number);
        if (process != null) {
          process.stop(STOP_BOUND);
        }
        return "store-%d is stopped; %s can be removed".formatted(number, layout.storeData(number));
      }
    }
    throw new IllegalArgumentException("no store of this cluster is at " + address);
  }

  private synchronized ServerProcess forget(String name) {
    for (ServerProcess process : running) {
      if (process.name().equals(name)) {
        running.remove(process);
        return process;
      }
    }
    return null;
  }

  /** Waits until {@link #close}; the exit code of the whole. */
  public int awaitEnd() throws InterruptedException {
    stopped.await();
    return 0;
  }

  /** Stops every process, the placement drivers last. Idempotent; callable from a shutdown hook. */
  @Override
  public void close() {
    List<ServerProcess> victims;
    synchronized (this) {
      if (stopping) {
        return;
      }
      stopping = true;
      victims = new ArrayList<>(running);
    }
    if (control != null) {
      control.close();
    }
    java.util.Collections.reverse(victims);
    try {
      for (ServerProcess victim : victims) {
        victim.stop(STOP_BOUND);
      }
      say("stopped");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      stopped.countDown();
    }
  }

  /** Those that begin together need one another before they serve, and a newcomer all of them. */
  private void startPlacementDrivers() throws IOException, InterruptedException {
    List<ServerProcess> together = new ArrayList<>();
    for (int member = 1; member <= pds.began(); member++) {
      int number = member;
      ServerProcess process = launch(() -> newPd(number));
      if (process != null) {
        together.add(process);
      }
    }
    for (int i = 0; i < together.size(); i++) {
      int number = i + 1;
      watch(together.get(i), () -> newPd(number));
    }
    for (int member = pds.began() + 1; member <= pds.members(); member++) {
      int number = member;
      run(() -> newPd(number));
    }
  }

  private ServerProcess newPd(int member) {
    List<String> arguments = new ArrayList<>();
    arguments.add("pd");
    arguments.add("--name=" + layout.pdName(member));
    arguments.add("--port=" + layout.pdPort(member));
    arguments.add("--data=" + layout.pdData(member));
    if (member > pds.began()) {
      arguments.add("--join=" + pdAddresses(pds.began()));
    } else if (pds.began() > 1) {
      arguments.add("--initial-cluster=" + initialCluster());
    }
    arguments.add("--log-format=" + logFormat);
    arguments.add("--stop-with-parent");
    return new ServerProcess(
        member == 1 ? PD : layout.pdName(member), PD_JVM, arguments, layout.pdData(member));
  }

  private String initialCluster() {
    return IntStream.rangeClosed(1, pds.began())
        .mapToObj(member -> layout.pdName(member) + "=" + layout.pdAddress(member))
        .collect(Collectors.joining(","));
  }

  private String pdAddresses() {
    return pdAddresses(pds.members());
  }

  private String pdAddresses(int members) {
    return IntStream.rangeClosed(1, members)
        .mapToObj(layout::pdAddress)
        .collect(Collectors.joining(","));
  }

  private ServerProcess newStore(int store) {
    return new ServerProcess(
        "store-" + store,
        STORE_JVM,
        List.of(
            "store",
            "run",
            "--labels=" + labels(store),
            "--log-format=" + logFormat,
            "--address=" + layout.storeAddress(store),
            "--status-address=" + layout.statusAddress(store),
            "--pd=" + pdAddresses(),
            "--data=" + layout.storeData(store),
            "--split-size=" + layout.splitSizeMib(),
            "--stop-with-parent"),
        layout.storeData(store));
  }

  private String labels(int store) {
    return roster.labels(store, labels.isEmpty() ? "" : labels.get((store - 1) % labels.size()));
  }

  private void run(Supplier<ServerProcess> factory) throws IOException, InterruptedException {
    ServerProcess process = launch(factory);
    if (process != null) {
      watch(process, factory);
    }
  }

  private void runStore(int number) throws IOException, InterruptedException {
    ServerProcess process = launch(() -> newStore(number));
    if (process == null) {
      return;
    }
    try {
      awaitReady(process);
    } catch (IllegalStateException failed) {
      if (!process.endedWith(FatalExit.STORE_REMOVED, STOP_BOUND)) {
        throw failed;
      }
      retire(number, process);
      return;
    }
    process
        .onExit()
        .thenAccept(
            ended -> {
              if (process.exitCode() == FatalExit.STORE_REMOVED) {
                retire(number, process);
              } else {
                onExit(process, () -> runStore(number));
              }
            });
  }

  /** A store that found itself removed from the cluster: it is done, and the others go on. */
  private void retire(int number, ServerProcess process) {
    synchronized (this) {
      if (stopping || !running.remove(process)) {
        return;
      }
    }
    try {
      roster.remove(number);
    } catch (IOException failure) {
      say("store-%d is asked again at the next start: %s", number, failure.getMessage());
    }
    say(
        "%s has been removed from the cluster and is stopped; %s can be removed",
        process.name(), layout.storeData(number));
  }

  /** Waits until a process serves, and sees that it is started again when it ends. */
  private void watch(ServerProcess process, Supplier<ServerProcess> factory)
      throws InterruptedException {
    awaitReady(process);
    process.onExit().thenAccept(ended -> onExit(process, () -> run(factory)));
  }

  private void awaitReady(ServerProcess process) throws InterruptedException {
    try {
      process.ready().get(START_BOUND.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException failed) {
      throw new IllegalStateException(failed.getCause().getMessage(), failed.getCause());
    } catch (TimeoutException late) {
      throw new IllegalStateException(
          "%s does not serve after %d s; its log is in %s"
              .formatted(process.name(), START_BOUND.toSeconds(), process.logDirectory()),
          late);
    }
    say("%s: pid %d", process.name(), process.pid());
  }

  private ServerProcess launch(Supplier<ServerProcess> factory) throws IOException {
    synchronized (this) {
      if (stopping) {
        return null;
      }
      ServerProcess process = factory.get();
      process.start();
      running.removeIf(old -> old.name().equals(process.name()));
      running.add(process.name().startsWith(PD) ? 0 : running.size(), process);
      return process;
    }
  }

  private void onExit(ServerProcess ended, Start again) {
    synchronized (this) {
      if (stopping || !running.contains(ended)) {
        return;
      }
    }
    say("%s ended with code %d; starting it again", ended.name(), ended.exitCode());
    Thread restarter = new Thread(() -> restart(again), ended.name() + "-restart");
    restarter.setDaemon(true);
    restarter.start();
  }

  private void restart(Start again) {
    try {
      if (stopped.await(RESTART_PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
      again.run();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (IOException | IllegalStateException failed) {
      say("%s; stopping the cluster", failed.getMessage());
      close();
    }
  }

  private void say(String text, Object... values) {
    out.println(text.formatted(values));
    out.flush();
  }
}
