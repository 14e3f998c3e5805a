package io.arrowraft.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The figures of all stores, side by side. */
final class Table {
  private static final String OURS = "arrowraft";

  private Table() {}

  /**
   * @param figures by store; a store without figures was not measured
   */
  static List<String> lines(Map<String, List<Figures>> figures) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%-10s %-4s %7s %10s %9s %9s %8s %10s %8s"
            .formatted(
                "store",
                "op",
                "clients",
                "ops/s",
                "p50 us",
                "p99 us",
                "cpu us",
                "syncs/op",
                "ours:it"));
    figures.forEach(
        (store, rows) -> {
          if (rows.isEmpty()) {
            lines.add("%-10s not measured".formatted(store));
          }
          rows.forEach(row -> lines.add(line(store, row, figures)));
        });
    return lines;
  }

  private static String line(String store, Figures row, Map<String, List<Figures>> figures) {
    return String.format(
        Locale.ROOT,
        "%-10s %-4s %7d %10.0f %9d %9d %8.1f %10s %8s",
        store,
        row.operation(),
        row.clients(),
        row.perSecond(),
        row.p50Micros(),
        row.p99Micros(),
        row.cpuMicros(),
        row.syncs() < 0 ? "-" : String.format(Locale.ROOT, "%.3f", row.syncs()),
        store.equals(OURS) ? "" : ratio(row, figures.getOrDefault(OURS, List.of())));
  }

  private static String ratio(Figures row, List<Figures> ours) {
    Optional<Figures> same =
        ours.stream()
            .filter(
                our -> our.operation().equals(row.operation()) && our.clients() == row.clients())
            .findFirst();
    return same.map(our -> String.format(Locale.ROOT, "%.2fx", our.perSecond() / row.perSecond()))
        .orElse("-");
  }
}
