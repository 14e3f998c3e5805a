package io.arrowraft.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How long and with whom to measure.
 *
 * @param clients numbers of concurrent clients, each measured
 * @param warmUpMillis before each measurement, at the least: it goes on until the JVM has compiled
 * @param millis of each measurement
 * @param regions into which the clusters divide the keys
 * @param targets which stores, by name
 */
record Settings(
    List<Integer> clients, long warmUpMillis, long millis, int regions, List<String> targets) {
  static final String USAGE =
      "options: --clients=64,256 --warmup=5 --seconds=5 --regions=3"
          + " --targets=arrowraft,tikv-client,rheakv,rocksdb";

  Settings {
    clients = List.copyOf(clients);
    targets = List.copyOf(targets);
  }

  static Settings defaults() {
    return new Settings(
        List.of(64, 256),
        8_000,
        8_000,
        3,
        List.of("arrowraft", "tikv-client", "rheakv", "rocksdb"));
  }

  /**
   * Reads options of the form {@code --name=value}.
   *
   * @throws IllegalArgumentException naming the option that is not understood
   */
  static Settings parse(List<String> options) {
    Settings settings = defaults();
    for (String option : options) {
      int equals = option.indexOf('=');
      String value = option.substring(equals + 1);
      settings =
          switch (equals < 0 ? option : option.substring(0, equals)) {
            case "--clients" -> settings.withClients(integers(value));
            case "--warmup" -> settings.withTimes(seconds(value), settings.millis);
            case "--seconds" -> settings.withTimes(settings.warmUpMillis, seconds(value));
            case "--regions" -> settings.withRegions(Integer.parseInt(value));
            case "--targets" -> settings.withTargets(Arrays.asList(value.split(",", -1)));
            default ->
                throw new IllegalArgumentException("unknown option " + option + "; " + USAGE);
          };
    }
    return settings;
  }

  /** What {@link #parse} reads back. */
  List<String> options() {
    return List.of(
        "--clients=" + String.join(",", clients.stream().map(String::valueOf).toList()),
        "--warmup=" + warmUpMillis / 1e3,
        "--seconds=" + millis / 1e3,
        "--regions=" + regions,
        "--targets=" + String.join(",", targets));
  }

  private static List<Integer> integers(String list) {
    List<Integer> result = new ArrayList<>();
    for (String number : list.split(",", -1)) {
      result.add(Integer.parseInt(number));
    }
    return result;
  }

  private static long seconds(String value) {
    return Math.round(Double.parseDouble(value) * 1_000);
  }

  private Settings withClients(List<Integer> other) {
    return new Settings(other, warmUpMillis, millis, regions, targets);
  }

  private Settings withTimes(long warmUp, long measured) {
    return new Settings(clients, warmUp, measured, regions, targets);
  }

  private Settings withRegions(int other) {
    return new Settings(clients, warmUpMillis, millis, other, targets);
  }

  /** For benchmarks of one store. */
  Settings withoutTargets() {
    return withTargets(List.of());
  }

  Settings withTargets(List<String> other) {
    return new Settings(clients, warmUpMillis, millis, regions, other);
  }
}
