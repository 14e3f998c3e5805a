package io.arrowraft.cli.store;

import com.fasterxml.jackson.databind.JsonNode;
import io.arrowraft.cli.process.ControlSocket;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Has everything moved away from a store until it can go. */
@Command(
    name = "drain",
    mixinStandardHelpOptions = true,
    description = {
      "Move every replica away from a store until it holds none and is a tombstone.",
      "Interrupted, the move goes on; the same command shows how far it is."
    })
final class StoreDrain implements Callable<Integer> {
  private static final int BAR_WIDTH = 40;
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final String TOMBSTONE = "Tombstone";

  @Parameters(paramLabel = "ID", description = "The store's id, as `store list` shows it.")
  private long id;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Directory of the `up` that runs the store, which is to stop it at the end.")
  private Path data;

  @Option(
      names = "--timeout",
      defaultValue = "3600",
      paramLabel = "SECONDS",
      description = "How long to watch (default: ${DEFAULT-VALUE}).")
  private long timeoutSeconds;

  @Mixin private PlacementApi pd;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    JsonNode store = pd.get("/store/" + id);
    String address = store.at("/store/address").asText();
    if (!state(store).equals(TOMBSTONE)) {
      pd.delete("/store/" + id);
      out.println("draining store " + id + " at " + address);
      watch(out, store.at("/status/region_count").asInt());
    }
    String end =
        data == null
            ? "its process stops by itself, then its directory can be removed"
            : ControlSocket.ask(data, "forget-store " + address);
    out.println("store " + id + " is a tombstone: " + end);
    out.flush();
    return 0;
  }

  private void watch(PrintWriter out, int atFirst) throws InterruptedException {
    // Never counted down: it only paces the looks.
    CountDownLatch pace = new CountDownLatch(1);
    long end = System.nanoTime() + Duration.ofSeconds(timeoutSeconds).toNanos();
    int total = Math.max(1, atFirst);
    int shown = -1;
    while (true) {
      JsonNode store = pd.get("/store/" + id);
      int left = store.at("/status/region_count").asInt();
      total = Math.max(total, left);
      if (left != shown) {
        out.println(
            bar(total - left, total) + " " + left + (left == 1 ? " region left" : " regions left"));
        out.flush();
        shown = left;
      }
      if (state(store).equals(TOMBSTONE)) {
        return;
      }
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "store %d still holds %d regions after %d s; it goes on being drained"
                .formatted(id, left, timeoutSeconds));
      }
      if (pace.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("nobody ends the pace");
      }
    }
  }

  private static String state(JsonNode store) {
    return store.at("/store/state_name").asText();
  }

  private static String bar(int done, int total) {
    int full = (int) ((long) BAR_WIDTH * done / total);
    return "[" + "#".repeat(full) + ".".repeat(BAR_WIDTH - full) + "]";
  }
}
