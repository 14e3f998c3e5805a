package io.arrowraft.bench;

import io.arrowraft.bench.ycsb.ArrowraftBinding;
import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.embedded.EmbeddedCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * YCSB's workloads A to F against three stores, run by YCSB's own client in a process of its own.
 * Options: {@code --records=100000 --operations=100000 --clients=64 --mode=txn|raw
 * --commit=early|2pc --workloads=abcdef}.
 */
public final class YcsbBench {
  private static final String CLIENT = "site.ycsb.Client";

  /** Of one phase. */
  private static final Duration BOUND = Duration.ofMinutes(30);

  /** What makes each of the core workloads: shares of operations, and what is asked for. */
  private static final Map<Character, Map<String, String>> WORKLOADS = workloads();

  private final Map<String, String> options;
  private final String pdAddress;

  private YcsbBench(Map<String, String> options, String pdAddress) {
    this.options = options;
    this.pdAddress = pdAddress;
  }

  /** Loads the records once and runs each workload on them. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Map<String, String> options = parse(args);
    Path directory = Files.createTempDirectory("arrowraft-ycsb");
    try (EmbeddedCluster cluster = ArrowraftTarget.cluster(directory, 1)) {
      try (ArrowraftClient client =
          ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
        client.await(client.timestamp());
      }
      new YcsbBench(options, cluster.pdAddress()).run();
    } finally {
      Forks.delete(directory);
    }
    System.exit(0);
  }

  private static Map<String, String> parse(String[] args) {
    Map<String, String> options = new TreeMap<>();
    options.put("records", "100000");
    options.put("operations", "100000");
    options.put("clients", "64");
    options.put("mode", "txn");
    options.put("commit", "early");
    options.put("workloads", "abcdef");
    for (String arg : args) {
      int equals = arg.indexOf('=');
      if (!arg.startsWith("--")
          || equals < 0
          || options.put(arg.substring(2, equals), arg.substring(equals + 1)) == null) {
        throw new IllegalArgumentException(
            "unknown option "
                + arg
                + "; options: --records=100000 --operations=100000"
                + " --clients=64 --mode=txn|raw --commit=early|2pc --workloads=abcdef");
      }
    }
    for (char workload : options.get("workloads").toCharArray()) {
      if (!WORKLOADS.containsKey(workload)) {
        throw new IllegalArgumentException(
            "no workload " + workload + "; there are " + WORKLOADS.keySet());
      }
    }
    return options;
  }

  private static Map<Character, Map<String, String>> workloads() {
    Map<Character, Map<String, String>> all = new LinkedHashMap<>();
    all.put('a', shares("zipfian", "read", 0.5, "update", 0.5));
    all.put('b', shares("zipfian", "read", 0.95, "update", 0.05));
    all.put('c', shares("zipfian", "read", 1.0, "update", 0.0));
    all.put('d', shares("latest", "read", 0.95, "insert", 0.05));
    all.put('e', shares("zipfian", "scan", 0.95, "insert", 0.05));
    all.put('f', shares("zipfian", "read", 0.5, "readmodifywrite", 0.5));
    return all;
  }

  private static Map<String, String> shares(
      String distribution, String first, double share, String second, double rest) {
    Map<String, String> properties = new LinkedHashMap<>();
    for (String operation : List.of("read", "update", "scan", "insert", "readmodifywrite")) {
      properties.put(operation + "proportion", "0");
    }
    properties.put(first + "proportion", Double.toString(share));
    properties.put(second + "proportion", Double.toString(rest));
    properties.put("requestdistribution", distribution);
    return properties;
  }

  private void run() throws IOException, InterruptedException {
    List<String> lines = new ArrayList<>();
    lines.add(line("load", phase("-load", Map.of())));
    for (char workload : options.get("workloads").toCharArray()) {
      lines.add(line(Character.toString(workload), phase("-t", WORKLOADS.get(workload))));
    }
    System.out.println();
    System.out.printf(
        Locale.ROOT,
        "%-8s %10s  %s%n",
        "workload",
        "ops/s",
        "operation: count, p50 us, p99 us, failed");
    lines.forEach(System.out::println);
  }

  /** Runs one phase and returns what YCSB reports: by section and figure. */
  private Map<String, Map<String, String>> phase(String kind, Map<String, String> workload)
      throws IOException, InterruptedException {
    Map<String, String> properties = new LinkedHashMap<>(workload);
    properties.put("workload", "site.ycsb.workloads.CoreWorkload");
    properties.put("recordcount", options.get("records"));
    properties.put("operationcount", options.get("operations"));
    properties.put("measurementtype", "hdrhistogram");
    properties.put("hdrhistogram.percentiles", "50,99");
    properties.put("arrowraft.pd", pdAddress);
    properties.put("arrowraft.mode", options.get("mode"));
    properties.put("arrowraft.commit", options.get("commit"));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                kind, "-db", ArrowraftBinding.class.getName(), "-threads", options.get("clients")));
    properties.forEach(
        (name, value) -> {
          arguments.add("-p");
          arguments.add(name + "=" + value);
        });
    Process process =
        Forks.jvm("512m", Forks.classPath(), CLIENT, arguments.toArray(String[]::new)).start();
    Map<String, Map<String, String>> report = new LinkedHashMap<>();
    int exit =
        Forks.lines(
            process,
            BOUND,
            line -> {
              String[] parts = line.split(", ", -1);
              if (line.startsWith("[") && parts.length == 3) {
                report
                    .computeIfAbsent(
                        parts[0].substring(1, parts[0].length() - 1), none -> new LinkedHashMap<>())
                    .put(parts[1], parts[2]);
              }
            });
    if (exit != 0) {
      throw new IllegalStateException("YCSB ended with status " + exit);
    }
    return report;
  }

  private static String line(String workload, Map<String, Map<String, String>> report) {
    StringBuilder line =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%-8s %10.0f ",
                workload,
                Double.parseDouble(report.get("OVERALL").get("Throughput(ops/sec)"))));
    report.forEach(
        (operation, figures) -> {
          if (figures.containsKey("50thPercentileLatency(us)") && !operation.equals("CLEANUP")) {
            line.append(
                String.format(
                    Locale.ROOT,
                    " %s: %s, %s, %s, %s",
                    operation,
                    figures.get("Operations"),
                    figures.get("50thPercentileLatency(us)"),
                    figures.get("99thPercentileLatency(us)"),
                    failures(figures)));
          }
        });
    return line.toString();
  }

  /** What did not end with OK. */
  private static long failures(Map<String, String> figures) {
    return figures.entrySet().stream()
        .filter(
            figure -> figure.getKey().startsWith("Return=") && !figure.getKey().equals("Return=OK"))
        .mapToLong(figure -> Long.parseLong(figure.getValue()))
        .sum();
  }
}
