package io.arrowraft.bench;

import io.arrowraft.bench.tpcc.Sizes;
import io.arrowraft.bench.tpcc.Terminals;
import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.options.CommitModes;
import io.arrowraft.embedded.EmbeddedCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A mix of as many new orders as payments, against three stores in this process, and the checks of
 * consistency afterwards. Options: {@code --warehouses=4 --customers=300 --items=10000 --clients=16
 * --warmup=10 --seconds=20}.
 */
public final class TpccBench {
  private TpccBench() {}

  /** Prints the rate of both kinds, and ends with status 1 if the data is not consistent. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Map<String, Integer> options = parse(args);
    Sizes sizes =
        new Sizes(options.get("warehouses"), options.get("customers"), options.get("items"));
    Path directory = Files.createTempDirectory("arrowraft-tpcc");
    List<String> violations;
    try (EmbeddedCluster cluster = ArrowraftTarget.cluster(directory, 1);
        ArrowraftClient client =
            ArrowraftClient.connect(
                ClientOptions.of(cluster.pdAddress()).withCommits(CommitModes.early()))) {
      System.out.println("loading " + sizes);
      Terminals terminals = Terminals.open(client, sizes);
      Figures mixed =
          ClosedLoop.run(
              "mix",
              options.get("clients"),
              options.get("warmup") * 1_000L,
              options.get("seconds") * 1_000L,
              cluster::logSyncs,
              random -> {
                if (random.nextBoolean()) {
                  terminals.newOrder(random);
                } else {
                  terminals.payment(random);
                }
              });
      violations = terminals.violations();
      System.out.printf(
          Locale.ROOT,
          "%d clients: %.0f transactions/s, p50 %d us, p99 %d us, %.0f us of processor time each;"
              + " %d orders rolled back as they should be; %s%n",
          mixed.clients(),
          mixed.perSecond(),
          mixed.p50Micros(),
          mixed.p99Micros(),
          mixed.cpuMicros(),
          terminals.rolledBack(),
          violations.isEmpty() ? "consistent" : "NOT CONSISTENT: " + violations);
    } finally {
      Forks.delete(directory);
    }
    System.exit(violations.isEmpty() ? 0 : 1);
  }

  private static Map<String, Integer> parse(String[] args) {
    Map<String, Integer> options =
        new TreeMap<>(
            Map.of(
                "warehouses",
                4,
                "customers",
                300,
                "items",
                10_000,
                "clients",
                16,
                "warmup",
                10,
                "seconds",
                20));
    for (String arg : args) {
      int equals = arg.indexOf('=');
      if (!arg.startsWith("--")
          || equals < 0
          || options.put(arg.substring(2, equals), Integer.parseInt(arg.substring(equals + 1)))
              == null) {
        throw new IllegalArgumentException("unknown option " + arg + "; there are " + options);
      }
    }
    return options;
  }
}
