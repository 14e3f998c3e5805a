package io.arrowraft.cli.quickstart;

import java.time.Duration;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * One query as it ran.
 *
 * @param rows the answer, in order
 * @param scans the reads that it was made of
 * @param took from the first word of SQL to the last row
 */
record QueryRun(List<Row> rows, List<ScanReport> scans, Duration took) {
  /**
   * One read of one table.
   *
   * @param description what EXPLAIN says of it: columns, pushed filters and aggregates
   * @param readTimestamp of the snapshot
   * @param regions read
   * @param rowsScanned by the stores
   * @param rowsSent by the stores to Spark
   */
  record ScanReport(
      String description, long readTimestamp, long regions, long rowsScanned, long rowsSent) {}

  /** The one timestamp that all scans read. */
  long readTimestamp() {
    List<Long> timestamps = scans.stream().map(ScanReport::readTimestamp).distinct().toList();
    if (timestamps.size() != 1) {
      throw new IllegalStateException(
          "the scans of one query read at different timestamps: " + timestamps);
    }
    return timestamps.get(0);
  }

  long rowsScanned() {
    return scans.stream().mapToLong(ScanReport::rowsScanned).sum();
  }

  long rowsSent() {
    return scans.stream().mapToLong(ScanReport::rowsSent).sum();
  }

  long regions() {
    return scans.stream().mapToLong(ScanReport::regions).sum();
  }
}
