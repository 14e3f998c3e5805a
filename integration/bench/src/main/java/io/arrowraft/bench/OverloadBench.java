package io.arrowraft.bench;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.embedded.EmbeddedCluster;
import io.arrowraft.embedded.EmbeddedOptions;
import io.arrowraft.runtime.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What a cluster of three stores does when it is offered more puts than it can take: measures its
 * capacity, then offers multiples of it whether or not earlier puts have been answered, and prints
 * what came of them. Refusals are counted as they come over the wire; nothing is tried again, but
 * what a refusal says of routes is followed by later puts.
 */
public final class OverloadBench {
  private static final int REGIONS = 6;

  /** So many that none of them limits the cluster: with fewer, each waits for its own answer. */
  private static final int CAPACITY_CLIENTS = 2_048;

  /** Enough for what stores let wait, so that they refuse and not the sender's own transport. */
  private static final int CONNECTIONS = 8;

  private static final double[] MULTIPLES = {0.5, 1, 1.5, 2, 3};

  /** Of the goodput at its peak, at twice the capacity. */
  private static final double GOODPUT_AIM = 0.8;

  private OverloadBench() {}

  /**
   * @param args seconds of each phase (default 8), deadline of each put in milliseconds (default
   *     2000), connections to each store (default 8), capacity in puts a second (default: what is
   *     measured)
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Duration phase = Duration.ofSeconds(args.length > 0 ? Long.parseLong(args[0]) : 8);
    Duration deadline = Duration.ofMillis(args.length > 1 ? Long.parseLong(args[1]) : 2_000);
    int connections = args.length > 2 ? Integer.parseInt(args[2]) : CONNECTIONS;
    Path directory = Files.createTempDirectory("arrowraft-overload");
    try (EmbeddedCluster cluster = EmbeddedCluster.start(EmbeddedOptions.defaults(directory));
        PutRequests puts = new PutRequests(cluster.pdAddress(), deadline, connections)) {
      split(cluster.pdAddress());
      puts.route(REGIONS);
      OptionalDouble known =
          args.length > 3 ? OptionalDouble.of(Double.parseDouble(args[3])) : OptionalDouble.empty();
      run(puts, phase, known);
    }
    // Directories of a measurement are small, and of use when it went wrong.
    System.out.println("data in " + directory);
    System.exit(0);
  }

  private static void split(String pdAddress) {
    try (ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(pdAddress))) {
      List<Bytes> borders = new ArrayList<>();
      for (int region = 1; region < REGIONS; region++) {
        long border = Long.divideUnsigned(-1L, REGIONS) * region;
        borders.add(Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(border).array()));
      }
      client.await(client.split(KeySpace.RAW, borders));
    }
  }

  /**
   * @param known the capacity, where it is not to be measured; two runs compare then
   */
  static void run(PutRequests puts, Duration phase, OptionalDouble known)
      throws InterruptedException {
    OpenLoop loop = new OpenLoop(puts);
    loop.closed(CAPACITY_CLIENTS, phase); // warms up
    OverloadFigures capacity = loop.closed(CAPACITY_CLIENTS, phase);
    System.out.println(OverloadFigures.HEADING);
    System.out.println(capacity.line("capacity"));
    System.out.print(capacity.reasonLines());
    double unit = known.orElse(capacity.goodput());
    double peak = capacity.goodput();
    double atTwice = 0;
    for (double multiple : MULTIPLES) {
      OverloadFigures figures = loop.open(unit * multiple, phase);
      System.out.println(figures.line(multiple + "x"));
      System.out.print(figures.reasonLines());
      peak = Math.max(peak, figures.goodput());
      if (multiple == 2) {
        atTwice = figures.goodput();
      }
      // What the phase has left behind is not the next one's.
      loop.drain();
    }
    System.out.printf(
        "goodput at 2x: %.0f %% of the peak (aim: %.0f %%)%n",
        100 * atTwice / peak, 100 * GOODPUT_AIM);
  }
}
