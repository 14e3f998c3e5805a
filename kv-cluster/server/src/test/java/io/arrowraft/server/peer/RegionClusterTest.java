package io.arrowraft.server.peer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.server.apply.RegionFixture;
import io.arrowraft.server.region.OutcomeUnknownException;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionEvent;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.storage.engine.ColumnFamily;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Requests to the regions of a cluster. */
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
        assertThat(snapshot.data().get(ColumnFamily.RAW, RegionFixture.bytes("k")))
            .asString(UTF_8)
            .isEqualTo("v" + i);
      }
    }
  }

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
