package io.arrowraft.pd.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.operator.Step;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.StoreState;
import io.arrowraft.proto.pdpb.OperatorStatus;
import io.arrowraft.proto.pdpb.StoreStats;
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
    cluster.loop.advance(Duration.ofHours(1));
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
  void smallNeighboursBecomeOneAnHourAfterTheirSplit() {
    ToyCluster cluster = new ToyCluster(3);
    cluster.addRegions(9);
    cluster.run(60);
    assertThat(cluster.tree.size()).isEqualTo(9);

    cluster.scheduling.pauses().pause("merge", Duration.ofHours(2));
    cluster.loop.advance(Duration.ofMinutes(61));
    cluster.run(20);
    assertThat(cluster.tree.size()).isEqualTo(9);

    cluster.scheduling.pauses().pause("merge", Duration.ZERO);
    cluster.run(60);
    assertThat(cluster.tree.size()).isEqualTo(1);
    assertThat(cluster.board.endedSince(0))
        .filteredOn(progress -> progress.operator().description().equals("merge-region"))
        .hasSize(16)
        .allMatch(progress -> progress.status() == OperatorStatus.SUCCESS);
  }

  @Test
  void anEmptiedStoreLosesItsPeersAndNothingElseMoves() {
    ToyCluster cluster = new ToyCluster(4);
    cluster.addRegions(8);
    cluster.run(120);
    cluster.state.apply(PdCommand.ChangeStore.state(2, StoreState.Offline, false));
    int held = cluster.tree.shelf(2).regions();
    assertThat(held).isPositive();

    cluster.run(60);
    assertThat(cluster.tree.shelf(2).regions()).isZero();
    assertThat(cluster.scheduling.emptied()).containsExactly(2L);
    assertThat(cluster.tree.all())
        .allSatisfy(region -> assertThat(region.peers()).hasSize(3).allMatch(ToyCluster::isVoter));
  }

  @Test
  void aDamagedReplicaIsRemovedAndBuiltAnewWhereThereIsNoOtherStore() {
    ToyCluster cluster = new ToyCluster(3);
    cluster.addRegions(3);
    cluster.run(40);
    RegionInfo region = cluster.tree.all().iterator().next();
    Peer damaged = region.peerOn(2).orElseThrow();

    cluster.scheduling.heard(
        StoreStats.newBuilder().setStoreId(2).addDamagedRegionsId(region.id()).build());
    cluster.run(30);

    RegionInfo repaired = cluster.tree.find(region.id()).orElseThrow();
    assertThat(repaired.peers()).hasSize(3).allMatch(ToyCluster::isVoter);
    assertThat(repaired.peer(damaged.getId())).isEmpty();
    assertThat(repaired.peerOn(2)).isPresent();
    assertThat(cluster.board.endedSince(0))
        .extracting(progress -> progress.operator().description())
        .contains("remove-damaged-replica");
  }

  @Test
  void anOperatorThatMakesNoProgressTimesOut() {
    ToyCluster cluster = new ToyCluster(3);
    cluster.addRegions(1);
    RegionInfo region = cluster.tree.all().iterator().next();
    Operator operator =
        new Operator(
            region.id(),
            Operator.Kind.ADMIN,
            "split-region",
            List.of(Step.Split.at(List.of(ByteString.copyFromUtf8("m")))));
    assertThat(cluster.board.begin(operator)).isTrue();
    assertThat(cluster.board.begin(operator)).isFalse();
    assertThat(cluster.board.advance(region)).isPresent();
    cluster.loop.advance(Duration.ofSeconds(31));
    cluster.board.sweep();
    assertThat(cluster.board.progress(region.id()))
        .hasValueSatisfying(
            progress -> assertThat(progress.status()).isEqualTo(OperatorStatus.TIMEOUT));
  }

  @Test
  void anOperatorThatHasBecomeImpossibleIsCancelledAtOnce() {
    ToyCluster cluster = new ToyCluster(3);
    cluster.addRegions(1);
    cluster.run(5);
    RegionInfo region = cluster.tree.all().iterator().next();
    cluster.board.cancel(region.id(), "the test begins");
    Peer nowhere = Peer.newBuilder().setId(5).setStoreId(2).build();
    cluster.board.begin(
        new Operator(
            region.id(),
            Operator.Kind.LEADER,
            "balance-leader",
            List.of(new Step.TransferLeader(nowhere))));
    assertThat(cluster.board.advance(region)).isEmpty();
    assertThat(cluster.board.progress(region.id()))
        .hasValueSatisfying(
            progress -> {
              assertThat(progress.status()).isEqualTo(OperatorStatus.CANCEL);
              assertThat(progress.reason()).isEqualTo("peer 5 is no part of the region");
            });
  }
}
