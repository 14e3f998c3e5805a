package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.pdpb.ChangePeer;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.pdpb.TransferLeader;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.server.region.RegionEvent;
import io.arrowraft.server.state.RegionRecords;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Replicas that fall behind, come, go, and lead. */
class RegionReplicasTest {
  private final TestCluster cluster = TestCluster.started(1, config());

  private static RegionConfig config() {
    return RegionConfig.defaults()
        .withSplitBytes(4000)
        .withLog(Duration.ofSeconds(1), 10, 50, Duration.ofSeconds(5));
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
}
