package io.arrowraft.bench;

import java.util.Locale;

/**
 * What one load has shown.
 *
 * @param operation put or get
 * @param clients threads that waited for an operation each
 * @param perSecond operations a second
 * @param p50Micros median latency
 * @param p99Micros latency of the slowest hundredth
 * @param cpuMicros processor time of the whole process for one operation, clients included
 * @param syncs log syncs of all replicas for one operation; negative if not known
 */
record Figures(
    String operation,
    int clients,
    double perSecond,
    long p50Micros,
    long p99Micros,
    double cpuMicros,
    double syncs) {
  private static final String MARK = "FIGURES";

  /** One line, for the process that prints the table. */
  String encode() {
    return String.format(
        Locale.ROOT,
        "%s %s %d %f %d %d %f %f",
        MARK,
        operation,
        clients,
        perSecond,
        p50Micros,
        p99Micros,
        cpuMicros,
        syncs);
  }

  static boolean isEncoded(String line) {
    return line.startsWith(MARK + " ");
  }

  static Figures decode(String line) {
    String[] parts = line.split(" ", -1);
    return new Figures(
        parts[1],
        Integer.parseInt(parts[2]),
        Double.parseDouble(parts[3]),
        Long.parseLong(parts[4]),
        Long.parseLong(parts[5]),
        Double.parseDouble(parts[6]),
        Double.parseDouble(parts[7]));
  }
}
