package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.CommitMergeCommand;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.proto.store.SnapshotManifest;
import io.arrowraft.raft.RaftEnvelope;
import io.arrowraft.raft.core.Message;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.server.apply.MergeSource;
import io.arrowraft.server.apply.RegionFixture;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.snapshot.FrozenRegion;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.memory.MemoryEngine;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Moments at which a replica, a range or a lease is not what it seems. */
class RegionHazardTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private static List<byte[]> keys(String key) {
    return List.of(key.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void leaderServesNothingUnderItsLeaseWhileASplitIsUnderWay() {
    TestCluster cluster = TestCluster.started(7, RegionConfig.defaults());
    cluster.mustPut(1, "a", "1");
    cluster.world.run(SECOND);
    TestCluster.Node leader = cluster.leaderOf(1);
    // Proposed, but not committed, and the lease has most of its time left.
    cluster.followersOf(1).forEach(cluster::isolate);
    leader.regions().split(cluster.request(leader, 1), keys("m"));
    cluster.world.run(Duration.ofMillis(100));

    CompletableFuture<RegionSnapshot> meanwhile =
        leader.regions().snapshot(cluster.request(leader, 1)).toCompletableFuture();
    assertThat(meanwhile).isNotCompleted();

    cluster.heal();
    cluster.world.until("the split", SECOND.multipliedBy(30), () -> cluster.regionOf("a") != 1);
    cluster.world.run(SECOND.multipliedBy(2));
    TestCluster.Node now = cluster.leaderOf(1);
    CompletableFuture<RegionSnapshot> after =
        now.regions().snapshot(cluster.request(now, 1)).toCompletableFuture();
    assertThat(after).isCompleted();
    after.join().close();
  }

  @Test
  void leadersLeaveBeforeTheirStoreStopsAndNobodyWaitsForAnElection() {
    TestCluster cluster = TestCluster.started(10, RegionConfig.defaults());
    cluster.mustPut(1, "a", "1");
    long left = cluster.split(1, "m").get(0).getId();
    cluster.world.run(SECOND);
    TestCluster.Node leaving = cluster.leaderOf(1);
    assertThat(cluster.leaderOf(left)).isSameAs(leaving);
    long began = cluster.world.nanos();

    cluster.world.await(leaving.store.leave(SECOND.multipliedBy(5)));
    cluster.world.await(leaving.store.stop());
    leaving.life.end();

    assertThat(cluster.leaderOf(1)).isNotSameAs(leaving);
    assertThat(cluster.leaderOf(left)).isNotSameAs(leaving);
    cluster.mustPut(1, "z", "2");
    assertThat(cluster.get(cluster.leaderOf(left), left, "a")).contains("1");
    assertThat(Duration.ofNanos(cluster.world.nanos() - began)).isLessThan(Duration.ofMillis(800));
  }

  @Test
  void storeThatNobodyCanReplaceLeavesWithoutWaiting() {
    TestCluster cluster = TestCluster.started(11, RegionConfig.defaults());
    TestCluster.Node leaving = cluster.leaderOf(1);
    cluster.followersOf(1).forEach(cluster::isolate);
    long began = cluster.world.nanos();
    cluster.world.await(leaving.store.leave(SECOND));
    assertThat(Duration.ofNanos(cluster.world.nanos() - began)).isLessThan(SECOND.multipliedBy(2));
  }

  @Test
  void storeMakesNoReplicaForAMessageBeforeItsOwnAreRecovered() {
    TestCluster cluster = TestCluster.started(8, RegionConfig.defaults());
    TestCluster.Node node = cluster.nodes.get(2L);
    cluster.crash(node);
    cluster.open(node);

    node.store.receiver().receive(heartbeat(77, 99));
    cluster.world.run(SECOND);
    assertThat(node.logs.load(77)).isEmpty();

    cluster.world.await(node.store.start());
    node.store.receiver().receive(heartbeat(77, 99));
    cluster.world.run(SECOND);
    assertThat(node.logs.load(77)).isPresent();
  }

  private static RaftEnvelope heartbeat(long regionId, long peerId) {
    return new RaftEnvelope(
        regionId, 1, 2, new Message.HeartbeatRequest(98, peerId, 9, 0, 1), Bytes.EMPTY);
  }

  @Test
  void streamForADestroyedReplicaLeavesTheChunksOfItsSuccessorAlone() {
    MemoryEngine source = new MemoryEngine();
    RegionFixture.create(source, RegionFixture.region(1, "", ""), 11);
    WriteBatch data = new WriteBatch();
    data.put(ColumnFamily.RAW, keys("a").get(0), keys("1").get(0));
    source.write(data, true);
    TestWorld world = new TestWorld(9);
    var environment = world.environment(new TestWorld.Life());
    var loop = environment.loops().newLoop("apply");
    MemoryEngine engine = new MemoryEngine();
    Reservations events = new Reservations();
    boolean[] destroyed = new boolean[1];
    SnapshotBudget budget = new SnapshotBudget(SnapshotLimits.defaults(), environment.time());
    List<Object> staged = new ArrayList<>();
    CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
    try (FrozenRegion frozen = FrozenRegion.open(source, 1, 5, 1 << 20).orElseThrow()) {
      SnapshotManifest manifest = frozen.manifest();
      IncomingSnapshot old =
          new IncomingSnapshot(
              engine, events, loop, manifest, budget, () -> destroyed[0], content -> done);
      IncomingSnapshot successor =
          new IncomingSnapshot(
              engine,
              events,
              loop,
              manifest,
              budget,
              () -> false,
              content -> {
                staged.add(content);
                return done;
              });
      OutgoingSnapshot pieces =
          new OutgoingSnapshot(
              frozen, environment.loops().newPool("w", 1, 8), loop, budget, unreadable -> {});
      byte[] first = world.await(pieces.next()).orElseThrow();
      world.await(old.write(first));
      destroyed[0] = true;
      events.released = 0;
      world.await(successor.write(first));
      old.abort();
      world.run(SECOND);

      CompletableFuture<Void> late = old.write(first).toCompletableFuture();
      world.run(SECOND);
      assertThat(late).isCompletedExceptionally();
      Optional<byte[]> piece = world.await(pieces.next());
      while (piece.isPresent()) {
        world.await(successor.write(piece.get()));
        piece = world.await(pieces.next());
      }
      world.await(successor.finish());
      assertThat(staged).hasSize(1);
      assertThat(io.arrowraft.server.state.RegionRecords.regionsWithChunks(engine))
          .containsExactly(1L);
      assertThat(events.released).isZero();
    }
  }

  /** Grants every reservation. */
  private static final class Reservations implements PeerEvents {
    private int released;

    @Override
    public CompletableFuture<Boolean> reserve(SnapshotManifest incoming) {
      return CompletableFuture.completedFuture(true);
    }

    @Override
    public CompletableFuture<List<RegionState>> clear(SnapshotManifest incoming) {
      return CompletableFuture.completedFuture(List.of());
    }

    @Override
    public CompletableFuture<MergeSource> sourceWanted(
        RegionPeer target, CommitMergeCommand merge) {
      return new CompletableFuture<>();
    }

    @Override
    public void absorbed(Region region, List<RegionState> sources) {}

    @Override
    public void cleared(SnapshotManifest incoming, List<RegionState> covered) {}

    @Override
    public void sourceObsolete(RegionState source) {}

    @Override
    public CompletableFuture<Void> childrenExpected(List<Long> regionIds) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void childrenDone(List<Long> regionIds) {}

    @Override
    public void release(long regionId) {
      released++;
    }

    @Override
    public CompletableFuture<Void> replicasCreated(
        List<io.arrowraft.server.apply.ApplyResult.NewReplica> replicas, boolean campaign) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void regionChanged(Region region) {}

    @Override
    public void closing(RegionPeer peer) {}

    @Override
    public void destroyed(RegionPeer peer) {}

    @Override
    public void newerReplica(RaftEnvelope envelope) {}

    @Override
    public void reportNow(RegionPeer peer) {}
  }
}
