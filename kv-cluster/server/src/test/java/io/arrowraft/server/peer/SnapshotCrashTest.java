package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.pdpb.Merge;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.proto.store.RegionPhase;
import io.arrowraft.server.state.RegionRecords;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The crash table of a snapshot. */
class SnapshotCrashTest {
  private static class Install extends CrashScenario {
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
    assertThat(CrashScenario.cutAfterEachWrite(Install::new))
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
          "the installation",
          CrashScenario.PATIENCE,
          () -> scenario.phase(1) == RegionPhase.APPLYING);
      scenario.cluster.crash(scenario.victim, new CrashScenario.Keeping(true));
      scenario.restarted = true;

      scenario.cluster.startCutAfter(scenario.victim, ++again);
      scenario.cluster.world.until(
          "the end or the second cut",
          CrashScenario.PATIENCE,
          () -> scenario.victim.power.isLost() || scenario.isOver());
      cut = scenario.victim.power.isLost();
      if (cut) {
        scenario.cluster.crash(scenario.victim, new CrashScenario.Keeping(again % 2 == 0));
        assertThat(scenario.row()).isIn("APPLYING", "NORMAL, outside of the log", "both agree");
        scenario.cluster.start(scenario.victim);
      } else {
        scenario.victim.power.after(Long.MAX_VALUE);
      }
      scenario.cluster.world.until("the end", CrashScenario.PATIENCE, scenario::isOver);
      CrashScenario.checked(scenario, "write " + again + " of the second start");
    }
    assertThat(again).as("clearing, chunks, and what makes it last").isGreaterThan(3);
  }

  /** The snapshot covers a second replica, whose region has become part of the first one's. */
  @Test
  void snapshotThatEndsAnotherReplica() {
    Supplier<CrashScenario> covering =
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
    assertThat(CrashScenario.cutAfterEachWrite(covering))
        .contains("chunks, state unchanged; NORMAL, a log", "APPLYING; TOMBSTONE, a log")
        .allMatch(row -> row.endsWith("; NORMAL, a log") == isBeforeApplying(row));
  }

  private static boolean isBeforeApplying(String row) {
    return row.startsWith("nothing yet") || row.startsWith("chunks");
  }
}
