package io.arrowraft.pd;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Three members on a manual clock, as their clients see them. */
class PdClusterTest {
  private final PdCluster cluster = new PdCluster(7, 3);

  @Test
  void threeMembersElectOneLeaderAndServeOneCluster() {
    cluster.start();
    PdClient client = cluster.client();
    long clusterId = cluster.await(client.clusterId());
    assertThat(clusterId).isNotZero();
    assertThat(cluster.nodes.stream().filter(PdCluster.Node::leads)).hasSize(1);
    for (PdCluster.Node node : cluster.nodes) {
      assertThat(cluster.await(node.started)).isEqualTo(clusterId);
    }
  }

  @Test
  void anotherMemberLeadsWithinThreeSecondsOfAKillAndClientsFollow() {
    cluster.start();
    PdClient client = cluster.client();
    assertThat(cluster.await(client.bootstrap(PdHarness.store(1), PdHarness.firstRegion())))
        .isTrue();
    for (int round = 0; round < 5; round++) {
      PdCluster.Node killed = cluster.leader();
      killed.kill();
      long before = cluster.machines.clock.nanos();
      assertThat(cluster.await(client.region(Bytes.EMPTY)).orElseThrow().meta().getId())
          .isEqualTo(100);
      assertThat(Duration.ofNanos(cluster.machines.clock.nanos() - before))
          .isLessThan(Duration.ofSeconds(4));
      cluster.await(killed.restart());
    }
  }

  @Test
  void timestampsAndIdsStayUniqueAndGrowAcrossLeaderKillsAndClocksThatDiffer() {
    cluster.start();
    PdClient client = cluster.client();
    long lastTimestamp = 0;
    Set<Long> ids = new LinkedHashSet<>();
    for (int round = 0; round < 12; round++) {
      cluster.nodes.forEach(
          node ->
              node.machine.stepWallClock(
                  Duration.ofMillis(cluster.machines.random.nextInt(-8000, 8000))));
      List<CompletableFuture<Timestamp>> concurrent = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        concurrent.add(client.timestamp());
        concurrent.add(client.timestamp());
        assertThat(ids.add(cluster.await(client.allocateId()))).isTrue();
      }
      PdCluster.Node killed = cluster.leader();
      killed.kill();
      List<CompletableFuture<Timestamp>> meanwhile = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        meanwhile.add(client.timestamp());
        cluster.advance(Duration.ofMillis(100));
      }
      for (List<CompletableFuture<Timestamp>> group : List.of(concurrent, meanwhile)) {
        for (CompletableFuture<Timestamp> each : group) {
          long value = cluster.await(each).value();
          assertThat(value).isGreaterThan(lastTimestamp);
          lastTimestamp = value;
        }
      }
      cluster.await(killed.restart());
    }
  }
}
