package io.arrowraft.bench;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.pd.client.StoreInfo;
import io.arrowraft.runtime.Bytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Kills the process of the store that leads a region while clients write to all regions, and tells
 * when writes are as quick again as before.
 */
public final class FailoverBench {
  static final String USAGE =
      "options: --clients=16 --warmup=10 (seconds before the kill) --seconds=12 (after it)";

  private static final int REGIONS = 3;
  private static final long NANOS = 1_000_000_000L;
  private static final long WINDOW_NANOS = NANOS / 4;

  /** Of the time before the kill, this much counts as normal. */
  private static final long NORMAL_NANOS = 4 * NANOS;

  /** Slower than twice the p99 of before, and than this, is not normal. */
  private static final long SLOW_MILLIS_MIN = 20;

  /** One finished write; times from the kill on. */
  record Write(long startNanos, long endNanos) {
    long nanos() {
      return endNanos - startNanos;
    }
  }

  /**
   * What a kill did.
   *
   * @param p99BeforeMillis of writes that ended in the seconds before it
   * @param longestMillis the longest write that ended after it
   * @param normalAfterMillis from then on the p99 of writes that end in a quarter of a second is at
   *     most twice that of before; empty if that was not seen
   */
  record Findings(double p99BeforeMillis, double longestMillis, Optional<Long> normalAfterMillis) {
    static Findings of(List<Write> writes) {
      long before =
          p99(
              writes.stream()
                  .filter(write -> write.endNanos() < 0 && write.endNanos() > -NORMAL_NANOS)
                  .toList());
      long slow = Math.max(2 * before, SLOW_MILLIS_MIN * 1_000_000);
      long last = writes.stream().mapToLong(Write::endNanos).max().orElse(0);
      long normalFrom = 0;
      for (long from = 0; from + WINDOW_NANOS <= last; from += WINDOW_NANOS) {
        long start = from;
        List<Write> window =
            writes.stream()
                .filter(
                    write -> write.endNanos() >= start && write.endNanos() < start + WINDOW_NANOS)
                .toList();
        if (window.isEmpty() || p99(window) > slow) {
          normalFrom = from + WINDOW_NANOS;
        }
      }
      long longest =
          writes.stream()
              .filter(write -> write.endNanos() > 0)
              .mapToLong(Write::nanos)
              .max()
              .orElse(0);
      return new Findings(
          before / 1e6,
          longest / 1e6,
          normalFrom + WINDOW_NANOS > last
              ? Optional.empty()
              : Optional.of(normalFrom / 1_000_000));
    }

    private static long p99(List<Write> writes) {
      List<Long> sorted = writes.stream().map(Write::nanos).sorted().toList();
      return sorted.isEmpty() ? 0 : sorted.get((int) Math.ceil(sorted.size() * 0.99) - 1);
    }
  }

  private FailoverBench() {}

  /** See {@link #USAGE}. */
  public static void main(String[] args) throws Exception {
    int clients = 16;
    long warmUpMillis = 10_000;
    long millis = 12_000;
    for (String arg : args) {
      String value = arg.substring(arg.indexOf('=') + 1);
      switch (arg.substring(0, Math.max(0, arg.indexOf('=')))) {
        case "--clients" -> clients = Integer.parseInt(value);
        case "--warmup" -> warmUpMillis = Math.round(Double.parseDouble(value) * 1_000);
        case "--seconds" -> millis = Math.round(Double.parseDouble(value) * 1_000);
        default -> throw new IllegalArgumentException("unknown option " + arg + "; " + USAGE);
      }
    }
    Path directory = Files.createTempDirectory("arrowraft-failover");
    try (Nodes nodes = Nodes.start(directory, 3);
        ArrowraftClient client =
            ArrowraftClient.connect(ClientOptions.of(nodes.placementDriver()))) {
      client.await(client.split(KeySpace.RAW, ArrowraftTarget.borders(REGIONS)));
      Findings findings = Findings.of(run(nodes, client, clients, warmUpMillis, millis));
      System.out.println(
          String.format(
              Locale.ROOT,
              "killed a store under writes of %d clients: p99 before %.1f ms, longest write %.0f"
                  + " ms, p99 normal again after %s",
              clients,
              findings.p99BeforeMillis(),
              findings.longestMillis(),
              findings.normalAfterMillis().map(each -> each + " ms").orElse("(not seen)")));
    } finally {
      Forks.delete(directory);
    }
  }

  private static List<Write> run(
      Nodes nodes, ArrowraftClient client, int clients, long warmUpMillis, long millis)
      throws InterruptedException {
    long begin = System.nanoTime();
    long end = begin + (warmUpMillis + millis) * 1_000_000;
    List<List<long[]>> written = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int number = 0; number < clients; number++) {
      List<long[]> mine = new ArrayList<>();
      SplittableRandom random = new SplittableRandom(number);
      Thread thread = new Thread(() -> write(client, random, end, mine), "client-" + number);
      written.add(mine);
      threads.add(thread);
      thread.start();
    }
    Thread.sleep(warmUpMillis);
    String victim = leaderOf(client, ArrowraftTarget.borders(REGIONS).get(0));
    long killed = System.nanoTime();
    nodes.kill(victim);
    for (Thread thread : threads) {
      thread.join();
    }
    List<Write> writes = new ArrayList<>();
    for (List<long[]> mine : written) {
      mine.forEach(times -> writes.add(new Write(times[0] - killed, times[1] - killed)));
    }
    writes.sort(Comparator.comparingLong(Write::endNanos));
    return writes;
  }

  private static void write(
      ArrowraftClient client, SplittableRandom random, long end, List<long[]> written) {
    while (System.nanoTime() < end) {
      long number = random.nextLong(1_000_000);
      long start = System.nanoTime();
      client.await(client.raw().put(Bytes.wrap(Keys.key(number)), Bytes.wrap(Keys.value(number))));
      written.add(new long[] {start, System.nanoTime()});
    }
  }

  private static String leaderOf(ArrowraftClient client, Bytes key) {
    RegionInfo region = client.await(client.placement().region(key)).orElseThrow();
    long store = region.leader().orElseThrow().getStoreId();
    return client.await(client.placement().store(store)).map(StoreInfo::address).orElseThrow();
  }
}
