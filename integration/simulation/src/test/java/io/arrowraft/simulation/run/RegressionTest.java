package io.arrowraft.simulation.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.simulation.cluster.ClientKinds;
import io.arrowraft.simulation.cluster.ClusterOptions;
import io.arrowraft.simulation.cluster.StoreTuning;
import io.arrowraft.simulation.fault.FaultKind;
import io.arrowraft.simulation.fault.FaultOptions;
import io.arrowraft.simulation.workload.Pace;
import io.arrowraft.simulation.workload.PairWorkload;
import io.arrowraft.simulation.world.WorldOptions;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Runs that once found something, with the options that their seeds drew. */
class RegressionTest {

  /**
   * The message that announces a snapshot overtook its content, was dropped, and what had been
   * staged kept the region's range reserved against every later snapshot for half a minute.
   */
  @Test
  void aSnapshotWhoseMessageIsLostDoesNotBlockTheNextOne() {
    assertGood(
        148,
        new SimulationOptions(
            new WorldOptions(
                Duration.ofNanos(262_654),
                Duration.ofNanos(50_000),
                Duration.ofNanos(696_000),
                0.003085216559994822,
                0.013658811262627836,
                0,
                Duration.ZERO),
            new ClusterOptions(
                1,
                3,
                new StoreTuning(57_994, ms(3_666), 21, 131, ms(699), ms(6_046)),
                4,
                ms(2_575),
                ms(13_800),
                ms(2_286),
                ClientKinds.alike(false),
                UnaryOperator.identity()),
            new FaultOptions(
                List.of(
                    FaultKind.CRASH_STORE,
                    FaultKind.KILL_STORE,
                    FaultKind.PAUSE_STORE,
                    FaultKind.CUT_LINK),
                ms(3_284),
                ms(4_584),
                ms(5_315),
                ms(5_218)),
            ms(17_027),
            0,
            0,
            ms(20_000),
            Pace.steady(ms(48)),
            PairWorkload.Guard.LOCK,
            List.of("timestamps", "bank", "pair", "set", "raw", "split")));
  }

  /**
   * A store that had not recovered its replicas yet let a message create one, installed a snapshot
   * into it, and then recovered it a second time.
   */
  @Test
  void aReplicaThatArrivesDuringRecoveryStartsOnce() {
    assertGood(
        280,
        new SimulationOptions(
            new WorldOptions(
                Duration.ofNanos(186_288),
                Duration.ofNanos(50_000),
                ofMicros(6_753),
                0,
                0,
                0,
                Duration.ZERO),
            new ClusterOptions(
                1,
                4,
                new StoreTuning(62_576, ms(644), 51, 472, ms(613), ms(6_732)),
                4,
                ms(2_989),
                ms(8_758),
                ms(2_012),
                ClientKinds.alike(false),
                UnaryOperator.identity()),
            new FaultOptions(
                List.of(
                    FaultKind.KILL_STORE,
                    FaultKind.CRASH_ALL_STORES,
                    FaultKind.CRASH_CLIENT,
                    FaultKind.PAUSE_STORE,
                    FaultKind.STALL_WORKER,
                    FaultKind.ISOLATE_STORE,
                    FaultKind.ISOLATE_PLACEMENT),
                ms(5_375),
                ms(2_502),
                ms(3_175),
                ms(3_962)),
            ms(16_070),
            0,
            0,
            ms(40_000),
            Pace.steady(ms(246)),
            PairWorkload.Guard.LOCK,
            List.of("timestamps", "bank", "pair", "set", "raw", "split")));
  }

