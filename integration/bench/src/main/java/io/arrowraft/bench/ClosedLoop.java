package io.arrowraft.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/**
 * Threads that each do one operation after the other: how many they end in a time, and how long
 * each took.
 */
final class ClosedLoop {
  private static final long LATENCY_MICROS_MAX = 60_000_000;
  private static final long LOOK_MILLIS = 1_000;
  private static final int LOOKS_MAX = 40;

  private ClosedLoop() {}

  /** What a client does each time; returns when it is done. */
  interface Operation {
    void run(SplittableRandom random);
  }

  /** What all clients of a run share. */
  private static final class Shared {
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
    private volatile boolean measuring;
    private volatile boolean ended;
  }

  /**
   * Runs a load and measures its middle.
   *
   * @param name of the operation, in the figures
   * @param warmUpMillis before the measurement, at the least: it goes on until the JVM has compiled
   * @param syncs syncs of logs so far; negative if that cannot be known
   */
  static Figures run(
      String name,
      int clients,
      long warmUpMillis,
      long millis,
      LongSupplier syncs,
      Operation operation)
      throws InterruptedException {
    Shared shared = new Shared();
    List<Histogram> histograms = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int client = 0; client < clients; client++) {
      Histogram histogram = new Histogram(LATENCY_MICROS_MAX, 3);
      SplittableRandom random = new SplittableRandom(client);
      histograms.add(histogram);
      Thread thread = new Thread(() -> work(operation, random, histogram, shared));
      thread.setName("client-" + client);
      thread.start();
      threads.add(thread);
    }
    warmUp(warmUpMillis, shared);
    long syncsBefore = syncs.getAsLong();
    long cpu = processCpuNanos();
    long start = System.nanoTime();
    shared.measuring = true;
    Thread.sleep(millis);
    shared.measuring = false;
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuMicros = (processCpuNanos() - cpu) / 1e3;
    long syncsDone = syncs.getAsLong() - syncsBefore;
    shared.ended = true;
    for (Thread thread : threads) {
      thread.join();
    }
    if (shared.failure.get() != null) {
      throw shared.failure.get();
    }
    Histogram all = new Histogram(LATENCY_MICROS_MAX, 3);
    histograms.forEach(all::add);
    long count = Math.max(1, all.getTotalCount());
    return new Figures(
        name,
        clients,
        all.getTotalCount() / seconds,
        all.getValueAtPercentile(50),
        all.getValueAtPercentile(99),
        cpuMicros / count,
        syncsBefore < 0 ? -1 : (double) syncsDone / count);
  }

  /**
   * Waits for as long as was asked, and then, within a bound, until the compiler has little left to
   * do: on few processors it takes a good part of them for half a minute.
   */
  private static void warmUp(long millis, Shared shared) throws InterruptedException {
    Thread.sleep(millis);
    if (millis < LOOK_MILLIS) {
      return;
    }
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    for (int look = 0; look < LOOKS_MAX && !shared.ended; look++) {
      long before = compiler.getTotalCompilationTime();
      Thread.sleep(LOOK_MILLIS);
      if (compiler.getTotalCompilationTime() - before < LOOK_MILLIS / 5) {
        return;
      }
    }
  }

  private static void work(
      Operation operation, SplittableRandom random, Histogram histogram, Shared shared) {
    try {
      while (!shared.ended) {
        long start = System.nanoTime();
        operation.run(random);
        long micros = (System.nanoTime() - start) / 1_000;
        if (shared.measuring) {
          histogram.recordValue(Math.min(micros, LATENCY_MICROS_MAX));
        }
      }
    } catch (RuntimeException failure) {
      shared.failure.compareAndSet(null, failure);
      shared.ended = true;
    }
  }

  private static long processCpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}
