package io.arrowraft.bench;

import com.sun.management.OperatingSystemMXBean;
import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.error.RoutingException;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.embedded.EmbeddedCluster;
import io.arrowraft.embedded.EmbeddedOptions;
import io.arrowraft.runtime.Bytes;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What regions cost of which nothing is asked: processor time and memory of three stores in this
 * process, each with a replica of every region, beside what they cost with a single region.
 */
public final class IdleRegionsBench {
  private static final int SPLITS_AT_ONCE = 500;
  private static final int STORES = 3;

  /** For what their making left behind, compactions above all, once all regions sleep. */
  private static final int SETTLE_SECONDS = 20;

  private static final Duration SPLIT_BOUND = Duration.ofMinutes(3);
  private static final Duration SLEEP_BOUND = Duration.ofMinutes(5);

  /** Replicas that somebody has just asked, the first ones' among them. */
  private static final long AWAKE_MAX = 10;

  /**
   * @param storesShare what the threads of the stores took, without the placement driver's, the
   *     compiler's and the collector's
   */
  private record Cost(double coresShare, double storesShare, long heapBytes, long residentBytes) {}

  private IdleRegionsBench() {}

  /**
   * @param args the number of regions, 10,000 by default, and the seconds to measure, 60 by default
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    int regions = args.length > 0 ? Integer.parseInt(args[0]) : 10_000;
    int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 60;
    Path directory = Files.createTempDirectory("arrowraft-idle");
    try (EmbeddedCluster cluster = EmbeddedCluster.start(EmbeddedOptions.defaults(directory));
        ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
      client.await(client.raw().put(Bytes.wrap(new byte[] {1}), Bytes.wrap(new byte[] {1})));
      awaitSleep(cluster);
      Cost before = measure(Math.max(10, seconds / 3));
      long since = System.nanoTime();
      split(client, regions);
      System.out.printf("%d regions made in %.1f s%n", regions, (System.nanoTime() - since) / 1e9);
      awaitSleep(cluster);
      Cost after = measure(seconds);
      System.out.println("replicas awake at the end: " + cluster.awakeReplicas());
      print("1 region", before);
      print(regions + " regions", after);
      System.out.printf(
          "a store with %d idle regions: %.2f %% of a core, %.1f KiB of heap a replica%n",
          regions,
          100 * after.storesShare() / STORES,
          (after.heapBytes() - before.heapBytes()) / 1024.0 / STORES / regions);
      cluster.check();
    }
  }

  private static void split(ArrowraftClient client, int regions) {
    List<Bytes> borders = new ArrayList<>();
    for (int region = 1; region < regions; region++) {
      long border = Long.divideUnsigned(-1L, regions) * region;
      borders.add(Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(border).array()));
      if (borders.size() == SPLITS_AT_ONCE || region == regions - 1) {
        split(client, List.copyOf(borders));
        borders.clear();
      }
    }
  }

  /** So many new regions are more than a busy machine reports within one operation's time. */
  private static void split(ArrowraftClient client, List<Bytes> borders) {
    long end = System.nanoTime() + SPLIT_BOUND.toNanos();
    while (true) {
      try {
        client.await(client.split(KeySpace.RAW, borders));
        return;
      } catch (RoutingException late) {
        if (System.nanoTime() > end) {
          throw late;
        }
        System.out.println("splits again: " + late.getMessage());
      }
    }
  }

  /** On a machine with other work they are busy for longer with one another. */
  private static void awaitSleep(EmbeddedCluster cluster) throws InterruptedException {
    long since = System.nanoTime();
    Thread.sleep(SETTLE_SECONDS * 1000L);
    while (cluster.awakeReplicas() > AWAKE_MAX) {
      if (System.nanoTime() - since > SLEEP_BOUND.toNanos()) {
        throw new IllegalStateException(
            cluster.awakeReplicas() + " replicas do not sleep after " + SLEEP_BOUND);
      }
      Thread.sleep(1_000);
    }
    System.out.printf(
        "replicas awake: %d, after %.0f s%n",
        cluster.awakeReplicas(), (System.nanoTime() - since) / 1e9);
    Thread.sleep(SETTLE_SECONDS * 1000L);
  }

  private static Cost measure(int seconds) throws InterruptedException, IOException {
    OperatingSystemMXBean process =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    System.gc();
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    long cpu = process.getProcessCpuTime();
    long since = System.nanoTime();
    Map<String, Long> threads = cpuByThread();
    Thread.sleep(seconds * 1000L);
    Map<String, Long> then = cpuByThread();
    printThreads(threads, then, System.nanoTime() - since);
    double stores = (ofStores(then) - ofStores(threads)) / (double) (System.nanoTime() - since);
    double share = (process.getProcessCpuTime() - cpu) / (double) (System.nanoTime() - since);
    return new Cost(share, stores, heap, residentBytes());
  }

  private static Map<String, Long> cpuByThread() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    Map<String, Long> cpu = new TreeMap<>();
    for (long id : threads.getAllThreadIds()) {
      ThreadInfo info = threads.getThreadInfo(id);
      if (info != null) {
        cpu.merge(info.getThreadName(), threads.getThreadCpuTime(id), Long::sum);
      }
    }
    return cpu;
  }

  private static long ofStores(Map<String, Long> cpu) {
    return cpu.entrySet().stream()
        .filter(each -> each.getKey().startsWith("store-"))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private static void printThreads(
      Map<String, Long> before, Map<String, Long> after, long elapsedNanos) {
    after.forEach(
        (name, cpu) -> {
          double percent = 100.0 * (cpu - before.getOrDefault(name, 0L)) / elapsedNanos;
          if (percent >= 0.2) {
            System.out.printf("  %-40s %.1f %%%n", name, percent);
          }
        });
  }

  private static long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    return 0;
  }

  private static void print(String what, Cost cost) {
    System.out.printf(
        "%s: %.2f %% of a core for %d stores and their placement driver, heap %d MiB, resident %d"
            + " MiB%n",
        what, 100 * cost.coresShare(), STORES, cost.heapBytes() >> 20, cost.residentBytes() >> 20);
  }
}
