package io.arrowraft.spark;

import io.arrowraft.spark.read.ScanMetric;
import java.util.Arrays;
import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.metric.CustomTaskMetric;

/**
 * Scan metrics as Spark wants them. Spark makes one by its class name where it shows the metric, so
 * each has a class with a constructor without arguments.
 */
final class ScanMetrics {
  private ScanMetrics() {}

  static CustomMetric of(ScanMetric metric) {
    return switch (metric) {
      case ROWS_SCANNED -> new RowsScanned();
      case ROWS_SENT -> new RowsSent();
      case BYTES_SENT -> new BytesSent();
      case BATCHES -> new Batches();
      case REGIONS -> new Regions();
      case RETRIES -> new Retries();
      case WAIT_MILLIS -> new WaitMillis();
      case READ_TIMESTAMP -> new ReadTimestamp();
    };
  }

  static CustomTaskMetric driverValue(ScanMetric metric, long value) {
    return new DriverValue(metric.key(), value);
  }

  private record DriverValue(String name, long value) implements CustomTaskMetric {}

  /** A metric whose total is the sum over tasks. */
  abstract static class Sum implements CustomMetric {
    private final ScanMetric metric;

    Sum(ScanMetric metric) {
      this.metric = metric;
    }

    @Override
    public String name() {
      return metric.key();
    }

    @Override
    public String description() {
      return metric.description();
    }

    @Override
    public String aggregateTaskMetrics(long[] values) {
      return Long.toString(Arrays.stream(values).sum());
    }
  }

  public static final class RowsScanned extends Sum {
    public RowsScanned() {
      super(ScanMetric.ROWS_SCANNED);
    }
  }

  public static final class RowsSent extends Sum {
    public RowsSent() {
      super(ScanMetric.ROWS_SENT);
    }
  }

  public static final class BytesSent extends Sum {
    public BytesSent() {
      super(ScanMetric.BYTES_SENT);
    }
  }

  public static final class Batches extends Sum {
    public Batches() {
      super(ScanMetric.BATCHES);
    }
  }

  public static final class Regions extends Sum {
    public Regions() {
      super(ScanMetric.REGIONS);
    }
  }

  public static final class Retries extends Sum {
    public Retries() {
      super(ScanMetric.RETRIES);
    }
  }

  public static final class WaitMillis extends Sum {
    public WaitMillis() {
      super(ScanMetric.WAIT_MILLIS);
    }
  }

  /** One value, from the driver. */
  public static final class ReadTimestamp extends Sum {
    public ReadTimestamp() {
      super(ScanMetric.READ_TIMESTAMP);
    }
  }
}
