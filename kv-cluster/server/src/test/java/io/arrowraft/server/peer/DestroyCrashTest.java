package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.eraftpb.ConfChangeType;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.server.state.RegionRecords;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The crash table of the end of a replica. */
class DestroyCrashTest {
  private static class Removal extends CrashScenario {
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
    assertThat(CrashScenario.cutAfterEachWrite(Removal::new))
        .containsExactlyInAnyOrder(
            "NORMAL, data, a log", "TOMBSTONE, no data, a log", "TOMBSTONE, no data, no log");
  }

  @Test
  void removalOfWhichThePlacementDriverTells() {
    Supplier<CrashScenario> stale =
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
    assertThat(CrashScenario.cutAfterEachWrite(stale))
        .contains("TOMBSTONE, no data, a log", "TOMBSTONE, no data, no log")
        .isSubsetOf(
            "NORMAL, data, a log", "TOMBSTONE, no data, a log", "TOMBSTONE, no data, no log");
  }

  @Test
  void removalOfAReplicaThatNeverHadData() {
    Supplier<CrashScenario> empty =
        () ->
            new SplitScenario.Overtaken() {
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
    assertThat(CrashScenario.cutAfterEachWrite(empty))
        .contains("UNSPECIFIED, a vote", "TOMBSTONE, a vote", "TOMBSTONE, no log");
  }

  @Test
  void newerReplicaOfTheSameRegionEndsTheOlderOneFirst() {
    Supplier<CrashScenario> replaced =
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
    assertThat(CrashScenario.cutAfterEachWrite(replaced))
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
