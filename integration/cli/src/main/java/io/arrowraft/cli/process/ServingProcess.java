package io.arrowraft.cli.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of a server process after its node has started: says so, waits for a reason to stop,
 * stops.
 */
public final class ServingProcess {
  private static final Logger LOG = LoggerFactory.getLogger(ServingProcess.class);

  private ServingProcess() {}

  /**
   * Ends this process at once: a node that met a fault may not run one instruction more than it
   * must.
   */
  public static void onFault(String component, Throwable cause) {
    LOG.atError().addKeyValue("component", component).setCause(cause).log("fatal fault, stopping");
    FatalExit exit = FatalExit.of(component, cause);
    System.err.println("arrowraft: " + exit.text());
    org.apache.logging.log4j.LogManager.shutdown();
    Runtime.getRuntime().halt(exit.code());
  }

  /** Changes what this process logs: {@code debug}, {@code info} and so on. */
  public static void setLogLevel(String level) {
    Configurator.setRootLevel(Level.toLevel(level, Level.INFO));
  }

  /**
   * Serves until a signal comes, or, where asked for, until standard input ends.
   *
   * @param node closed before this process ends
   * @param end completed when the node has nothing left to do: it is closed, and the process ends
   *     with that code and text
   */
  static int serve(
      AutoCloseable node, PrintWriter out, boolean stopWithParent, CompletableFuture<FatalExit> end)
      throws InterruptedException {
    CountDownLatch stop = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> closeAndHalt(node, end), "stop"));
    end.thenRun(stop::countDown);
    if (stopWithParent) {
      Thread watcher = new Thread(() -> awaitEndOfInput(stop), "parent-watch");
      watcher.setDaemon(true);
      watcher.start();
    }
    out.println(ServerProcess.READY);
    out.flush();
    stop.await();
    return 0;
  }

  private static void closeAndHalt(AutoCloseable node, CompletableFuture<FatalExit> end) {
    FatalExit asked = end.getNow(new FatalExit(0, ""));
    int code = asked.code();
    if (!asked.text().isEmpty()) {
      System.err.println("arrowraft: " + asked.text());
    }
    try {
      node.close();
      LOG.info("stopped");
    } catch (Exception failure) {
      LOG.error("did not stop cleanly", failure);
      code = code == 0 ? 1 : code;
    }
    org.apache.logging.log4j.LogManager.shutdown();
    Runtime.getRuntime().halt(code);
  }

  private static void awaitEndOfInput(CountDownLatch stop) {
    try (InputStream input = System.in) {
      while (input.read() >= 0) {
        // Whatever a parent writes means that it is there.
        continue;
      }
    } catch (IOException broken) {
      LOG.atInfo().addKeyValue("cause", broken.toString()).log("standard input broke, stopping");
    }
    stop.countDown();
  }
}
