package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.server.region.RegionView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Writes, splits, crashes, cuts and moves of leaders in an order that the seed fixes; at the end
 * every acknowledged write is found, and the replicas of every region are equal.
 */
class RegionChaosTest {
  private static final int KEYS = 200;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void acknowledgedWritesAreFoundAfterChaos(long seed) {
    Random random = new Random(seed);
    TestCluster cluster =
        TestCluster.started(
            seed,
            RegionConfig.defaults()
                .withSplitBytes(3000)
                .withLog(Duration.ofSeconds(1), 5, 30, Duration.ofSeconds(5)));
    Map<String, Integer> acknowledged = new TreeMap<>();
    List<CompletableFuture<?>> open = new ArrayList<>();
    for (int step = 0; step < 400; step++) {
      switch (random.nextInt(12)) {
        case 0 -> cluster.restart(any(cluster, random));
        case 1 -> {
          cluster.heal();
          cluster.isolate(any(cluster, random));
        }
        case 2 -> cluster.heal();
        case 3 -> cluster.world.run(Duration.ofMillis(random.nextInt(2000)));
        default -> write(cluster, random, step, acknowledged, open);
      }
      cluster.world.run(Duration.ofMillis(random.nextInt(40)));
    }
    cluster.heal();
    cluster.world.run(Duration.ofSeconds(10));

    for (Map.Entry<String, Integer> each : acknowledged.entrySet()) {
      long region = cluster.regionOf(each.getKey());
      Optional<String> found = cluster.get(cluster.leaderOf(region), region, each.getKey());
      assertThat(found).as(each.getKey()).isPresent();
      // A later write whose outcome nobody heard of may have come through.
      assertThat(Integer.parseInt(found.get())).isGreaterThanOrEqualTo(each.getValue());
    }
    for (RegionView view : cluster.nodes.get(1L).regions().regions()) {
      cluster.replicasAgree(view.region().getId());
    }
    assertThat(acknowledged.size()).isGreaterThan(20);
  }

  private static TestCluster.Node any(TestCluster cluster, Random random) {
    return cluster.nodes.get(1L + random.nextInt(3));
  }

  /** One write through whoever believes to lead; each key is written by one write at a time. */
  private static void write(
      TestCluster cluster,
      Random random,
      int step,
      Map<String, Integer> acknowledged,
      List<CompletableFuture<?>> open) {
    String key = String.format("k%03d", random.nextInt(KEYS));
    for (TestCluster.Node node : cluster.nodes.values()) {
      for (RegionView view : node.regions().regions()) {
        if (view.isLeader()
            && io.arrowraft.server.state.KeyRanges.contains(
                view.region(), io.arrowraft.server.apply.RegionFixture.bytes(key))) {
          CompletableFuture<Void> done =
              cluster
                  .put(node, view.region().getId(), key, String.format("%0100d", step))
                  .toCompletableFuture();
          open.add(done);
          done.thenRun(() -> acknowledged.merge(key, step, Math::max));
          return;
        }
      }
    }
  }
}
