package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.Merge;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.server.region.RegionEvent;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.server.state.RegionRecords;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Neighbouring regions become one. */
class RegionMergeTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private TestCluster cluster = started(5);
  private long left;

  private static TestCluster started(long seed) {
    return TestCluster.started(
        seed, RegionConfig.defaults().withLog(SECOND, 10, 50, Duration.ofSeconds(5)));
  }

  @Test
  void mergedRegionServesTheRangeOfBoth() {
    splitAtM();
    Region before = region(1);

    merge(left, 1);
    untilMerged(left, 1);

    Region merged = region(1);
    assertThat(merged.getStartKey().isEmpty() && merged.getEndKey().isEmpty()).isTrue();
    assertThat(merged.getRegionEpoch().getVersion())
        .isGreaterThan(before.getRegionEpoch().getVersion() + 1);
    assertThat(merged.getRegionEpoch().getConfVer())
        .isEqualTo(before.getRegionEpoch().getConfVer());
    assertThat(cluster.get(cluster.leaderOf(1), 1, "a")).contains("1");
    assertThat(cluster.get(cluster.leaderOf(1), 1, "z")).contains("2");
    cluster.mustPut(1, "b", "3");
    cluster.replicasAgree(1);
    assertThat(cluster.pd.report(1).orElseThrow().getRegion()).isEqualTo(merged);
    for (TestCluster.Node node : cluster.nodes.values()) {
      RegionState end = RegionRecords.regionState(node.engine, left).orElseThrow();
      assertThat(end.getPhase()).isEqualTo(RegionPhase.TOMBSTONE);
      assertThat(end.getMergedInto()).isEqualTo(1);
      cluster.world.until("no log", SECOND, () -> node.logs.load(left).isEmpty());
      assertThat(node.events)
          .filteredOn(RegionEvent.Merged.class::isInstance)
          .singleElement()
          .satisfies(
              event -> assertThat(((RegionEvent.Merged) event).source().getId()).isEqualTo(left));
    }
  }

  @Test
  void rightNeighbourBecomesPartOfTheLeft() {
    splitAtM();

    merge(1, left);
    untilMerged(1, left);

    assertThat(region(left).getEndKey().isEmpty()).isTrue();
    assertThat(cluster.get(cluster.leaderOf(left), left, "z")).contains("2");
    cluster.replicasAgree(left);
  }

  @Test
  void countsOfBothAreSummed() {
    splitAtM();
    for (int i = 0; i < 20; i++) {
      cluster.mustPut(left, "b" + i, "v");
      cluster.mustPut(1, "y" + i, "v");
    }
    cluster.world.run(SECOND);
    long keys = view(left).approximateKeys() + view(1).approximateKeys();

    merge(left, 1);
    untilMerged(left, 1);

    assertThat(view(1).approximateKeys()).isEqualTo(keys);
  }

  @Test
  void regionsLedOnDifferentStoresMerge() {
    splitAtM();
    TestCluster.Node other = cluster.followersOf(left).get(0);
    moveLeader(left, other);

    merge(left, 1);
    untilMerged(left, 1);

    assertThat(cluster.get(cluster.leaderOf(1), 1, "a")).contains("1");
    cluster.replicasAgree(1);
  }

  @Test
  void requestsToARegionThatMergesAreRefusedUntilItIsPartOfTheOther() {
    splitAtM();
    TestCluster.Node leader = cluster.leaderOf(left);
    cluster.world.run(SECOND);
    // The preparation is proposed, and the lease has most of its time left.
    cluster.followersOf(left).forEach(cluster::isolate);
    merge(left, 1);
    cluster.world.run(Duration.ofMillis(10));

    CompletableFuture<RegionSnapshot> read =
        leader.regions().snapshot(cluster.request(leader, left)).toCompletableFuture();
    CompletableFuture<Void> write = cluster.put(leader, left, "a", "late").toCompletableFuture();
    cluster.world.run(Duration.ofMillis(10));
    assertThat(read).isCompletedExceptionally();
    assertThat(write).isCompletedExceptionally();

    cluster.heal();
    cluster.world.run(SECOND.multipliedBy(5));
    long holder = cluster.regionOf("a");
    cluster.mustPut(holder, "a", "now");
    assertThat(cluster.get(cluster.leaderOf(holder), holder, "a")).contains("now");
  }

  @Test
  void ordersThatDoNotFitAreRefused() {
    splitAtM();
    long third = cluster.split(left, "c").get(0).getId();
    cluster.world.run(SECOND);
    Region stranger = region(1);
    Region outdated =
        region(left).toBuilder()
            .setRegionEpoch(region(left).getRegionEpoch().toBuilder().setVersion(1))
            .build();

    order(third, stranger);
    order(third, outdated);
    order(third, region(third));
    cluster.world.run(SECOND.multipliedBy(2));

    assertThat(phases(third)).containsOnly(RegionPhase.NORMAL);
  }

  @Test
  void sourceWhoseReplicaLagsTooFarIsNotMerged() {
    splitAtM();
    TestCluster.Node away = cluster.followersOf(left).get(0);
    cluster.block(away, left);
    for (int i = 0; i < 20; i++) {
      cluster.mustPut(left, "b" + i, "v");
    }

    merge(left, 1);
    cluster.world.run(SECOND.multipliedBy(2));

    assertThat(phases(left)).containsOnly(RegionPhase.NORMAL);
  }

  @Test
  void sourceReplicaThatLagsIsBroughtUpByTheMerge() {
    splitAtM();
    TestCluster.Node away = cluster.followersOf(left).get(0);
    cluster.world.run(SECOND);
    // Nothing of the source's log arrives any more, but everything of the target's does.
    cluster.block(away, left);
    for (int i = 0; i < 5; i++) {
      cluster.mustPut(left, "b" + i, "v" + i);
    }
    cluster.world.run(Duration.ofMillis(300));

    merge(left, 1);
    untilMerged(left, 1);

    cluster.replicasAgree(1);
    assertThat(RegionRecords.regionState(away.engine, left).orElseThrow().getPhase())
        .isEqualTo(RegionPhase.TOMBSTONE);
    assertThat(cluster.get(cluster.leaderOf(1), 1, "b4")).contains("v4");
  }

  @Test
  void storeThatMissedTheMergeCatchesUpByTheLog() {
    splitAtM();
    TestCluster.Node away = cluster.followersOf(1).get(0);
    cluster.world.run(SECOND);
    prepareAndIsolate(away);

    cluster.mustPut(1, "c", "3");
    cluster.heal();
    cluster.replicasAgree(1);
    assertThat(away.events).noneMatch(RegionEvent.SnapshotInstalled.class::isInstance);
  }

  @Test
  void storeThatMissedTheMergeGetsASnapshotThatReplacesBoth() {
    splitAtM();
    TestCluster.Node away = cluster.followersOf(1).get(0);
    cluster.world.run(SECOND);
    prepareAndIsolate(away);

    for (int i = 0; i < 150; i++) {
      cluster.mustPut(1, "k" + i, "v");
    }
    cluster.world.run(SECOND.multipliedBy(3));
    cluster.heal();

    cluster.replicasAgree(1);
    assertThat(away.events).anyMatch(RegionEvent.SnapshotInstalled.class::isInstance);
    assertThat(RegionRecords.regionState(away.engine, left).orElseThrow().getPhase())
        .isEqualTo(RegionPhase.TOMBSTONE);
    cluster.world.until("no log", SECOND, () -> away.logs.load(left).isEmpty());
  }

  @Test
  void sourceThatMissedItsMergeEndsThoughTheTargetHasGivenItsRangeAway() {
    splitAtM();
    TestCluster.Node away = cluster.followersOf(1).get(0);
    cluster.world.run(SECOND);
    prepareAndIsolate(away);
    // The target no longer covers what was the source's.
    long again = cluster.split(1, "m").get(0).getId();
    for (int i = 0; i < 150; i++) {
      cluster.mustPut(1, "y" + i, "v");
      cluster.mustPut(again, "b" + i, "v");
    }
    cluster.world.run(SECOND.multipliedBy(3));
    cluster.heal();

    cluster.replicasAgree(1);
    cluster.replicasAgree(again);
    assertThat(RegionRecords.regionState(away.engine, left).orElseThrow().getPhase())
        .isEqualTo(RegionPhase.TOMBSTONE);
  }

  @Test
  void mergeIsRolledBackWhenTheTargetHasChanged() {
    splitAtM();
    cluster.world.run(SECOND);
    Region target = region(1);
    // Both at once: the split is in the target's log before the merge can be.
    TestCluster.Node leader = cluster.leaderOf(1);
    leader
        .regions()
        .split(cluster.request(leader, 1), List.of("t".getBytes(StandardCharsets.UTF_8)));
    order(left, target);
    cluster.world.run(SECOND.multipliedBy(5));

    assertThat(phases(left)).containsOnly(RegionPhase.NORMAL);
    assertThat(region(left).getRegionEpoch().getVersion()).isGreaterThan(3);
    cluster.mustPut(left, "a", "again");
    assertThat(cluster.get(cluster.leaderOf(left), left, "a")).contains("again");
    cluster.replicasAgree(left);
    cluster.replicasAgree(1);
  }

  @Test
  void chainOfRegionsMergesIntoOne() {
    cluster.mustPut(1, "a", "1");
    cluster.split(1, "d", "h", "m", "t");
    cluster.world.run(SECOND);
    for (int i = 0; i < 4; i++) {
      RegionView first = cluster.leaderOf(1).regions().regions().get(0);
      long second = cluster.leaderOf(1).regions().regions().get(1).region().getId();
      merge(first.region().getId(), second);
      untilMerged(first.region().getId(), second);
      cluster.world.run(SECOND);
    }
    assertThat(cluster.leaderOf(1).regions().regions()).hasSize(1);
    assertThat(cluster.get(cluster.leaderOf(1), 1, "a")).contains("1");
    cluster.replicasAgree(1);
  }

  @Test
  void mergesSurvivePowerLossOfAllStoresAtAnyMoment() {
    for (int round = 0; round < 40; round++) {
      cluster = started(300 + round);
      splitAtM();
      cluster.world.run(SECOND);
      merge(left, 1);
      cluster.world.run(Duration.ofNanos(400_000L * round));
      cluster.nodes.values().forEach(cluster::crash);
      cluster.nodes.values().forEach(cluster::start);

      mustHaveAll();
    }
  }

  @Test
  void mergesSurvivePowerLossOfOneStoreAtAnyMoment() {
    for (int round = 0; round < 40; round++) {
      cluster = started(400 + round);
      splitAtM();
      cluster.world.run(SECOND);
      merge(left, 1);
      cluster.world.run(Duration.ofNanos(400_000L * round));
      TestCluster.Node one = cluster.nodes.get(1L + round % 3);
      cluster.crash(one);
      cluster.world.run(Duration.ofMillis(20L * (round % 7)));
      cluster.start(one);

      mustHaveAll();
    }
  }

  /** Whether the merge got through or not. */
  private void mustHaveAll() {
    cluster.world.run(SECOND.multipliedBy(6));
    for (String key : List.of("a", "z")) {
      long region = cluster.regionOf(key);
      assertThat(cluster.get(cluster.leaderOf(region), region, key)).isPresent();
      cluster.mustPut(region, key, "later");
    }
    for (RegionView view : cluster.leaderOf(cluster.regionOf("z")).regions().regions()) {
      cluster.replicasAgree(view.region().getId());
      assertThat(phases(view.region().getId())).containsOnly(RegionPhase.NORMAL);
    }
  }

  /** One store hears of nothing from before the merge on. */
  private void prepareAndIsolate(TestCluster.Node away) {
    cluster.world.run(SECOND);
    merge(left, 1);
    cluster.isolate(away);
    cluster.world.until(
        "the merge on the others",
        SECOND.multipliedBy(30),
        () ->
            cluster.nodes.values().stream()
                .filter(node -> node != away)
                .allMatch(node -> node.regions().region(left).isEmpty()));
    assertThat(phase(away, left)).isNotEqualTo(RegionPhase.TOMBSTONE);
  }

  private void splitAtM() {
    cluster.mustPut(1, "a", "1");
    cluster.mustPut(1, "z", "2");
    left = cluster.split(1, "m").get(0).getId();
    cluster.replicasAgree(left);
    cluster.world.run(SECOND);
  }

  private void moveLeader(long regionId, TestCluster.Node to) {
    cluster.pd.order(
        RegionHeartbeatResponse.newBuilder()
            .setRegionId(regionId)
            .setTransferLeader(
                io.arrowraft.proto.pdpb.TransferLeader.newBuilder()
                    .setPeer(cluster.request(to, regionId).peer()))
            .build());
    cluster.world.until(
        "the transfer", SECOND.multipliedBy(10), () -> cluster.leaderOf(regionId) == to);
    cluster.world.run(SECOND);
  }

  private void merge(long source, long target) {
    order(source, region(target));
  }

  private void order(long source, Region target) {
    cluster.pd.order(
        RegionHeartbeatResponse.newBuilder()
            .setRegionId(source)
            .setMerge(Merge.newBuilder().setTarget(target))
            .build());
  }

  private void untilMerged(long source, long target) {
    cluster.world.until(
        "region " + source + " as a part of " + target,
        SECOND.multipliedBy(30),
        () ->
            cluster.nodes.values().stream()
                .allMatch(
                    node ->
                        node.regions().region(source).isEmpty()
                            && phase(node, source) == RegionPhase.TOMBSTONE));
    cluster.replicasAgree(target);
  }

  private static RegionPhase phase(TestCluster.Node node, long regionId) {
    return RegionRecords.regionState(node.engine, regionId)
        .map(RegionState::getPhase)
        .orElse(RegionPhase.UNSPECIFIED);
  }

  private List<RegionPhase> phases(long regionId) {
    return cluster.nodes.values().stream().map(node -> phase(node, regionId)).toList();
  }

  private RegionView view(long regionId) {
    Optional<RegionView> view = cluster.leaderOf(regionId).regions().region(regionId);
    return view.orElseThrow();
  }

  private Region region(long regionId) {
    return view(regionId).region();
  }
}
