package io.arrowraft.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.e2e.load.FaultLoad;
import io.arrowraft.e2e.load.StoreInspector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each store in turn is killed with SIGKILL while this process writes and keeps the history. */
class KillTest {
  private static final int STORES = 3;
  private static final int ROUNDS = 7;
  private static final FaultLoad.Shape SHAPE = new FaultLoad.Shape("kill", 2, 2, 2);

  private static final Duration GAP_BOUND = Duration.ofSeconds(15);
  private static final Duration RECOVERY_BOUND = Duration.ofSeconds(60);

  @TempDir private Path data;

  @Test
  void noAcknowledgedWriteIsLostWhileEachStoreIsKilledInTurn() throws Exception {
    int[] ports = LocalCluster.freePorts(STORES + 1);
    try (LocalCluster cluster =
            LocalCluster.start(data, STORES, ports[0], ports[1], "--split-size=1");
        ArrowraftClient client = ArrowraftClient.connect(ClientOptions.of(cluster.pdAddress()));
        StoreInspector stores = new StoreInspector(client)) {
      Bounded.awaitNo(
          "a replica on each store", RECOVERY_BOUND, () -> stores.regionWithoutReplicas(STORES));
      FaultLoad.split(client, SHAPE.name());
      FaultLoad load = new FaultLoad(SHAPE, List.of(client));
      load.start();
      try {
        for (int round = 0; round < ROUNDS; round++) {
          for (int store = 1; store <= STORES; store++) {
            killAndAwaitRecovery(cluster, stores, load, store, addresses(ports));
          }
        }
      } finally {
        load.stop();
      }
      System.out.printf(
          "%d kills, %d regions; %s%n", ROUNDS * STORES, stores.regions().size(), load.describe());

      assertThat(load.judge()).isEmpty();
      assertThat(load.longestGaps())
          .allSatisfy((worker, gap) -> assertThat(gap).isLessThan(GAP_BOUND));
      Bounded.awaitNo(
          "three replicas of each region",
          RECOVERY_BOUND,
          () -> stores.regionWithoutReplicas(STORES));
      Bounded.awaitNo("equal replicas", RECOVERY_BOUND, stores::differingReplicas);
    }
  }

  private static List<String> addresses(int[] ports) {
    return Stream.iterate(1, i -> i <= STORES, i -> i + 1)
        .map(i -> "127.0.0.1:" + ports[i])
        .toList();
  }

  private static void killAndAwaitRecovery(
      LocalCluster cluster,
      StoreInspector stores,
      FaultLoad load,
      int store,
      List<String> addresses) {
    String name = "store-" + store;
    Map<String, Integer> before = load.acknowledged();
    long pid = cluster.pid(name);
    cluster.kill(name);
    cluster.awaitRestart(name, pid, RECOVERY_BOUND);
    Map<Long, Long> goal = stores.newestApplied(addresses);
    Bounded.awaitNo(
        "catching up after a kill of " + name,
        RECOVERY_BOUND,
        () -> stores.lagOf(addresses.get(store - 1), goal));
    Bounded.awaitNo(
        "writes after a kill of " + name, RECOVERY_BOUND, () -> load.stuckSince(before));
  }
}
