package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.Merge;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.core.Message;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.state.RegionRecords;
import java.time.Duration;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A replica is told that a newer one has taken its place while its snapshot is on the way from Raft
 * to the engine: seed 50114. The installation went on after the tombstone, and left a replica that
 * nobody ran in the way of the newer one.
 */
class OvertakenInstallTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final TestCluster cluster =
      TestCluster.started(
          31, RegionConfig.defaults().withLog(SECOND, 10, 50, Duration.ofSeconds(5)));

  /** A task of a loop takes a microsecond: each of those that the installation is made of. */
  private static Stream<Duration> moments() {
    return IntStream.range(0, 25).mapToObj(micros -> Duration.ofNanos(micros * 1_000L));
  }

  @ParameterizedTest
  @MethodSource("moments")
  void replicaThatIsReplacedMeanwhileStaysGone(Duration moment) {
    TestCluster.Node late = cluster.followersOf(1).get(0);
    cluster.isolate(late);
    fillPastTheLog();

    replaceWhenTheSnapshotIsThere(late, moment);

    assertThat(phase(late, 1)).isEqualTo(RegionPhase.TOMBSTONE);
    assertThat(cluster.hasChunks(late)).isFalse();
  }

  @ParameterizedTest
  @MethodSource("moments")
  void replicaThatTheSnapshotCoversGoesToo(Duration moment) {
    Region left = cluster.split(1, "m").get(0);
    cluster.replicasAgree(left.getId());
    cluster.world.run(SECOND);
    TestCluster.Node late =
        cluster.nodes.values().stream()
            .filter(node -> node != cluster.leaderOf(1) && node != cluster.leaderOf(left.getId()))
            .findFirst()
            .orElseThrow();
    cluster.pd.order(
        RegionHeartbeatResponse.newBuilder()
            .setRegionId(left.getId())
            .setMerge(Merge.newBuilder().setTarget(regionOfLeader()))
            .build());
    cluster.isolate(late);
    cluster.world.until("the merge", PATIENCE, () -> regionOfLeader().getStartKey().isEmpty());
    fillPastTheLog();

    replaceWhenTheSnapshotIsThere(late, moment);

    assertThat(phase(late, 1)).isEqualTo(RegionPhase.TOMBSTONE);
    assertThat(phase(late, left.getId())).isEqualTo(RegionPhase.TOMBSTONE);
    assertThat(late.logs.load(left.getId())).isEmpty();
  }

  private Region regionOfLeader() {
    return cluster.leaderOf(1).regions().region(1).orElseThrow().region();
  }

  private void fillPastTheLog() {
    for (int i = 0; i < 120; i++) {
      cluster.mustPut(1, "z" + i, "v");
    }
    cluster.world.run(SECOND.multipliedBy(3));
  }

  private void replaceWhenTheSnapshotIsThere(TestCluster.Node late, Duration moment) {
    boolean[] replaced = new boolean[1];
    cluster.tap(
        envelope -> {
          if (envelope.toStore() == late.id
              && envelope.groupId() == 1
              && envelope.message() instanceof Message.InstallSnapshot) {
            cluster.world.after(
                moment,
                () -> {
                  late.store.receiver().receive(fromANewerReplica(late));
                  cluster.isolate(late);
                  replaced[0] = true;
                });
          }
        });
    cluster.heal();
    cluster.world.until("the snapshot", PATIENCE, () -> replaced[0]);
    cluster.world.run(SECOND.multipliedBy(2));
  }

  private static RaftEnvelope fromANewerReplica(TestCluster.Node node) {
    return new RaftEnvelope(
        1, 99, node.id, new Message.HeartbeatRequest(98, 900, 1, 0, 1), Bytes.EMPTY);
  }

  private static RegionPhase phase(TestCluster.Node node, long regionId) {
    return RegionRecords.regionState(node.engine, regionId)
        .map(RegionState::getPhase)
        .orElse(RegionPhase.UNSPECIFIED);
  }
}
