package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.pdpb.ChangePeer;
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
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * What happens to a store while its power fails, and how it ends: of the crash tables (correctness
 * rules 16 to 20) on the pages of {@code split}, {@code snapshot} and {@code apply}. Each scenario
 * is run again and again from the same seed, and the power of one store cut after its first write,
 * its second, and so on, once with everything kept that was not synced, once with nothing. What is
 * found then must be a row of the table, each row must be found, and the store must come to the
 * same end as without the cut.
 */
abstract class CrashScenario {
  static final Duration SECOND = Duration.ofSeconds(1);
  static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int WRITES_MAX = 500;

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

  /** What a power loss keeps of what was not synced. */
  static final class Keeping extends Random {
    private static final long serialVersionUID = 1L;
    private final boolean everything;

    Keeping(boolean everything) {
      this.everything = everything;
    }

    @Override
    public int nextInt(int bound) {
      return everything ? bound - 1 : 0;
    }
  }

  /** The rows that were found. */
  static Set<String> cutAfterEachWrite(Supplier<CrashScenario> scenarios) {
    Set<String> rows = new TreeSet<>();
    for (boolean keepsEverything : new boolean[] {true, false}) {
      boolean cut = true;
      for (int writes = 1; cut; writes++) {
        assertThat(writes).as("writes of one scenario").isLessThan(WRITES_MAX);
        CrashScenario scenario = scenarios.get();
        cut = runCutAfter(scenario, writes, keepsEverything, rows);
        checked(scenario, "write " + writes + ", keeping everything: " + keepsEverything);
      }
    }
    return rows;
  }

  /** Whether there were as many writes. */
  private static boolean runCutAfter(
      CrashScenario scenario, int writes, boolean keepsEverything, Set<String> rows) {
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

  static void checked(CrashScenario scenario, String when) {
    try {
      scenario.check();
    } catch (AssertionError broken) {
      throw new AssertionError("after a cut at " + when, broken);
    }
  }
}
