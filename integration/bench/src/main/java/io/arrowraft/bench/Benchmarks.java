package io.arrowraft.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Runs the benchmark that is named on the command line, or all of them one after the other. Each
 * has a main method and options of its own, and runs in a fresh JVM.
 */
public final class Benchmarks {
  private static final String ALL = "all";

  /** Of one benchmark; the longest take some minutes. */
  private static final Duration BOUND = Duration.ofHours(1);

  private Benchmarks() {}

  private static Map<String, Class<?>> byName() {
    Map<String, Class<?>> benchmarks = new LinkedHashMap<>();
    benchmarks.put("raw", Bench.class);
    benchmarks.put("txn", TransactionsBench.class);
    benchmarks.put("ycsb", YcsbBench.class);
    benchmarks.put("tpcc", TpccBench.class);
    benchmarks.put("region", RegionTimesBench.class);
    benchmarks.put("failover", FailoverBench.class);
    benchmarks.put("idle", IdleRegionsBench.class);
    benchmarks.put("overload", OverloadBench.class);
    benchmarks.put("load", LoadBench.class);
    benchmarks.put("timestamps", TimestampBench.class);
    return benchmarks;
  }

  /**
   * @param args name of a benchmark and its options; nothing, or {@code all}, runs every benchmark
   *     with its defaults
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Map<String, Class<?>> benchmarks = byName();
    String name = args.length == 0 ? ALL : args[0];
    int status = 0;
    if (name.equals(ALL)) {
      for (Map.Entry<String, Class<?>> each : benchmarks.entrySet()) {
        System.out.println("== " + each.getKey());
        status |= run(each.getValue());
      }
    } else if (benchmarks.containsKey(name)) {
      status = run(benchmarks.get(name), Arrays.copyOfRange(args, 1, args.length));
    } else {
      System.err.println(
          "no benchmark " + name + "; there are " + benchmarks.keySet() + " and " + ALL);
      status = 2;
    }
    System.exit(status);
  }

  private static int run(Class<?> benchmark, String... options)
      throws IOException, InterruptedException {
    Process process = Forks.launcher(benchmark, options).inheritIO().start();
    CompletableFuture<Void> guard = Forks.killAfter(BOUND, process);
    try {
      return process.waitFor();
    } finally {
      guard.complete(null);
    }
  }
}
