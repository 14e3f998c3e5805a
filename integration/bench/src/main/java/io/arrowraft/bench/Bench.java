package io.arrowraft.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures the stores one after the other, each in a process of its own, and prints a table. */
public final class Bench {
  private static final String HEAP = "1g";

  /** Of one store, warm-ups included. */
  private static final Duration BOUND = Duration.ofMinutes(20);

  private Bench() {}

  /** See {@link Settings#USAGE}. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Settings settings = Settings.parse(Arrays.asList(args));
    Map<String, List<Figures>> figures = new LinkedHashMap<>();
    for (String target : settings.targets()) {
      System.out.println("measuring " + target);
      figures.put(target, measure(target, settings));
    }
    System.out.println();
    Table.lines(figures).forEach(System.out::println);
  }

  private static List<Figures> measure(String target, Settings settings)
      throws IOException, InterruptedException {
    Path rheakv = Forks.here().resolve("../../bench-rheakv/target").normalize();
    return switch (target) {
      case "arrowraft" -> fork(ArrowraftTarget.class.getName(), Forks.classPath(), settings);
      case "tikv-client" -> fork(OfficialClientTarget.class.getName(), Forks.classPath(), settings);
      case "rocksdb" -> fork(RocksTarget.class.getName(), Forks.classPath(), settings);
      case "rheakv" ->
          fork(
              "io.arrowraft.bench.rheakv.RheaTarget",
              rheakv + "/*:" + rheakv.resolve("lib/*"),
              settings);
      default -> throw new IllegalArgumentException("unknown target " + target);
    };
  }

  private static List<Figures> fork(String factory, String classPath, Settings settings)
      throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("arrowraft-bench");
    List<String> arguments = new ArrayList<>(List.of(factory, directory.toString()));
    arguments.addAll(settings.options());
    List<Figures> figures = new ArrayList<>();
    try {
      Process process =
          Forks.jvm(HEAP, classPath, Measurement.class.getName(), arguments.toArray(String[]::new))
              .directory(directory.toFile())
              .start();
      int exit =
          Forks.lines(
              process,
              BOUND,
              line -> {
                if (Figures.isEncoded(line)) {
                  figures.add(Figures.decode(line));
                }
                System.out.println("  " + line);
              });
      if (exit != 0) {
        System.out.println("  ended with status " + exit);
      }
    } finally {
      Forks.delete(directory);
    }
    return figures;
  }
}
