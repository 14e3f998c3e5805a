package io.arrowraft.server.ingest;

import io.arrowraft.proto.importsst.SSTMeta;
import io.arrowraft.runtime.TimeSource;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** What imports bring to a store. Safe for use by any thread. */
final class ImportMeters {
  private final TimeSource time;
  private final Counter stagedFiles;
  private final Counter stagedBytes;
  private final Counter ingestedFiles;
  private final Counter ingestedBytes;
  private final Counter refused;
  private final Timer streams;
  private final Timer ingests;
  private final AtomicLong waitingBytes = new AtomicLong();

  ImportMeters(MeterRegistry meters, TimeSource time, IngestConfig config) {
    this.time = time;
    stagedFiles = counter(meters, "staged_files", "Files that were made of streams");
    stagedBytes = counter(meters, "staged_bytes", "Keys and values in these files");
    ingestedFiles = counter(meters, "ingested_files", "Files taken in by regions led here");
    ingestedBytes = counter(meters, "ingested_bytes", "Keys and values in these files");
    refused = counter(meters, "refused", "Streams and ingests that ended with a refusal");
    streams =
        Timer.builder("arrowraft_import_stream_seconds")
            .description("A stream, from its beginning until its files are durable")
            .register(meters);
    ingests =
        Timer.builder("arrowraft_import_ingest_seconds")
            .description("Ingesting, from the request until the files are data here")
            .register(meters);
    Gauge.builder("arrowraft_import_waiting_bytes", waitingBytes, AtomicLong::get)
        .description("Files that wait to be ingested, as of the last look")
        .register(meters);
    Gauge.builder("arrowraft_import_waiting_max_bytes", config, IngestConfig::stagedBytesMax)
        .description("At more than that new streams are refused")
        .register(meters);
  }

  private static Counter counter(MeterRegistry meters, String what, String description) {
    return Counter.builder("arrowraft_import_" + what + "_total")
        .description(description)
        .register(meters);
  }

  long nanos() {
    return time.nanos();
  }

  void staged(long sinceNanos, List<SSTMeta> files) {
    streams.record(time.nanos() - sinceNanos, TimeUnit.NANOSECONDS);
    stagedFiles.increment(files.size());
    stagedBytes.increment(bytes(files));
  }

  void ingested(long sinceNanos, List<SSTMeta> files) {
    ingests.record(time.nanos() - sinceNanos, TimeUnit.NANOSECONDS);
    ingestedFiles.increment(files.size());
    ingestedBytes.increment(bytes(files));
  }

  private static long bytes(List<SSTMeta> files) {
    return files.stream().mapToLong(SSTMeta::getTotalBytes).sum();
  }

  void refused() {
    refused.increment();
  }

  /** So many bytes wait now. */
  void waiting(long bytes) {
    waitingBytes.set(bytes);
  }
}
