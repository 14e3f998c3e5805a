package io.arrowraft.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;

/** Threads that each do one operation after the other. */
final class Load {
  private static final long KEYS_MAX = 1_000_000;
  private static final long LATENCY_MICROS_MAX = 60_000_000;
  private static final long LOOK_MILLIS = 1_000;
  private static final int LOOKS_MAX = 40;

  private final KeyValueTarget target;
  private final AtomicLong nextKey = new AtomicLong();

  Load(KeyValueTarget target) {
    this.target = target;
  }

  /** Puts keys in turn. */
  Figures puts(int clients, long warmUpMillis, long millis) throws InterruptedException {
    return run(
        "put",
        clients,
        warmUpMillis,
        millis,
        random -> {
          long number = nextKey.getAndIncrement() % KEYS_MAX;
          target.put(Keys.key(number), Keys.value(number));
        });
  }

  /** Gets keys at random among those that have been put. */
  Figures gets(int clients, long warmUpMillis, long millis) throws InterruptedException {
    // The last puts may have been counted but not finished when their load ended.
    long present = Math.max(1, Math.min(KEYS_MAX, nextKey.get()) - 2_000);
    return run(
        "get",
        clients,
        warmUpMillis,
        millis,
        random -> {
          long number = random.nextLong(present);
          byte[] value = target.get(Keys.key(number));
          if (value == null || Keys.number(value) != number) {
            throw new IllegalStateException(
                "key " + number + " reads " + (value == null ? "nothing" : Keys.number(value)));
          }
        });
  }

  private interface Operation {
    void run(SplittableRandom random);
  }

  /** What all clients of a run share. */
  private static final class Shared {
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
    private volatile boolean measuring;
    private volatile boolean ended;
  }

  private Figures run(String name, int clients, long warmUpMillis, long millis, Operation operation)
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
    long syncs = target.syncs();
    long cpu = processCpuNanos();
    long start = System.nanoTime();
    shared.measuring = true;
    Thread.sleep(millis);
    shared.measuring = false;
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuMicros = (processCpuNanos() - cpu) / 1e3;
    long syncsDone = target.syncs() - syncs;
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
        syncs < 0 ? -1 : (double) syncsDone / count);
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
