package io.arrowraft.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.proto.store.RegionPhase;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The crash table of a split. */
class SplitCrashTest {
  @Test
  void splitOnAFollower() {
    assertThat(CrashScenario.cutAfterEachWrite(SplitScenario::new))
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
    Supplier<CrashScenario> led =
        () ->
            new SplitScenario() {
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
    assertThat(CrashScenario.cutAfterEachWrite(led))
        .contains("old region only, no log", "both regions, no log", "both regions, a log");
  }

  @Test
  void splitWhoseNewReplicaAMessageHasMadeAlready() {
    assertThat(CrashScenario.cutAfterEachWrite(SplitScenario.Overtaken::new))
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
    Supplier<CrashScenario> gone =
        () ->
            new SplitScenario.Overtaken() {
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
    assertThat(CrashScenario.cutAfterEachWrite(gone))
        .containsExactlyInAnyOrder("TOMBSTONE, data", "TOMBSTONE, no data");
  }
}
