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

/** Starts the processes of a local cluster, keeps them running and stops them. */
public final class ClusterSupervisor implements AutoCloseable {
  private static final Duration START_BOUND = Duration.ofSeconds(60);
  private static final Duration STOP_BOUND = Duration.ofSeconds(15);
  private static final Duration RESTART_PAUSE = Duration.ofSeconds(1);

  /** Four processes within 4 GiB: heap, direct memory and what RocksDB keeps outside of both. */
  private static final List<String> PD_JVM =
      List.of("-Xms64m", "-Xmx256m", "-XX:MaxDirectMemorySize=64m", "-XX:+UseSerialGC");

  private static final List<String> STORE_JVM =
      List.of("-Xms128m", "-Xmx512m", "-XX:MaxDirectMemorySize=256m", "-XX:+UseSerialGC");

  private final ClusterLayout layout;
  private final PrintWriter out;
  private final List<ServerProcess> running = new ArrayList<>();
  private final CountDownLatch stopped = new CountDownLatch(1);
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
    say("starting a placement driver and %d stores in %s", layout.stores(), layout.data());
    run(this::newPd);
    for (int store = 1; store <= layout.stores(); store++) {
      int number = store;
      run(() -> newStore(number));
    }
    say("ready: pd %s", layout.pdAddress());
    say("status: http://%s/metrics and so on", layout.statusAddress(1));
  }

  /** Waits until {@link #close}; the exit code of the whole. */
  public int awaitEnd() throws InterruptedException {
    stopped.await();
    return 0;
  }

  /** Stops every process, the placement driver last. Idempotent; callable from a shutdown hook. */
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

  private ServerProcess newPd() {
    return new ServerProcess(
        "pd",
        PD_JVM,
        List.of(
            "pd", "--port=" + layout.pdPort(), "--data=" + layout.pdData(), "--stop-with-parent"),
        layout.pdData());
  }

  private ServerProcess newStore(int store) {
    return new ServerProcess(
        "store-" + store,
        STORE_JVM,
        List.of(
            "store",
            "--address=" + layout.storeAddress(store),
            "--status-address=" + layout.statusAddress(store),
            "--pd=" + layout.pdAddress(),
            "--data=" + layout.storeData(store),
            "--split-size=" + layout.splitSizeMib(),
            "--stop-with-parent"),
        layout.storeData(store));
  }

  private void run(Supplier<ServerProcess> factory) throws IOException, InterruptedException {
    ServerProcess process = launch(factory);
    if (process == null) {
      return;
    }
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
      running.add(process.name().equals("pd") ? 0 : running.size(), process);
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
