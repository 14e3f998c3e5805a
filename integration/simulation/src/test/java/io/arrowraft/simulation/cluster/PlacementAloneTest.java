package io.arrowraft.simulation.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.simulation.check.Outcome;
import io.arrowraft.simulation.fault.FaultKind;
import io.arrowraft.simulation.fault.FaultOptions;
import io.arrowraft.simulation.fault.FaultSchedule;
import io.arrowraft.simulation.workload.OperationLog;
import io.arrowraft.simulation.workload.Pace;
import io.arrowraft.simulation.workload.Tides;
import io.arrowraft.simulation.workload.TimestampWorkload;
import io.arrowraft.simulation.workload.Workload;
import io.arrowraft.simulation.world.SimulatedWorld;
import io.arrowraft.simulation.world.WorldOptions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A placement driver without stores, under everything that can happen to it. */
class PlacementAloneTest {
  private static final List<FaultKind> KINDS =
      List.of(
          FaultKind.CRASH_PLACEMENT,
          FaultKind.PAUSE_PLACEMENT,
          FaultKind.SEPARATE_PLACEMENT,
          FaultKind.SKEW_WALL,
          FaultKind.CUT_LINK);

  @Test
  void timestampsRiseThroughCrashesPausesAndClockSteps() {
    for (long seed = 1; seed <= 10; seed++) {
      SimulatedWorld world = new SimulatedWorld(seed, WorldOptions.rough());
      ClusterOptions options =
          ClusterOptions.defaults().withStores(0).withMembers(seed % 2 == 0 ? 1 : 3);
      SimulatedCluster cluster = new SimulatedCluster(world, options);
      Workload workload = new TimestampWorkload();
      OperationLog log = new OperationLog(world::nowNanos);
      Tides tides = new Tides(Pace.steady(Duration.ofMillis(20)), world::nowNanos);
      cluster.clients().forEach(client -> client.work(List.of(workload), tides, log));
      new FaultSchedule(cluster, FaultOptions.of(KINDS), world.newGenerator("faults")).start();
      world.runFor(Duration.ofSeconds(30));
      assertThat(workload.check()).as("seed " + seed).isEmpty();
      assertThat(world.faults()).as("seed " + seed).isEmpty();
      assertThat(log.untyped()).as("seed " + seed).isEmpty();
      assertThat(log.ended(Outcome.OK)).as("seed " + seed + log.summary()).isGreaterThan(200);
    }
  }
}