  /**
   * A store let a request wait for a pessimistic lock as long as the request had time. The answer
   * that named the lock came too late every time, so nobody found out that its owner was dead.
   */
  @Test
  void aLockOfADeadTransactionIsNamedToItsWaitersInTime() {
    assertGood(
        14,
        new SimulationOptions(
            new WorldOptions(
                Duration.ofNanos(250_090),
                Duration.ofNanos(50_000),
                ofMicros(5_203),
                0,
                0.019221934516320982,
                0.015707012409913103,
                Duration.ZERO),
            new ClusterOptions(
                3,
                3,
                new StoreTuning(21_038, ms(631), 16, 444, ms(777), ms(7_496)),
                3,
                ms(994),
                ms(8_906),
                ms(2_390),
                ClientKinds.alike(false),
                UnaryOperator.identity()),
            new FaultOptions(
                List.of(
                    FaultKind.CRASH_ALL_STORES,
                    FaultKind.CRASH_CLIENT,
                    FaultKind.STALL_WORKER,
                    FaultKind.FILL_DISKS,
                    FaultKind.ISOLATE_PLACEMENT,
                    FaultKind.DRIFT_CLOCK),
                ms(685),
                ms(1_749),
                ms(3_304),
                ms(1_397)),
            ms(16_612),
            0,
            0,
            ms(40_000),
            Pace.steady(ms(124)),
            PairWorkload.Guard.LOCK,
            List.of("bank", "set", "append", "churn", "table", "split")));
  }

  /**
   * A transaction read a key under a lock that it lost to a cut link, and locked the key again
   * before it wrote: nobody noticed that another transaction had changed the key in between.
   */
  @Test
  void aLockThatIsLostIsNotTakenAgainUnnoticed() {
    for (long seed : new long[] {11, 19}) {
      assertGood(
          seed,
          new SimulationOptions(
              new WorldOptions(
                  Duration.ofNanos(128_810),
                  Duration.ofNanos(50_000),
                  ofMicros(7_323),
                  1.818587667276108E-4,
                  0,
                  0.0013850759190888893,
                  ofMicros(2_234)),
              new ClusterOptions(
                  1,
                  3,
                  StoreTuning.defaults(),
                  4,
                  ms(600),
                  ms(9_000),
                  ms(250),
                  ClientKinds.alike(false),
                  UnaryOperator.identity()),
              new FaultOptions(
                  List.of(FaultKind.CUT_LINK, FaultKind.SEPARATE_STORE, FaultKind.ISOLATE_STORE),
                  ms(900),
                  ms(1_000),
                  ms(2_500),
                  ms(2_500)),
              ms(20_000),
              0,
              0,
              ms(40_000),
              Pace.steady(ms(80)),
              PairWorkload.Guard.LOCK,
              List.of("append")));
    }
  }

  /**
   * The answer to a prewrite that committed in one phase was lost. Its region was then asked for
   * and not found in time, and the client took the transaction for one that had not committed.
   */
  @Test
  void aLostAnswerIsRememberedWhileItsRegionIsLookedFor() {
    assertGood(
        1_200,
        new SimulationOptions(
            new WorldOptions(
                Duration.ofNanos(283_246),
                Duration.ofNanos(50_000),
                ofMicros(2_312),
                0.003223521688793441,
                5.28553798276552E-4,
                0.016625790800648344,
                ofMicros(7_973)),
            new ClusterOptions(
                1,
                3,
                new StoreTuning(36_903, ms(3_761), 58, 336, ms(356), Duration.ofMinutes(30)),
                3,
                ms(401),
                ms(11_047),
                ms(2_973),
                ClientKinds.alike(true),
                UnaryOperator.identity()),
            new FaultOptions(
                List.of(
                    FaultKind.STALL_DISK,
                    FaultKind.DRIFT_CLOCK,
                    FaultKind.FILL_DISKS,
                    FaultKind.SEPARATE_PLACEMENT),
                ms(451),
                ms(2_807),
                ms(1_565),
                ms(569)),
            ms(16_585),
            SimulationOptions.OPERATIONS_MIN,
            SimulationOptions.FAULTS_MIN,
            ms(40_000),
            new Pace(ms(85), ms(2_325), 226),
            PairWorkload.Guard.LOCK,
            List.of("bank", "pair", "set", "append", "tools", "merge")));
  }

  private static void assertGood(long seed, SimulationOptions options) {
    SimulationReport report = Simulation.of(seed, options);
    assertThat(report.violations()).as(report.details()).isEmpty();
  }

  private static Duration ms(long millis) {
    return Duration.ofMillis(millis);
  }

  private static Duration ofMicros(long micros) {
    return Duration.ofNanos(micros * 1_000);
  }
}
