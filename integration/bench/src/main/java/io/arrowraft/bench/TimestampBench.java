package io.arrowraft.bench;

import io.arrowraft.pd.PdConfig;
import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.PdClientConfig;
import io.arrowraft.pd.client.RpcPdClient;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.pd.main.PdProcess;
import io.arrowraft.rpc.grpc.GrpcRpcClient;
import io.arrowraft.rpc.grpc.GrpcTransportOptions;
import io.arrowraft.rpc.http.Telemetry;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.threads.SystemRandom;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.runtime.threads.ThreadLoopFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * Timestamps that one leader delivers to concurrent callers through the client: each caller asks
 * again as soon as it has been answered, and checks that its timestamp is greater than any that was
 * delivered before. Options: {@code --callers=20000 --seconds=10 --warm-up=5 [--pd=host:port]};
 * without an address a placement driver is started in this process.
 */
public final class TimestampBench {
  /** The clock is read once for so many timestamps. */
  private static final int GAP_SAMPLE = 1000;

  private final PdClient client;
  private final Histogram micros = new Histogram(60_000_000, 3);
  private volatile boolean stopped;
  // Callbacks run on the client's one loop.
  private long last;
  private long delivered;
  private long deliveredAt;
  private long longestGap;
  private CountDownLatch ended;

  private TimestampBench(PdClient client) {
    this.client = client;
  }

  /** Runs the benchmark and prints one line. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Map<String, String> options = new TreeMap<>();
    for (String arg : args) {
      int equals = arg.indexOf('=');
      if (!arg.startsWith("--") || equals < 0) {
        throw new IllegalArgumentException("expected --name=value, not " + arg);
      }
      options.put(arg.substring(2, equals), arg.substring(equals + 1));
    }
    if (options.containsKey("pd")) {
      measure(options.get("pd"), options);
      return;
    }
    Path directory = Files.createTempDirectory("arrowraft-timestamps");
    try (PdProcess pd =
        PdProcess.start(
            directory,
            PdConfig.defaults("127.0.0.1", 0),
            TimestampBench::onFault,
            Telemetry.unexposed(new SimpleMeterRegistry()))) {
      measure(pd.address(), options);
    } finally {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static void onFault(String component, Throwable cause) {
    System.err.println("fault in " + component + ": " + cause);
    Runtime.getRuntime().halt(1);
  }

  private static void measure(String pd, Map<String, String> options) throws InterruptedException {
    int callers = Integer.parseInt(options.getOrDefault("callers", "20000"));
    int seconds = Integer.parseInt(options.getOrDefault("seconds", "10"));
    int warmUp = Integer.parseInt(options.getOrDefault("warm-up", "5"));
    try (ThreadLoopFactory loops = new ThreadLoopFactory("bench", TimestampBench::onFault);
        GrpcRpcClient rpc = new GrpcRpcClient("bench", GrpcTransportOptions.defaults())) {
      Environment environment =
          new Environment(
              SystemTime.INSTANCE,
              new SystemRandom(),
              loops,
              TimestampBench::onFault,
              new SimpleMeterRegistry());
      try (PdClient client =
          new RpcPdClient(
              PdClientConfig.defaults(pd), rpc, environment, loops.newLoop("pd-client"))) {
        new TimestampBench(client).run(callers, warmUp, 0);
        new TimestampBench(client).run(callers, seconds, warmUp);
      }
    }
  }

  private void run(int callers, int seconds, int warmUp) throws InterruptedException {
    ended = new CountDownLatch(callers);
    long from = System.nanoTime();
    for (int i = 0; i < callers; i++) {
      ask(i % 64 == 0);
    }
    TimeUnit.SECONDS.sleep(seconds);
    stopped = true;
    if (!ended.await(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException(ended.getCount() + " callers were never answered");
    }
    double rate = delivered / ((System.nanoTime() - from) / 1e9);
    if (warmUp > 0) {
      System.out.printf(
          "%,.0f timestamps/s to %,d concurrent callers over %d s; latency p50 %.1f ms, p99 %.1f ms; longest gap %.0f ms%n",
          rate,
          callers,
          seconds,
          micros.getValueAtPercentile(50) / 1e3,
          micros.getValueAtPercentile(99) / 1e3,
          longestGap / 1e6);
    }
  }

  private void ask(boolean timed) {
    long asked = timed ? System.nanoTime() : 0;
    client
        .timestamp()
        .whenComplete(
            (timestamp, failure) -> {
              if (failure != null) {
                onFault("caller", failure);
                return;
              }
              take(timestamp);
              if (timed) {
                micros.recordValue((System.nanoTime() - asked) / 1000);
              }
              if (stopped) {
                ended.countDown();
              } else {
                ask(timed);
              }
            });
  }

  private void take(Timestamp timestamp) {
    if (timestamp.value() <= last) {
      onFault("oracle", new IllegalStateException(timestamp + " after " + last));
    }
    last = timestamp.value();
    if (delivered % GAP_SAMPLE == 0) {
      long now = System.nanoTime();
      longestGap = delivered == 0 ? 0 : Math.max(longestGap, now - deliveredAt);
      deliveredAt = now;
    }
    delivered++;
  }
}
