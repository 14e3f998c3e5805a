package io.arrowraft.e2e.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.e2e.Bounded;
import io.arrowraft.e2e.LocalCluster;
import io.arrowraft.e2e.load.CallerLoad;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.proto.metapb.Peer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster that grows by two stores and loses one again, under load, by the commands of the
 * launcher.
 */
@Tag("long")
class ScaleLongTest {
  private static final int STORES = 3;
  private static final int CALLERS = 16;
  private static final int REGIONS = 24;
  private static final Duration BOUND = Duration.ofMinutes(3);

  /**
   * No region is moved twice in ten minutes, so the second of two stores that are added together is
   * given at first only regions that the first was not: a quarter of them, where the fullest store
   * then holds three quarters.
   */
  private static final int SHARE_MIN = 4;

  @TempDir private Path data;

  @Test
  void storesAreAddedAndDrainedAndNobodyNotices() throws Exception {
    int[] ports = LocalCluster.freePorts(STORES + 4);
    try (LocalCluster cluster =
            LocalCluster.start(
                data, STORES, ports[0], ports[1], "--labels=zone=a", "--labels=zone=b");
        ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()))) {
      CallerLoad.split(client, "scale", CALLERS, REGIONS);
      CallerLoad load = new CallerLoad("scale", List.of(client), CALLERS);
      try (load) {
        load.start();
        command("add", "--data=" + data, "--labels=zone=c");
        command("add", "--data=" + data, "--labels=zone=d");
        Bounded.awaitNo("replicas on all five stores", BOUND, () -> emptiest(client));
        System.out.println("replicas by store: " + replicas(client));
        long drained =
            client.await(client.placement().stores()).stream()
                .mapToLong(store -> store.id())
                .min()
                .orElseThrow();
        String said =
            command(
                "drain", Long.toString(drained), "--data=" + data, "--pd=" + cluster.pdAddress());
        assertThat(said).contains("is a tombstone");
        assertThat(replicas(client)).doesNotContainKey(drained);
      }
      System.out.println("scaling: " + load.latencies().describe());
      assertThat(load.failures()).isEmpty();
    }
  }

  private static Optional<String> emptiest(ArrowraftClient client) {
    Map<Long, Integer> replicas = replicas(client);
    int least = replicas.values().stream().mapToInt(Integer::intValue).min().orElse(0);
    int most = replicas.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    return replicas.size() == STORES + 2 && SHARE_MIN * least >= most
        ? Optional.empty()
        : Optional.of("replicas by store: " + replicas);
  }

  private static Map<Long, Integer> replicas(ArrowraftClient client) {
    Map<Long, Integer> replicas = new TreeMap<>();
    for (RegionInfo region :
        client.await(
            client
                .placement()
                .scanRegions(
                    io.arrowraft.runtime.Bytes.EMPTY, io.arrowraft.runtime.Bytes.EMPTY, 10_000))) {
      for (Peer peer : region.peers()) {
        replicas.merge(peer.getStoreId(), 1, Integer::sum);
      }
    }
    return replicas;
  }

  /** Runs {@code ./arrowraft store ...} to its end. */
  private static String command(String... words) throws IOException, InterruptedException {
    String[] command = new String[words.length + 2];
    command[0] = LocalCluster.launcher().toString();
    command[1] = "store";
    System.arraycopy(words, 0, command, 2, words.length);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)).as(said).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
    System.out.println(said);
    return said;
  }
}
