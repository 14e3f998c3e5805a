package io.arrowraft.spark.read;

import io.arrowraft.coprocessor.read.ReadStatistics;
import java.util.OptionalLong;

/** What a finished scan tells about itself, in Spark's UI and in {@code metrics} of its node. */
public enum ScanMetric {
  ROWS_SCANNED("rowsScanned", "rows scanned by stores"),
  ROWS_SENT("rowsSent", "rows sent by stores"),
  BYTES_SENT("bytesSent", "bytes sent by stores"),
  BATCHES("batches", "batches sent by stores"),
  REGIONS("regions", "regions read"),
  RETRIES("retries", "repeated region reads"),
  WAIT_MILLIS("waitMillis", "time waited for stores (ms)"),
  /** Known to the driver alone. */
  READ_TIMESTAMP("readTimestamp", "read timestamp");

  private final String key;
  private final String description;

  ScanMetric(String key, String description) {
    this.key = key;
    this.description = description;
  }

  public String key() {
    return key;
  }

  public String description() {
    return description;
  }

  OptionalLong valueOf(ReadStatistics statistics) {
    return switch (this) {
      case ROWS_SCANNED -> OptionalLong.of(statistics.rowsScanned());
      case ROWS_SENT -> OptionalLong.of(statistics.rowsReturned());
      case BYTES_SENT -> OptionalLong.of(statistics.bytesReturned());
      case BATCHES -> OptionalLong.of(statistics.batches());
      case REGIONS -> OptionalLong.of(statistics.regions());
      case RETRIES -> OptionalLong.of(statistics.retries());
      case WAIT_MILLIS -> OptionalLong.of(statistics.waited().toMillis());
      case READ_TIMESTAMP -> OptionalLong.empty();
    };
  }
}
