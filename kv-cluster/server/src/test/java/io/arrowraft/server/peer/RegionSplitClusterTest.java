package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.core.HardState;
import io.arrowraft.raft.core.Message;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.apply.RegionFixture;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionEvent;
import io.arrowraft.server.region.RegionRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Regions of a cluster while they split. */
class RegionSplitClusterTest {
  private final TestCluster cluster = TestCluster.started(1, config());

  private static RegionConfig config() {
    return RegionConfig.defaults()
        .withSplitBytes(4000)
        .withLog(Duration.ofSeconds(1), 10, 50, Duration.ofSeconds(5));
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
        leader.regions().split(cluster.request(leader, 1), List.of(RegionFixture.bytes("m")));
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
      leader.regions().split(fresh.request(leader, 1), List.of(RegionFixture.bytes("m")));
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

  /**
   * Its own log tells of the split, and before that is applied a message tells that it was removed:
   * seed 50100. Whoever had stopped the new region's replica for the split left it stopped.
   */
  @Test
  void replicaSeenBeforeItsSplitLivesOnIfTheSplitNeverHappens() {
    for (int round = 0; round < 20; round++) {
      TestCluster fresh = TestCluster.started(200 + round, config());
      TestCluster.Node late = fresh.followersOf(1).get(0);
      fresh.block(late, 1);
      long left = fresh.split(1, "m").get(0).getId();
      fresh.mustPut(left, "a", "1");
      fresh.world.until(
          "the replica", Duration.ofSeconds(5), () -> late.logs.load(left).isPresent());

      long split = fresh.leaderOf(1).regions().region(1).orElseThrow().appliedIndex();
      Duration after = Duration.ofNanos(1_000L * round);
      fresh.unblock();
      fresh.world.until(
          "the split in the log",
          Duration.ofSeconds(5),
          () -> late.logs.load(1).orElseThrow().lastIndex() >= split);
      fresh.world.run(after);
      late.store.receiver().receive(fromANewerReplica(late));

      fresh.world.until(
          "the replica to catch up, " + after + " after the entry",
          Duration.ofSeconds(30),
          () -> late.regions().region(left).isPresent());
      fresh.replicasAgree(left);
    }
  }

  private static RaftEnvelope fromANewerReplica(TestCluster.Node node) {
    return new RaftEnvelope(
        1, 99, node.id, new Message.HeartbeatRequest(98, 900, 1, 0, 1), Bytes.EMPTY);
  }

  /** The new replica began before the vote was in its log, and could have given another: 60028. */
  @Test
  void voteThatIsOnItsWayToTheLogWhenTheSplitComesIsKept() {
    cluster.mustPut(1, "a", "1");
    cluster.replicasAgree(1);
    TestCluster.Node leader = cluster.leaderOf(1);
    TestCluster.Node late = cluster.followersOf(1).get(0);
    long split = leader.regions().region(1).orElseThrow().appliedIndex() + 1;
    RaftEnvelope[] asked = new RaftEnvelope[1];
    cluster.tap(
        envelope -> {
          if (envelope.toStore() == late.id && envelope.message() instanceof Message.VoteRequest) {
            asked[0] = envelope;
            late.logs.stall();
          }
        });
    var unused =
        leader.regions().split(cluster.request(leader, 1), List.of(RegionFixture.bytes("m")));
    cluster.world.until(
        "the split in the log",
        Duration.ofSeconds(5),
        () -> late.logs.load(1).orElseThrow().lastIndex() >= split);
    cluster.block(late, 1);
    cluster.world.until("a candidate", Duration.ofSeconds(5), () -> asked[0] != null);
    cluster.world.run(Duration.ofMillis(5));
    long left = asked[0].groupId();

    cluster.unblock();
    cluster.world.run(Duration.ofSeconds(1));
    late.logs.goOn();
    cluster.replicasAgree(left);

    HardState kept = late.logs.load(left).orElseThrow().hardState();
    assertThat(kept.term()).isEqualTo(asked[0].message().term());
    assertThat(kept.vote()).isEqualTo(asked[0].message().from());
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
