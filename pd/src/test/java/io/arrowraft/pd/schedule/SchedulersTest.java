package io.arrowraft.pd.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.pdpb.OperatorStatus;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchedulersTest {

  @Test
  void everyRegionGetsThreeVotersOnThreeStores() {
    ToyCluster cluster = new ToyCluster(3);
    cluster.addRegions(20);
    cluster.run(30);
    assertThat(cluster.tree.all())
        .allSatisfy(
            region -> {
              assertThat(region.peers()).hasSize(3).allMatch(ToyCluster::isVoter);
              assertThat(region.peers().stream().map(Peer::getStoreId).distinct()).hasSize(3);
            });
  }

  @Test
  void leadersSpreadEvenlyAndThenStayPut() {
    ToyCluster cluster = new ToyCluster(3);
    cluster.addRegions(20);
    cluster.run(60);
    assertThat(List.of(cluster.leadersOn(1), cluster.leadersOn(2), cluster.leadersOn(3)))
        .allMatch(leaders -> leaders >= 6 && leaders <= 7);
    int before = cluster.ordersObeyed;
    cluster.run(20);
    assertThat(cluster.ordersObeyed).isEqualTo(before);
  }

  @Test
  void neighboursAreLedFromDifferentStoresWherePossible() {
    ToyCluster cluster = new ToyCluster(3);
    cluster.addRegions(9);
    cluster.run(60);
    long longestRun = 0;
    long run = 0;
    long previous = 0;
    for (RegionInfo region : cluster.tree.all()) {
      run = region.leaderStore() == previous ? run + 1 : 1;
      previous = region.leaderStore();
      longestRun = Math.max(longestRun, run);
    }
    assertThat(longestRun).isLessThanOrEqualTo(2);
  }

  @Test
  void oneStoreIsLeftAlone() {
    ToyCluster cluster = new ToyCluster(1);
    cluster.addRegions(5);
    cluster.run(10);
    assertThat(cluster.ordersObeyed).isZero();
  }

  @Test
  void silentStoresGetNothingNewAndAreReplacedOnlyWhenDown() {
    ToyCluster cluster = new ToyCluster(3);
    cluster.addRegions(6);
    cluster.run(30);
    cluster.silence.put(4L, Duration.ofMinutes(1));
    cluster.silence.put(3L, Duration.ofHours(1));
    cluster.run(20);
    assertThat(cluster.tree.all()).allSatisfy(region -> assertThat(region.peerOn(3)).isPresent());
    cluster.silence.put(4L, Duration.ZERO);
    cluster.run(60);
    assertThat(cluster.tree.all())
        .allSatisfy(
            region -> {
              assertThat(region.peers().stream().map(Peer::getStoreId))
                  .containsExactlyInAnyOrder(1L, 2L, 4L);
              assertThat(region.leaderStore()).isNotEqualTo(3);
            });
  }

  @Test
  void anOperatorThatMakesNoProgressTimesOut() {
    ToyCluster cluster = new ToyCluster(3);
    cluster.addRegions(1);
    RegionInfo region = cluster.tree.all().iterator().next();
    Peer nowhere = Peer.newBuilder().setId(5).setStoreId(2).build();
    Operator operator =
        new Operator(
            region.id(),
            Operator.Kind.LEADER,
            "balance-leader",
            List.of(new Step.TransferLeader(nowhere)));
    assertThat(cluster.board.begin(operator)).isTrue();
    assertThat(cluster.board.begin(operator)).isFalse();
    assertThat(cluster.board.advance(region)).isEmpty();
    cluster.loop.advance(Duration.ofSeconds(11));
    cluster.board.sweep(cluster.tree);
    assertThat(cluster.board.progress(region.id()))
        .contains(new OperatorBoard.Progress(operator, OperatorStatus.TIMEOUT));
  }
}
