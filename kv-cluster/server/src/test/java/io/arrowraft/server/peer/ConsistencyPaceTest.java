package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.storage.engine.EnginePressure;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Background comparisons reach every region, at a bounded cost. */
class ConsistencyPaceTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final long RATE = 64 << 10;
  private static final int VALUE_BYTES = 10 << 10;
  private static final int VALUES = 40;

  private static TestCluster started(ConsistencyPace pace) {
    return TestCluster.started(
        8, RegionConfig.defaults().withSupervision(Supervision.defaults().withConsistency(pace)));
  }

  @Test
  void everyRegionIsComparedOnceInARound() {
    Duration round = Duration.ofSeconds(40);
    TestCluster cluster = started(ConsistencyPace.within(round));
    cluster.mustPut(1, "a", "v");
    for (String key : new String[] {"b", "c", "d", "e", "f", "g", "h"}) {
      cluster.split(1, key);
    }

    cluster.world.run(round.plus(round.dividedBy(4)));

    double compared = total(cluster, "arrowraft_store_consistency_checks_total");
    assertThat(compared).isBetween(8.0, 16.0);
    for (TestCluster.Node node : cluster.nodes.values()) {
      double oldest =
          node.life
              .meters()
              .find("arrowraft_store_consistency_oldest_check_seconds")
              .gauge()
              .value();
      assertThat(oldest).isLessThan(round.plus(round.dividedBy(4)).toSeconds());
    }
  }

  @Test
  void hashingKeepsToItsRateAndHoldsNobodyUp() {
    TestCluster cluster = started(new ConsistencyPace(SECOND, RATE));
    fill(cluster);
    TestCluster.Node watched = cluster.followersOf(1).get(0);
    double checksBefore = total(cluster, "arrowraft_store_consistency_checks_total");

    double hashed = hashed(watched);
    for (int second = 0; second < 10; second++) {
      long begun = cluster.world.nanos();
      cluster.mustPut(1, "later" + second, "v");
      assertThat(cluster.world.nanos() - begun).isLessThan(SECOND.toNanos());
      cluster.world.run(SECOND.minusNanos(cluster.world.nanos() - begun));
      double now = hashed(watched);
      assertThat(now - hashed).isLessThan(RATE + 2.0 * VALUE_BYTES);
      hashed = now;
    }

    cluster.world.until(
        "a comparison of all that",
        Duration.ofMinutes(1),
        () ->
            total(cluster, "arrowraft_store_consistency_checks_total") > checksBefore
                && hashed(watched) > (double) VALUES * VALUE_BYTES);
  }

  @Test
  void hashingWaitsWhileTheStoreIsBehindWithItsOwnWork() {
    TestCluster cluster = started(new ConsistencyPace(SECOND, RATE));
    cluster.nodes.values().forEach(node -> behind(node, true));
    fill(cluster);

    cluster.world.run(Duration.ofSeconds(5));

    for (TestCluster.Node node : cluster.nodes.values()) {
      assertThat(hashed(node)).isZero();
    }
    assertThat(total(cluster, "arrowraft_store_consistency_pauses_total")).isPositive();
    cluster.nodes.values().forEach(node -> behind(node, false));
    cluster.world.until(
        "a comparison",
        Duration.ofMinutes(2),
        () -> total(cluster, "arrowraft_store_consistency_checks_total") > 0);
  }

  private static void behind(TestCluster.Node node, boolean on) {
    node.engine.simulatePressure(on ? new EnginePressure(30, 0, 0, false) : EnginePressure.NONE);
  }

  private static void fill(TestCluster cluster) {
    for (int i = 0; i < VALUES; i++) {
      cluster.mustPut(1, "k" + i, "v".repeat(VALUE_BYTES));
    }
  }

  private static double hashed(TestCluster.Node node) {
    return node.life
        .meters()
        .find("arrowraft_store_consistency_hashed_bytes_total")
        .counter()
        .count();
  }

  private static double total(TestCluster cluster, String counter) {
    return cluster.nodes.values().stream()
        .mapToDouble(node -> node.life.meters().find(counter).counter().count())
        .sum();
  }
}
