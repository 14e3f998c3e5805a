package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.pdpb.ChangePeer;
import io.arrowraft.proto.pdpb.Merge;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.proto.store.RegionState;
import io.arrowraft.raft.GroupLogState;
import io.arrowraft.server.apply.RegionFixture;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.IterateOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The crash tables of split, snapshot and destroy (correctness rules 16 to 20), on the pages of
 * {@code split}, {@code snapshot} and {@code apply}. Each scenario is run again and again from the
 * same seed, and the power of one store cut after its first write, its second, and so on, once with
 * everything kept that was not synced, once with nothing. What is found then must be a row of the
 * table, each row must be found, and the store must come to the same end as without the cut.
 */
class CrashTableTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int WRITES_MAX = 500;

  /** What happens, to whom, and how it ends. */
  private abstract static class Scenario {
    protected final TestCluster cluster =
        TestCluster.started(
            7, RegionConfig.defaults().withLog(SECOND, 10, 50, Duration.ofSeconds(5)));
    protected TestCluster.Node victim;

    /** The power has been cut; a log that nobody adds to is not written again after a start. */
    protected boolean restarted;

    /** Up to where writes begin to count. */
    abstract void prepare();

    abstract void begin();

    abstract boolean isOver();

    /** The row of the table that a start would find now. */
    abstract String row();

    abstract void check();

    protected Optional<RegionState> state(long regionId) {
      return RegionRecords.regionState(victim.engine, regionId);
    }

    protected RegionPhase phase(long regionId) {
      return state(regionId).map(RegionState::getPhase).orElse(RegionPhase.UNSPECIFIED);
    }

    protected Optional<GroupLogState> log(long regionId) {
      return victim.logs.load(regionId);
    }

    protected RegionView view(long regionId) {
      return cluster.leaderOf(regionId).regions().region(regionId).orElseThrow();
    }

    protected boolean isServed(long regionId) {
      return victim.regions().region(regionId).isPresent();
    }

    /** Whether the victim has all that the leader has. */
    protected boolean isCaughtUp(long regionId) {
      Optional<RegionView> mine = victim.regions().region(regionId);
      return mine.isPresent()
          && cluster.nodes.values().stream()
              .filter(TestCluster.Node::isUp)
              .map(node -> node.regions().region(regionId))
              .flatMap(Optional::stream)
              .filter(RegionView::isLeader)
              .anyMatch(
                  leader ->
                      leader.appliedIndex() == mine.get().appliedIndex()
                          && leader.region().equals(mine.get().region()));
    }

    protected void order(long regionId, ConfChangeType type, long peerId, long storeId) {
      cluster.pd.order(
          RegionHeartbeatResponse.newBuilder()
              .setRegionId(regionId)
              .setRegionEpoch(view(regionId).region().getRegionEpoch())
              .setChangePeer(
                  ChangePeer.newBuilder()
                      .setPeer(Peer.newBuilder().setId(peerId).setStoreId(storeId))
                      .setChangeType(type))
              .build());
    }

    /** Until the region's leader says that the victim has no part in it. */
    protected void removeVictimFrom(long regionId) {
      for (int attempt = 0; attempt < 30 && hasVictim(regionId); attempt++) {
        view(regionId).region().getPeersList().stream()
            .filter(peer -> peer.getStoreId() == victim.id)
            .findFirst()
            .ifPresent(peer -> order(regionId, ConfChangeType.RemoveNode, peer.getId(), victim.id));
        cluster.world.run(SECOND);
      }
      assertThat(hasVictim(regionId)).isFalse();
    }

    private boolean hasVictim(long regionId) {
      return view(regionId).region().getPeersList().stream()
          .anyMatch(peer -> peer.getStoreId() == victim.id);
    }

    protected void put(long regionId, String prefix, int count) {
      for (int i = 0; i < count; i++) {
        cluster.mustPut(regionId, prefix + i, "v");
      }
    }

    protected boolean hasData(String from, String to) {
      try (EngineIterator pairs =
          victim.engine.iterator(
              ColumnFamily.RAW,
              IterateOptions.range(RegionFixture.bytes(from), RegionFixture.bytes(to)))) {
        return pairs.seekToFirst();
      }
    }

    /** The region that a split has made, as any store knows it; 0 if none does. */
    protected long childOf(long regionId) {
      for (TestCluster.Node node : cluster.nodes.values()) {
        for (RegionState state : RegionRecords.allRegionStates(node.engine)) {
          if (state.getRegion().getId() != regionId) {
            return state.getRegion().getId();
          }
        }
      }
      return 0;
    }

    protected String logOf(long regionId) {
      Optional<GroupLogState> found = log(regionId);
      return found.isEmpty() ? "no log" : found.get().lastIndex() == 0 ? "a vote" : "a log";
    }
  }

  /** Makes scenarios, all alike. */
  private interface Scenarios {
    Scenario make();
  }

  /** What a power loss keeps of what was not synced. */
  private static final class Keeping extends Random {
    private static final long serialVersionUID = 1L;
    private final boolean everything;

    private Keeping(boolean everything) {
      this.everything = everything;
    }

    @Override
    public int nextInt(int bound) {
      return everything ? bound - 1 : 0;
    }
  }

  /** The rows that were found. */
  private static Set<String> cutAfterEachWrite(Scenarios scenarios) {
    Set<String> rows = new TreeSet<>();
    for (boolean keepsEverything : new boolean[] {true, false}) {
      boolean cut = true;
      for (int writes = 1; cut; writes++) {
        assertThat(writes).as("writes of one scenario").isLessThan(WRITES_MAX);
        Scenario scenario = scenarios.make();
        cut = runCutAfter(scenario, writes, keepsEverything, rows);
        checked(scenario, "write " + writes + ", keeping everything: " + keepsEverything);
      }
    }
    return rows;
  }

  /** Whether there were as many writes. */
  private static boolean runCutAfter(
      Scenario scenario, int writes, boolean keepsEverything, Set<String> rows) {
    TestCluster cluster = scenario.cluster;
    scenario.prepare();
    scenario.victim.power.after(writes);
    scenario.begin();
    cluster.world.until(
        "the end or the cut after write " + writes,
        PATIENCE,
        () -> scenario.victim.power.isLost() || scenario.isOver());
    if (!scenario.victim.power.isLost()) {
      scenario.victim.power.after(Long.MAX_VALUE);
      return false;
    }
    cluster.crash(scenario.victim, new Keeping(keepsEverything));
    rows.add(scenario.row());
    cluster.start(scenario.victim);
    scenario.restarted = true;
    cluster.world.until(
        "the end in spite of the cut after write " + writes + ", " + scenario.row(),
        PATIENCE,
        scenario::isOver);
    return true;
  }

  private static void checked(Scenario scenario, String when) {
    try {
      scenario.check();
    } catch (AssertionError broken) {
      throw new AssertionError("after a cut at " + when, broken);
    }
  }

  // Split.

  private static class Split extends Scenario {
    protected long child;

    @Override
    void prepare() {
      put(1, "c", 3);
      put(1, "s", 3);
      cluster.replicasAgree(1);
      victim = cluster.followersOf(1).get(0);
    }

    @Override
    void begin() {
      TestCluster.Node leader = cluster.leaderOf(1);
      var unused =
          leader.regions().split(cluster.request(leader, 1), List.of(RegionFixture.bytes("m")));
    }

    @Override
    boolean isOver() {
      child = childOf(1);
      return child != 0
          && isCaughtUp(1)
          && isCaughtUp(child)
          && (restarted || logOf(child).equals("a log"));
    }

    @Override
    String row() {
      child = childOf(1);
      String data = phase(child) == RegionPhase.NORMAL ? "both regions" : "old region only";
      return data + ", " + logOf(child);
    }

    @Override
    void check() {
      cluster.replicasAgree(1);
      cluster.replicasAgree(child);
      assertThat(cluster.get(cluster.leaderOf(child), child, "c1")).contains("v");
      assertThat(cluster.get(cluster.leaderOf(1), 1, "s1")).contains("v");
    }
  }

  @Test
  void splitOnAFollower() {
    assertThat(cutAfterEachWrite(Split::new))
        .contains("old region only, no log", "both regions, no log", "both regions, a log")
        .isSubsetOf(
            "old region only, no log",
            "old region only, a vote",
            "both regions, no log",
            "both regions, a vote",
            "both regions, a log");
  }

  @Test
  void splitOnTheLeader() {
    Scenarios led =
        () ->
            new Split() {
              private long begunNanos;

              @Override
              void prepare() {
                super.prepare();
                victim = cluster.leaderOf(1);
              }

              @Override
              void begin() {
                begunNanos = cluster.world.nanos();
                super.begin();
              }

              @Override
              boolean isOver() {
                // A proposal that nobody else had heard of is gone with its leader.
                long waited = cluster.world.nanos() - begunNanos;
                if (childOf(1) == 0 && victim.isUp() && waited > SECOND.toNanos() * 10) {
                  begin();
                }
                return super.isOver();
              }
            };
    assertThat(cutAfterEachWrite(led))
        .contains("old region only, no log", "both regions, no log", "both regions, a log");
  }

  /** The victim hears of the new region before its own log tells of the split. */
  private static class OvertakenSplit extends Split {
    @Override
    void prepare() {
      super.prepare();
      cluster.block(victim, 1);
      super.begin();
    }

    @Override
    void begin() {
      cluster.world.after(SECOND.multipliedBy(2), cluster::unblock);
    }
  }

  @Test
  void splitWhoseNewReplicaAMessageHasMadeAlready() {
    assertThat(cutAfterEachWrite(OvertakenSplit::new))
        .contains("old region only, a vote", "both regions, a vote", "both regions, a log")
        .isSubsetOf(
            "old region only, no log",
            "old region only, a vote",
            "both regions, no log",
            "both regions, a vote",
            "both regions, a log");
  }

  @Test
  void splitWhoseNewReplicaHasComeAndGone() {
    Scenarios gone =
        () ->
            new OvertakenSplit() {
              @Override
              void prepare() {
                super.prepare();
                cluster.world.until("a new region", PATIENCE, () -> childOf(1) != 0);
                child = childOf(1);
                cluster.leaderOf(child);
                removeVictimFrom(child);
                cluster.world.until(
                    "its tombstone", PATIENCE, () -> phase(child) == RegionPhase.TOMBSTONE);
              }

              @Override
              boolean isOver() {
                return isCaughtUp(1) && !hasData("a", "m") && log(child).isEmpty();
              }

              @Override
              String row() {
                return phase(child) + ", " + (hasData("a", "m") ? "data" : "no data");
              }

              @Override
              void check() {
                cluster.replicasAgree(1);
                assertThat(phase(child)).isEqualTo(RegionPhase.TOMBSTONE);
                assertThat(isServed(child)).isFalse();
                assertThat(hasData("a", "m")).isFalse();
              }
            };
    assertThat(cutAfterEachWrite(gone))
        .containsExactlyInAnyOrder("TOMBSTONE, data", "TOMBSTONE, no data");
  }

  // Snapshot.

  private static class Install extends Scenario {
    protected long before;

    @Override
    void prepare() {
      put(1, "old", 3);
      cluster.replicasAgree(1);
      victim = cluster.followersOf(1).get(0);
      cluster.isolate(victim);
      put(1, "k", 120);
      cluster.world.run(SECOND.multipliedBy(5));
      before = RegionRecords.applyState(victim.engine, 1).orElseThrow().getAppliedIndex();
    }

    @Override
    void begin() {
      cluster.heal();
    }

    @Override
    boolean isOver() {
      return isCaughtUp(1)
          && applied() > before
          && phase(1) == RegionPhase.NORMAL
          && (restarted || log(1).orElseThrow().lastIndex() >= applied());
    }

    protected long applied() {
      return RegionRecords.applyState(victim.engine, 1)
          .map(state -> state.getAppliedIndex())
          .orElse(0L);
    }

    @Override
    String row() {
      if (phase(1) == RegionPhase.APPLYING) {
        return "APPLYING";
      }
      if (applied() <= before) {
        return cluster.hasChunks(victim) ? "chunks, state unchanged" : "nothing yet";
      }
      return log(1).orElseThrow().lastIndex() < applied()
          ? "NORMAL, outside of the log"
          : "both agree";
    }

    @Override
    void check() {
      assertThat(cluster.hasChunks(victim)).isFalse();
      cluster.replicasAgree(1);
      cluster.mustPut(1, "after", "v");
      cluster.replicasAgree(1);
    }
  }

  @Test
  void snapshotInstalled() {
    assertThat(cutAfterEachWrite(Install::new))
        .containsExactlyInAnyOrder(
            "nothing yet",
            "chunks, state unchanged",
            "APPLYING",
            "NORMAL, outside of the log",
            "both agree");
  }

  /** The power fails again while the start finishes what was begun. */
  @Test
  void snapshotWhoseInstallationIsCutOffAtTheNextStartToo() {
    int again = 0;
    boolean cut = true;
    while (cut) {
      Install scenario = new Install();
      scenario.prepare();
      scenario.begin();
      scenario.cluster.world.until(
          "the installation", PATIENCE, () -> scenario.phase(1) == RegionPhase.APPLYING);
      scenario.cluster.crash(scenario.victim, new Keeping(true));
      scenario.restarted = true;

      scenario.cluster.startCutAfter(scenario.victim, ++again);
      scenario.cluster.world.until(
          "the end or the second cut",
          PATIENCE,
          () -> scenario.victim.power.isLost() || scenario.isOver());
      cut = scenario.victim.power.isLost();
      if (cut) {
        scenario.cluster.crash(scenario.victim, new Keeping(again % 2 == 0));
        assertThat(scenario.row()).isIn("APPLYING", "NORMAL, outside of the log", "both agree");
        scenario.cluster.start(scenario.victim);
      } else {
        scenario.victim.power.after(Long.MAX_VALUE);
      }
      scenario.cluster.world.until("the end", PATIENCE, scenario::isOver);
      checked(scenario, "write " + again + " of the second start");
    }
    assertThat(again).as("clearing, chunks, and what makes it last").isGreaterThan(3);
  }

  /** The snapshot covers a second replica, whose region has become part of the first one's. */
  @Test
  void snapshotThatEndsAnotherReplica() {
    Scenarios covering =
        () ->
            new Install() {
              private long left;

              @Override
              void prepare() {
                put(1, "c", 3);
                put(1, "s", 3);
                left = cluster.split(1, "m").get(0).getId();
                cluster.replicasAgree(left);
                cluster.replicasAgree(1);
                cluster.world.run(SECOND);
                victim =
                    cluster.nodes.values().stream()
                        .filter(
                            node -> node != cluster.leaderOf(1) && node != cluster.leaderOf(left))
                        .findFirst()
                        .orElseThrow();
                cluster.pd.order(
                    RegionHeartbeatResponse.newBuilder()
                        .setRegionId(left)
                        .setMerge(Merge.newBuilder().setTarget(view(1).region()))
                        .build());
                cluster.isolate(victim);
                cluster.world.until(
                    "the merge", PATIENCE, () -> view(1).region().getStartKey().isEmpty());
                put(1, "k", 120);
                cluster.world.run(SECOND.multipliedBy(5));
                before = applied();
              }

              @Override
              boolean isOver() {
                return super.isOver() && log(left).isEmpty() && !isServed(left);
              }

              @Override
              String row() {
                return super.row() + "; " + phase(left) + ", " + logOf(left);
              }

              @Override
              void check() {
                super.check();
                assertThat(phase(left)).isEqualTo(RegionPhase.TOMBSTONE);
                assertThat(cluster.get(cluster.leaderOf(1), 1, "c1")).contains("v");
              }
            };
    assertThat(cutAfterEachWrite(covering))
        .contains("chunks, state unchanged; NORMAL, a log", "APPLYING; TOMBSTONE, a log")
        .allMatch(row -> row.endsWith("; NORMAL, a log") == isBeforeApplying(row));
  }

  private static boolean isBeforeApplying(String row) {
    return row.startsWith("nothing yet") || row.startsWith("chunks");
  }

  // Destroy.

  private static class Removal extends Scenario {
    @Override
    void prepare() {
      put(1, "k", 5);
      cluster.replicasAgree(1);
      victim = cluster.followersOf(1).get(0);
      victim.engine.sync();
    }

    @Override
    void begin() {
      order(1, ConfChangeType.RemoveNode, 10 + victim.id, victim.id);
    }

    @Override
    boolean isOver() {
      return phase(1) == RegionPhase.TOMBSTONE && log(1).isEmpty() && !isServed(1);
    }

    @Override
    String row() {
      return phase(1) + ", " + (hasData("a", "z") ? "data" : "no data") + ", " + logOf(1);
    }

    @Override
    void check() {
      assertThat(hasData("a", "z")).isFalse();
      assertThat(cluster.hasChunks(victim)).isFalse();
      assertThat(RegionRecords.applyState(victim.engine, 1)).isEmpty();
      Region now = view(1).region();
      assertThat(now.getPeersList()).noneMatch(peer -> peer.getStoreId() == victim.id);
      // A newer replica is made on what is left.
      order(1, ConfChangeType.AddNode, 900, victim.id);
      cluster.world.until("a new replica", PATIENCE, () -> isCaughtUp(1));
      cluster.replicasAgree(1);
    }
  }

  @Test
  void removalThatTheReplicaAppliesItself() {
    assertThat(cutAfterEachWrite(Removal::new))
        .containsExactlyInAnyOrder(
            "NORMAL, data, a log", "TOMBSTONE, no data, a log", "TOMBSTONE, no data, no log");
  }

  @Test
  void removalOfWhichThePlacementDriverTells() {
    Scenarios stale =
        () ->
            new Removal() {
              @Override
              void prepare() {
                super.prepare();
                cluster.isolate(victim);
                removeVictimFrom(1);
              }

              @Override
              void begin() {}

              @Override
              void check() {
                cluster.heal();
                super.check();
              }
            };
    assertThat(cutAfterEachWrite(stale))
        .contains("TOMBSTONE, no data, a log", "TOMBSTONE, no data, no log")
        .isSubsetOf(
            "NORMAL, data, a log", "TOMBSTONE, no data, a log", "TOMBSTONE, no data, no log");
  }

  @Test
  void removalOfAReplicaThatNeverHadData() {
    Scenarios empty =
        () ->
            new OvertakenSplit() {
              @Override
              void begin() {
                cluster.world.until("a new region", PATIENCE, () -> childOf(1) != 0);
                child = childOf(1);
                cluster.leaderOf(child);
                removeVictimFrom(child);
              }

              @Override
              boolean isOver() {
                // What nobody asks for any more is not made again, and keeps its vote.
                boolean forgotten = restarted && phase(child) == RegionPhase.UNSPECIFIED;
                return forgotten || (phase(child) == RegionPhase.TOMBSTONE && log(child).isEmpty());
              }

              @Override
              String row() {
                return phase(child) + ", " + logOf(child);
              }

              @Override
              void check() {
                cluster.unblock();
                cluster.world.until("the rest", PATIENCE, () -> isCaughtUp(1));
                cluster.replicasAgree(1);
                // Its own log may have made it again, until the placement driver is asked.
                cluster.world.until(
                    "its end", PATIENCE, () -> phase(child) == RegionPhase.TOMBSTONE);
                assertThat(hasData("a", "m")).isFalse();
              }
            };
    assertThat(cutAfterEachWrite(empty))
        .contains("UNSPECIFIED, a vote", "TOMBSTONE, a vote", "TOMBSTONE, no log");
  }

  @Test
  void newerReplicaOfTheSameRegionEndsTheOlderOneFirst() {
    Scenarios replaced =
        () ->
            new Removal() {
              @Override
              void prepare() {
                super.prepare();
                cluster.isolate(victim);
                removeVictimFrom(1);
                order(1, ConfChangeType.AddNode, 900, victim.id);
                cluster.world.run(SECOND.multipliedBy(2));
              }

              @Override
              void begin() {
                cluster.heal();
              }

              @Override
              boolean isOver() {
                return isCaughtUp(1)
                    && state(1).map(state -> state.getPeerId() == 900).orElse(false)
                    && (restarted || logOf(1).equals("a log"));
              }

              @Override
              String row() {
                String whose =
                    state(1).map(s -> s.getPeerId() == 900).orElse(false) ? "new" : "old";
                return whose + " " + phase(1) + ", " + logOf(1);
              }

              @Override
              void check() {
                cluster.replicasAgree(1);
              }
            };
    assertThat(cutAfterEachWrite(replaced))
        .contains("old TOMBSTONE, a log", "old TOMBSTONE, no log", "new APPLYING, a vote")
        .contains("new NORMAL, a log")
        .isSubsetOf(
            "old NORMAL, a log",
            "old TOMBSTONE, a log",
            "old TOMBSTONE, no log",
            "old TOMBSTONE, a vote",
            "new APPLYING, a vote",
            "new APPLYING, no log",
            "new NORMAL, a vote",
            "new NORMAL, no log",
            "new NORMAL, a log");
  }
}
