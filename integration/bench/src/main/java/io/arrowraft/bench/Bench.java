package io.arrowraft.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Measures the stores one after the other, each in a process of its own, and prints a table. */
public final class Bench {
  private static final List<String> JVM_OPTIONS =
      List.of(
          "-Xms1g",
          "-Xmx1g",
          "-XX:+UseParallelGC",
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.util=ALL-UNNAMED");

  private Bench() {}

  /** See {@link Settings#USAGE}. */
  public static void main(String[] args)
      throws IOException, InterruptedException, URISyntaxException {
    Settings settings = Settings.parse(Arrays.asList(args));
    Path here =
        Path.of(Bench.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .getParent();
    Map<String, List<Figures>> figures = new LinkedHashMap<>();
    for (String target : settings.targets()) {
      System.out.println("measuring " + target);
      figures.put(target, measure(target, here, settings));
    }
    System.out.println();
    Table.lines(figures).forEach(System.out::println);
  }

  private static List<Figures> measure(String target, Path here, Settings settings)
      throws IOException, InterruptedException {
    Path rheakv = here.resolve("../../bench-rheakv/target").normalize();
    return switch (target) {
      case "arrowraft" ->
          fork(ArrowraftTarget.class.getName(), here + "/*:" + here.resolve("lib/*"), settings);
      case "tikv-client" ->
          fork(
              OfficialClientTarget.class.getName(), here + "/*:" + here.resolve("lib/*"), settings);
      case "rocksdb" ->
          fork(RocksTarget.class.getName(), here + "/*:" + here.resolve("lib/*"), settings);
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
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_OPTIONS);
    command.addAll(Arrays.asList(System.getProperty("bench.jvm", "").split(" ", -1)));
    command.removeIf(String::isEmpty);
    command.addAll(
        List.of("-cp", classPath, Measurement.class.getName(), factory, directory.toString()));
    command.addAll(settings.options());
    List<Figures> figures = new ArrayList<>();
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .directory(directory.toFile())
              .start();
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (Figures.isEncoded(line)) {
            figures.add(Figures.decode(line));
          }
          System.out.println("  " + line);
        }
      }
      int exit = process.waitFor();
      if (exit != 0) {
        System.out.println("  ended with status " + exit);
      }
    } finally {
      delete(directory);
    }
    return figures;
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException stays) {
                  throw new UncheckedIOException(stays);
                }
              });
    }
  }
}
