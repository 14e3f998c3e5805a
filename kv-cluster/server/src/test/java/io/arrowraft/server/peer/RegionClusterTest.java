package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.pdpb.ChangePeer;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.pdpb.TransferLeader;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.server.region.OutcomeUnknownException;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionEvent;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.state.RegionRecords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class RegionClusterTest {
  private final TestCluster cluster = TestCluster.started(1, config());

  private static RegionConfig config() {
    return RegionConfig.defaults()
        .withSplitBytes(4000)
        .withLog(Duration.ofSeconds(1), 10, 50, Duration.ofSeconds(5));
  }

  @Test
  void writesAreReadBackFromTheLeader() {
    TestCluster.Node leader = cluster.leaderOf(1);

    cluster.mustPut(1, "a", "1");

    assertThat(cluster.get(leader, 1, "a")).contains("1");
    cluster.replicasAgree(1);
  }

  @Test
  void leaderServesReadsUnderItsLease() {
    TestCluster.Node leader = cluster.leaderOf(1);
    cluster.mustPut(1, "a", "1");
    cluster.world.run(Duration.ofSeconds(1));

    CompletableFuture<RegionSnapshot> read =
        leader.regions().snapshot(cluster.request(leader, 1)).toCompletableFuture();

    assertThat(read).isCompleted();
    read.join().close();
  }

  @Test
  void followerNamesTheLeader() {
    TestCluster.Node leader = cluster.leaderOf(1);
    cluster.mustPut(1, "a", "1");
    TestCluster.Node follower = cluster.followersOf(1).get(0);
    cluster.world.run(Duration.ofSeconds(1));

    Error error = refusal(follower.regions().snapshot(cluster.request(follower, 1)));

    assertThat(error.getNotLeader().getLeader().getStoreId()).isEqualTo(leader.id);
  }

  @Test
  void followerServesReplicaReadsThatSeeEarlierWrites() {
    cluster.leaderOf(1);
    for (int i = 0; i < 20; i++) {
      cluster.mustPut(1, "k", "v" + i);
      TestCluster.Node follower = cluster.followersOf(1).get(i % 2);
      RegionRequest plain = cluster.request(follower, 1);
      RegionRequest replica =
          new RegionRequest(1, plain.epoch(), plain.peer(), 0, true, false, plain.deadline());
      try (RegionSnapshot snapshot = cluster.world.await(follower.regions().snapshot(replica))) {
        assertThat(
                snapshot
                    .data()
                    .get(io.arrowraft.storage.engine.ColumnFamily.RAW, "k".getBytes(UTF_8)))
            .asString(UTF_8)
            .isEqualTo("v" + i);
      }
    }
  }

  private static final java.nio.charset.Charset UTF_8 = java.nio.charset.StandardCharsets.UTF_8;

  @Test
  void requestsAreCheckedInOrder() {
    TestCluster.Node leader = cluster.leaderOf(1);
    RegionRequest good = cluster.request(leader, 1);
    Peer otherStore = good.peer().toBuilder().setStoreId(9).build();
    Peer otherPeer = good.peer().toBuilder().setId(999).build();
    RegionEpoch old = RegionEpoch.newBuilder().setConfVer(1).setVersion(0).build();

    assertThat(
            refusal(read(leader, cluster.request(good.epoch(), otherStore, 1))).hasStoreNotMatch())
        .isTrue();
    assertThat(
            refusal(read(leader, cluster.request(good.epoch(), good.peer(), 7)))
                .hasRegionNotFound())
        .isTrue();
    assertThat(
            refusal(read(leader, cluster.request(good.epoch(), otherPeer, 1))).hasMismatchPeerId())
        .isTrue();
    Error epochError = refusal(read(leader, cluster.request(old, good.peer(), 1)));
    assertThat(epochError.getEpochNotMatch().getCurrentRegions(0).getPeers(0).getStoreId())
        .isEqualTo(leader.id);
  }

  @Test
  void writeOfAnOlderTermIsRefusedEvenIfTheLeaderIsTheSame() {
    TestCluster.Node leader = cluster.leaderOf(1);
    long term = leader.regions().region(1).orElseThrow().term();

    Error error =
        refusal(
            leader
                .regions()
                .write(cluster.request(leader, 1), term - 1, List.of(TestCluster.putOf("a", "1"))));

    assertThat(error.hasStaleCommand()).isTrue();
  }

  @Test
  void tooLargeAWriteIsRefused() {
    TestCluster.Node leader = cluster.leaderOf(1);
    String value = "x".repeat((8 << 20) + 1);

    assertThat(refusal(cluster.put(leader, 1, "a", value)).hasRaftEntryTooLarge()).isTrue();
  }

  @Test
  void isolatedLeaderNeitherReadsNorWritesAfterItsLease() {
    TestCluster.Node old = cluster.leaderOf(1);
    cluster.mustPut(1, "a", "1");
    RegionRequest request = cluster.request(old, 1);
    long term = old.regions().region(1).orElseThrow().term();
    cluster.isolate(old);
    cluster.world.run(Duration.ofMillis(900));

    CompletionStage<RegionSnapshot> read = old.regions().snapshot(request);
    CompletionStage<Void> write =
        old.regions().write(request, term, List.of(TestCluster.putOf("a", "lost")));
    cluster.leaderOf(1);
    cluster.mustPut(1, "a", "2");

    assertThatThrownBy(() -> cluster.world.await(read))
        .hasCauseInstanceOf(RegionErrorException.class);
    assertThatThrownBy(() -> cluster.world.await(write)).isInstanceOf(CompletionException.class);
    cluster.heal();
    cluster.replicasAgree(1);
    assertThat(cluster.get(cluster.leaderOf(1), 1, "a")).contains("2");
  }

  @Test
  void writeWithoutQuorumHasAnUnknownOutcome() {
    TestCluster.Node leader = cluster.leaderOf(1);
    CompletionStage<Void> write = cluster.put(leader, 1, "a", "1");
    cluster.followersOf(1).forEach(cluster::isolate);

    assertThatThrownBy(() -> cluster.world.await(write))
        .hasCauseInstanceOf(OutcomeUnknownException.class);
  }

  @Test
  void acknowledgedWritesSurviveCrashesOfEachStoreInTurn() {
    for (int round = 0; round < 6; round++) {
      for (int i = 0; i < 10; i++) {
        cluster.mustPut(1, "r" + round + "-" + i, "v" + i);
      }
      cluster.restart(cluster.nodes.get(1L + round % 3));
    }
    cluster.replicasAgree(1);
    TestCluster.Node leader = cluster.leaderOf(1);
    for (int round = 0; round < 6; round++) {
      for (int i = 0; i < 10; i++) {
        assertThat(cluster.get(leader, 1, "r" + round + "-" + i)).contains("v" + i);
      }
    }
  }

  @Test
  void powerLossOfAllStoresLosesNothingAcknowledged() {
    for (int i = 0; i < 40; i++) {
      cluster.mustPut(1, "k" + i, "v" + i);
    }
    cluster.nodes.values().forEach(cluster::crash);
    cluster.nodes.values().forEach(cluster::start);

    TestCluster.Node leader = cluster.leaderOf(1);
    for (int i = 0; i < 40; i++) {
      assertThat(cluster.get(leader, 1, "k" + i)).contains("v" + i);
    }
    cluster.replicasAgree(1);
  }

  @Test
  void splitRegionServesOnBothSidesAtOnce() {
    cluster.mustPut(1, "a", "1");
    cluster.mustPut(1, "z", "2");
    TestCluster.Node before = cluster.leaderOf(1);
    long started = cluster.world.nanos();

    List<Region> parts = cluster.split(1, "m");

    assertThat(parts).hasSize(2);
    assertThat(parts.get(1).getId()).isEqualTo(1);
    long left = parts.get(0).getId();
    assertThat(cluster.leaderOf(left)).isSameAs(before);
    assertThat(cluster.get(before, left, "a")).contains("1");
    assertThat(cluster.get(before, 1, "z")).contains("2");
    cluster.mustPut(left, "b", "3");
    assertThat(Duration.ofNanos(cluster.world.nanos() - started)).isLessThan(Duration.ofSeconds(1));
    cluster.replicasAgree(left);
    cluster.replicasAgree(1);
    assertThat(cluster.pd.report(left)).isPresent();
  }

  @Test
  void requestWithTheEpochBeforeASplitLearnsBothRegions() {
    TestCluster.Node leader = cluster.leaderOf(1);
    RegionRequest before = cluster.request(leader, 1);
    long left = cluster.split(1, "m").get(0).getId();

    Error error = refusal(leader.regions().snapshot(before));

    assertThat(error.getEpochNotMatch().getCurrentRegionsList())
        .extracting(Region::getId)
        .containsExactly(1L, left);
  }

  @Test
  void writeProposedBeforeASplitIsRefusedAtApply() {
    TestCluster.Node leader = cluster.leaderOf(1);
    CompletionStage<List<Region>> split =
        leader.regions().split(cluster.request(leader, 1), List.of("m".getBytes(UTF_8)));
    CompletionStage<Void> write = null;
    // The split asks for ids first, so a write that comes right after is proposed before or after.
    List<CompletionStage<Void>> writes = new ArrayList<>();
    while (!split.toCompletableFuture().isDone()) {
      write = cluster.put(leader, 1, "a", "late");
      writes.add(write);
      cluster.world.run(Duration.ofNanos(200_000));
    }
    cluster.world.run(Duration.ofSeconds(1));

    int refused = 0;
    for (CompletionStage<Void> each : writes) {
      CompletableFuture<Void> future = each.toCompletableFuture();
      assertThat(future).isDone();
      if (future.isCompletedExceptionally()) {
        assertThat(refusal(each).getEpochNotMatch().getCurrentRegionsCount()).isEqualTo(2);
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void regionThatGrowsIsSplitBySize() {
    for (int i = 0; i < 40; i++) {
      cluster.mustPut(cluster.regionOf("k" + (100 + i)), "k" + (100 + i), "x".repeat(500));
    }
    cluster.world.run(Duration.ofSeconds(10));

    assertThat(cluster.leaderOf(1).regions().regions().size()).isGreaterThanOrEqualTo(4);
    for (var view : cluster.leaderOf(1).regions().regions()) {
      cluster.replicasAgree(view.region().getId());
    }
  }

  @Test
  void splitsSurvivePowerLossAtAnyMoment() {
    for (int round = 0; round < 12; round++) {
      TestCluster fresh = TestCluster.started(100 + round, config());
      fresh.mustPut(1, "a", "1");
      fresh.mustPut(1, "z", "2");
      TestCluster.Node leader = fresh.leaderOf(1);
      leader.regions().split(fresh.request(leader, 1), List.of("m".getBytes(UTF_8)));
      fresh.world.run(Duration.ofNanos(500_000L * round));
      fresh.nodes.values().forEach(fresh::crash);
      fresh.nodes.values().forEach(fresh::start);

      fresh.leaderOf(1);
      long left = fresh.regionOf("a");
      assertThat(fresh.get(fresh.leaderOf(left), left, "a")).contains("1");
      assertThat(fresh.get(fresh.leaderOf(1), 1, "z")).contains("2");
      fresh.mustPut(left, "b", "3");
      fresh.replicasAgree(left);
      fresh.replicasAgree(1);
    }
  }

  @Test
  void replicaSeenBeforeItsSplitVotesAndWaits() {
    TestCluster.Node late = cluster.followersOf(1).get(0);
    TestCluster.Node gone = cluster.followersOf(1).get(1);
    // The old region's messages do not arrive any more, those of the new one do.
    cluster.block(late, 1);
    cluster.mustPut(1, "a", "1");
    long left = cluster.split(1, "m").get(0).getId();
    cluster.replicasAgree(left, cluster.leaderOf(left), gone);
    cluster.world.until(
        "the vote of the replica to be",
        Duration.ofSeconds(5),
        () -> late.logs.load(left).isPresent());
    assertThat(late.regions().region(left)).isEmpty();
    long promisedTerm = late.logs.load(left).orElseThrow().hardState().term();

    cluster.unblock();
    cluster.replicasAgree(left);

    assertThat(late.logs.load(left).orElseThrow().hardState().term())
        .isGreaterThanOrEqualTo(promisedTerm);
    cluster.isolate(gone);
    cluster.mustPut(left, "b", "2");
  }

  @Test
  void snapshotDoesNotLandOnARegionThatHasNotSplitYet() {
    TestCluster.Node late = cluster.followersOf(1).get(0);
    cluster.block(late, 1);
    long left = cluster.split(1, "m").get(0).getId();
    for (int i = 0; i < 100; i++) {
      cluster.mustPut(left, "a" + i, "v");
    }
    cluster.world.run(Duration.ofSeconds(5));

    assertThat(late.regions().region(left)).isEmpty();
    assertThat(late.events).noneMatch(RegionEvent.SnapshotInstalled.class::isInstance);

    cluster.unblock();
    cluster.replicasAgree(left);
    cluster.replicasAgree(1);
  }

  @Test
  void requestsBeyondTheBoundAreRefusedAtOnce() {
    TestCluster small = TestCluster.started(7, RegionConfig.defaults().withRequestsPerRegion(3));
    TestCluster.Node leader = small.leaderOf(1);
    List<CompletionStage<Void>> writes = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      writes.add(small.put(leader, 1, "k" + i, "v"));
    }

    assertThat(writes.get(4).toCompletableFuture()).isCompletedExceptionally();
    assertThat(refusal(writes.get(4)).hasServerIsBusy()).isTrue();
    small.world.await(writes.get(0));
  }

  @Test
  void storeThatMissedASplitCatchesUp() {
    TestCluster.Node away = cluster.followersOf(1).get(0);
    cluster.isolate(away);
    cluster.mustPut(1, "a", "1");
    long left = cluster.split(1, "m").get(0).getId();
    cluster.mustPut(left, "b", "2");
    cluster.heal();

    cluster.replicasAgree(left);
    cluster.replicasAgree(1);
  }

  @Test
  void followerThatLagsBehindTheLogGetsASnapshot() {
    TestCluster.Node away = cluster.followersOf(1).get(0);
    cluster.isolate(away);
    for (int i = 0; i < 200; i++) {
      cluster.mustPut(1, "k" + i, "v" + i);
    }
    cluster.world.run(Duration.ofSeconds(5));
    assertThat(cluster.leaderOf(1).logs.entriesOf(1)).isLessThan(100);
    cluster.heal();

    cluster.replicasAgree(1);
    assertThat(away.events).anyMatch(RegionEvent.SnapshotInstalled.class::isInstance);
    assertThat(RegionRecords.regionsWithChunks(away.engine)).isEmpty();
  }

  @Test
  void followerThatMissedSplitsAndTheLogGetsSnapshotsOfAllParts() {
    TestCluster.Node away = cluster.followersOf(1).get(0);
    cluster.isolate(away);
    long left = cluster.split(1, "m").get(0).getId();
    for (int i = 0; i < 150; i++) {
      cluster.mustPut(1, "z" + i, "v");
      cluster.mustPut(left, "a" + i, "v");
    }
    cluster.world.run(Duration.ofSeconds(5));
    cluster.heal();

    cluster.replicasAgree(left);
    cluster.replicasAgree(1);
  }

  @Test
  void snapshotInstallSurvivesPowerLossAtAnyMoment() {
    for (int round = 0; round < 12; round++) {
      TestCluster fresh = TestCluster.started(200 + round, config());
      TestCluster.Node away = fresh.followersOf(1).get(0);
      fresh.isolate(away);
      for (int i = 0; i < 150; i++) {
        fresh.mustPut(1, "k" + i, "v" + i);
      }
      fresh.world.run(Duration.ofSeconds(3));
      fresh.heal();
      fresh.world.until(
          "chunks", Duration.ofSeconds(20), () -> fresh.hasChunks(away) || fresh.isCaughtUp(away));
      fresh.world.run(Duration.ofNanos(300_000L * round));
      fresh.restart(away);
      fresh.replicasAgree(1);
    }
  }

  @Test
  void snapshotBelowTheEndOfADivergedLogSurvivesPowerLossBeforeTheLogIsReset() {
    TestCluster.Node old = cluster.leaderOf(1);
    cluster.isolate(old);
    for (int i = 0; i < 300; i++) {
      cluster.put(old, 1, "never" + i, "committed");
    }
    for (int i = 0; i < 120; i++) {
      cluster.mustPut(1, "k" + i, "v" + i);
    }
    cluster.world.run(Duration.ofSeconds(5));
    cluster.heal();
    cluster.world.until(
        "the snapshot in the data engine",
        Duration.ofSeconds(20),
        () -> old.events.stream().anyMatch(RegionEvent.SnapshotInstalled.class::isInstance));
    assertThat(old.logs.load(1).orElseThrow().lastIndex()).isGreaterThan(250);
    cluster.restart(old);

    cluster.replicasAgree(1);
    cluster.mustPut(1, "last", "v");
    cluster.replicasAgree(1);
  }

  @Test
  void replicaIsAddedByLearnerAndPromotionAndRemovedAgain() {
    TestCluster.Node gone = cluster.followersOf(1).get(0);
    for (int i = 0; i < 80; i++) {
      cluster.mustPut(1, "k" + i, "v" + i);
    }
    Peer removed = cluster.request(gone, 1).peer();
    changePeer(removed, ConfChangeType.RemoveNode);
    cluster.world.until(
        "the removal",
        Duration.ofSeconds(30),
        () -> gone.regions().region(1).isEmpty() && gone.logs.load(1).isEmpty());
    assertThat(RegionRecords.regionState(gone.engine, 1).orElseThrow().getPhase())
        .isEqualTo(RegionPhase.TOMBSTONE);

    Peer back = Peer.newBuilder().setId(500).setStoreId(gone.id).build();
    changePeer(back, ConfChangeType.AddLearnerNode);
    cluster.replicasAgree(1);
    assertThat(gone.regions().region(1).orElseThrow().peer().getRole()).isEqualTo(PeerRole.Learner);
    cluster.world.until(
        "a report that the learner has caught up",
        Duration.ofSeconds(2),
        () -> cluster.pd.report(1).orElseThrow().getPendingPeersCount() == 0);
    changePeer(back, ConfChangeType.AddNode);
    cluster.mustPut(1, "last", "v");
    cluster.replicasAgree(1);
    assertThat(gone.regions().region(1).orElseThrow().region().getRegionEpoch().getConfVer())
        .isEqualTo(4);
  }

  @Test
  void replicaThatWasRemovedWhileAwayAsksAndDestroysItself() {
    TestCluster.Node away = cluster.followersOf(1).get(0);
    Peer removed = cluster.request(away, 1).peer();
    cluster.mustPut(1, "k", "v");
    cluster.isolate(away);
    changePeer(removed, ConfChangeType.RemoveNode);
    cluster.heal();

    cluster.world.until(
        "the stale replica's end",
        Duration.ofSeconds(60),
        () -> away.regions().region(1).isEmpty());
    cluster.mustPut(1, "a", "1");
  }

  @Test
  void leaderIsMovedOnOrder() {
    TestCluster.Node target = cluster.followersOf(1).get(0);
    Peer peer = cluster.request(target, 1).peer();

    cluster.pd.order(
        RegionHeartbeatResponse.newBuilder()
            .setRegionId(1)
            .setTransferLeader(TransferLeader.newBuilder().setPeer(peer))
            .build());

    cluster.world.until(
        "the transfer",
        Duration.ofSeconds(10),
        () -> target.regions().region(1).orElseThrow().isLeader());
    cluster.mustPut(1, "a", "1");
    assertThat(cluster.pd.report(1).orElseThrow().getLeader().getStoreId()).isEqualTo(target.id);
  }

  @Test
  void orderForAnOlderEpochIsDropped() {
    Peer peer = Peer.newBuilder().setId(500).setStoreId(9).build();
    cluster.pd.order(
        RegionHeartbeatResponse.newBuilder()
            .setRegionId(1)
            .setRegionEpoch(RegionEpoch.newBuilder().setConfVer(0).setVersion(1))
            .setChangePeer(
                ChangePeer.newBuilder().setPeer(peer).setChangeType(ConfChangeType.AddLearnerNode))
            .build());
    cluster.world.run(Duration.ofSeconds(1));

    assertThat(cluster.leaderOf(1).regions().region(1).orElseThrow().region().getPeersCount())
        .isEqualTo(3);
  }

  @Test
  void everyRegionIsReportedAgainWhenThePlacementDriverComesBack() {
    cluster.split(1, "g", "m", "t");
    cluster.world.run(Duration.ofSeconds(2));

    cluster.pd.reconnect();
    cluster.world.run(Duration.ofMillis(100));

    assertThat(cluster.pd.reports()).hasSize(4);
  }

  @Test
  void observersOfEachStoreSeeOneOrder() {
    for (int i = 0; i < 20; i++) {
      cluster.mustPut(1, "k" + i, "v" + i);
    }
    long left = cluster.split(1, "k5").get(0).getId();
    cluster.mustPut(left, "a", "1");
    cluster.replicasAgree(1);
    cluster.replicasAgree(left);

    List<String> expected = null;
    for (TestCluster.Node node : cluster.nodes.values()) {
      List<String> seen = new ArrayList<>();
      long next = 0;
      for (RegionEvent event : node.events) {
        if (event instanceof RegionEvent.Applied applied && applied.regionId() == 1) {
          assertThat(next == 0 || applied.index() == next).isTrue();
          next = applied.index() + 1;
          seen.add(applied.index() + "/" + applied.term() + "/" + applied.mutations().size());
        } else if (event instanceof RegionEvent.Split split) {
          seen.add("split at " + split.index());
        }
      }
      expected = expected == null ? seen : expected;
      assertThat(seen).isEqualTo(expected);
      assertThat(node.events)
          .filteredOn(RegionEvent.Created.class::isInstance)
          .extracting(RegionEvent::regionId)
          .containsExactly(1L, left);
    }
    assertThat(cluster.leaderOf(1).events)
        .anyMatch(event -> event instanceof RegionEvent.LeaderGained);
  }

  private void changePeer(Peer peer, ConfChangeType type) {
    cluster.pd.order(
        RegionHeartbeatResponse.newBuilder()
            .setRegionId(1)
            .setChangePeer(ChangePeer.newBuilder().setPeer(peer).setChangeType(type))
            .build());
    cluster.world.until(
        type + " of " + peer.getId(),
        Duration.ofSeconds(30),
        () -> {
          Optional<Peer> known =
              cluster.leaderOf(1).regions().region(1).orElseThrow().region().getPeersList().stream()
                  .filter(each -> each.getId() == peer.getId())
                  .findFirst();
          return switch (type) {
            case RemoveNode -> known.isEmpty();
            case AddNode -> known.isPresent() && known.get().getRole() == PeerRole.Voter;
            default -> known.isPresent();
          };
        });
  }

  private static CompletionStage<RegionSnapshot> read(
      TestCluster.Node node, RegionRequest request) {
    return node.regions().snapshot(request);
  }

  private Error refusal(CompletionStage<?> stage) {
    try {
      cluster.world.await(stage);
    } catch (CompletionException failure) {
      assertThat(failure.getCause()).isInstanceOf(RegionErrorException.class);
      return ((RegionErrorException) failure.getCause()).error();
    }
    throw new AssertionError("not refused");
  }
}
