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

  private final ClusterLayout layout;
  private final PrintWriter out;
  private final List<ServerProcess> running = new ArrayList<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private PdMembership pds;
  private boolean stopping;

  /**
   * @param out where news for the user go
   */
  public ClusterSupervisor(ClusterLayout layout, PrintWriter out) {
    this.layout = layout;
    this.out = out;
  }

  /**
   * Returns once the whole cluster serves.
   *
   * @throws IllegalStateException with the words of the process that could not start
   */
  public void start() throws IOException, InterruptedException {
    pds = PdMembership.open(layout);
    say(
        "starting %s and %d stores in %s",
        pds.members() == 1 ? "a placement driver" : pds.members() + " placement drivers",
        layout.stores(),
        layout.data());
    startPlacementDrivers();
    for (int store = 1; store <= layout.stores(); store++) {
      int number = store;
      run(() -> newStore(number));
    }
    say("ready: pd %s", pdAddresses());
    say("status: http://%s/metrics and so on", layout.statusAddress(1));
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
            "--address=" + layout.storeAddress(store),
            "--status-address=" + layout.statusAddress(store),
            "--pd=" + pdAddresses(),
            "--data=" + layout.storeData(store),
            "--split-size=" + layout.splitSizeMib(),
            "--stop-with-parent"),
        layout.storeData(store));
  }

  private void run(Supplier<ServerProcess> factory) throws IOException, InterruptedException {
    ServerProcess process = launch(factory);
    if (process != null) {
      watch(process, factory);
    }
  }

  /** Waits until a process serves, and sees that it is started again when it ends. */
  private void watch(ServerProcess process, Supplier<ServerProcess> factory)
      throws InterruptedException {
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
    process.onExit().thenAccept(ended -> onExit(process, factory));
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

  private void onExit(ServerProcess ended, Supplier<ServerProcess> factory) {
    synchronized (this) {
      if (stopping) {
        return;
      }
    }
    say("%s ended with code %d; starting it again", ended.name(), ended.exitCode());
    Thread restarter = new Thread(() -> restart(factory), ended.name() + "-restart");
    restarter.setDaemon(true);
    restarter.start();
  }

  private void restart(Supplier<ServerProcess> factory) {
    try {
      if (stopped.await(RESTART_PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
      run(factory);
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
