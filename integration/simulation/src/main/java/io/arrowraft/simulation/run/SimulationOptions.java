package io.arrowraft.simulation.run;

import io.arrowraft.simulation.cluster.ClusterOptions;
import io.arrowraft.simulation.fault.FaultOptions;
import io.arrowraft.simulation.workload.Pace;
import io.arrowraft.simulation.workload.PairWorkload;
import io.arrowraft.simulation.world.SimulatedWorld;
import io.arrowraft.simulation.world.WorldOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What a run is like.
 *
 * @param safety how long faults happen, at least; it goes on until there were enough operations and
 *     faults
 * @param operationsMin operations of clients before the faults end
 * @param faultsMin faults before they end
 * @param recovery within what time a healed cluster must have ended what was under way, and again
 *     within what time new work must succeed
 * @param pace of the sessions
 * @param workloads names of those that run
 * @param pairGuard whether the pair workload keeps to its rule
 */
public record SimulationOptions(
    WorldOptions world,
    ClusterOptions cluster,
    FaultOptions faults,
    Duration safety,
    int operationsMin,
    int faultsMin,
    Duration recovery,
    Pace pace,
    PairWorkload.Guard pairGuard,
    List<String> workloads) {
  /** All there are, by name. */
  static final List<String> WORKLOADS =
      List.of(
          "timestamps",
          "bank",
          "pair",
          "set",
          "append",
          "fork",
          "monotonic",
          "swap",
          "raw",
          "registers",
          "churn",
          "table",
          "table-bank",
          "garbage",
          "schema",
          "tools",
          "split",
          "merge",
          "coprocessor",
          "probe",
          "storm",
          "desk");

  private static final int WORKLOAD_PERCENT = 36;
  private static final int WORKLOADS_MIN = 4;

  private static final Duration RECOVERY = Duration.ofSeconds(40);

  /** Of a seed's run: less would prove little. */
  public static final int OPERATIONS_MIN = 1_000;

  public static final int FAULTS_MIN = 20;

  /** A calm network and no faults. */
  public static SimulationOptions calm() {
    return new SimulationOptions(
        WorldOptions.calm(),
        ClusterOptions.defaults(),
        FaultOptions.none(),
        Duration.ofSeconds(4),
        0,
        0,
        RECOVERY,
        Pace.steady(Duration.ofMillis(50)),
        PairWorkload.Guard.LOCK,
        WORKLOADS);
  }

  /** What a seed draws. */
  public static SimulationOptions drawn(long seed) {
    RandomGenerator random = SimulatedWorld.generator(seed, "options");
    WorldOptions world = drawnWorld(random);
    ClusterOptions cluster = ClusterOptions.drawn(random);
    FaultOptions faults = FaultOptions.drawn(random);
    Duration safety = Duration.ofMillis(random.nextInt(8_000, 20_000));
    List<String> workloads = drawnWorkloads(random);
    Duration expected = faults.expected(FAULTS_MIN);
    return new SimulationOptions(
        world,
        cluster,
        faults,
        safety,
        OPERATIONS_MIN,
        FAULTS_MIN,
        RECOVERY,
        drawnPace(random, expected.compareTo(safety) > 0 ? expected : safety),
        PairWorkload.Guard.LOCK,
        workloads);
  }

  /** So many operations that those which fail do not make the run longer, and not many more. */
  private static Pace drawnPace(RandomGenerator random, Duration expected) {
    int operations = random.nextInt(1_300, 3_500);
    Duration tide = Duration.ofMillis(random.nextInt(700, 6_000));
    double tides = Math.max(1, (double) expected.toMillis() / tide.toMillis());
    return new Pace(
        Duration.ofMillis(random.nextInt(40, 400)), tide, (int) Math.ceil(operations / tides));
  }

  /** The same with another cluster. */
  public SimulationOptions withCluster(ClusterOptions other) {
    return new SimulationOptions(
        world,
        other,
        faults,
        safety,
        operationsMin,
        faultsMin,
        recovery,
        pace,
        pairGuard,
        workloads);
  }

  /** The same with a pair workload that keeps to its rule or not. */
  public SimulationOptions withPairGuard(PairWorkload.Guard guard) {
    return new SimulationOptions(
        world, cluster, faults, safety, operationsMin, faultsMin, recovery, pace, guard, workloads);
  }

  /** The same with another pause between operations, and without an ebb. */
  public SimulationOptions withPauseMax(Duration longest) {
    return new SimulationOptions(
        world,
        cluster,
        faults,
        safety,
        operationsMin,
        faultsMin,
        recovery,
        Pace.steady(longest),
        pairGuard,
        workloads);
  }

  /** The same with other faults. */
  public SimulationOptions withFaults(FaultOptions other) {
    return new SimulationOptions(
        world,
        cluster,
        other,
        safety,
        operationsMin,
        faultsMin,
        recovery,
        pace,
        pairGuard,
        workloads);
  }

  /** The same with other workloads: the fewer, the more operations each has. */
  public SimulationOptions withWorkloads(List<String> names) {
    return new SimulationOptions(
        world, cluster, faults, safety, operationsMin, faultsMin, recovery, pace, pairGuard, names);
  }

  private static List<String> drawnWorkloads(RandomGenerator random) {
    List<String> drawn = new ArrayList<>();
    while (drawn.size() < WORKLOADS_MIN) {
      drawn.clear();
      for (String workload : WORKLOADS) {
        if (random.nextInt(100) < WORKLOAD_PERCENT) {
          drawn.add(workload);
        }
      }
    }
    return drawn;
  }

  private static WorldOptions drawnWorld(RandomGenerator random) {
    boolean losesMessages = random.nextInt(100) < 50;
    boolean straysMessages = random.nextInt(100) < 60;
    return new WorldOptions(
        Duration.ofNanos(random.nextInt(5_000, 400_000)),
        Duration.ofNanos(50_000),
        Duration.ofNanos(1_000L * random.nextInt(200, 10_000)),
        losesMessages ? random.nextDouble() * 0.004 : 0,
        straysMessages ? random.nextDouble() * 0.03 : 0,
        random.nextInt(100) < 40 ? random.nextDouble() * 0.03 : 0,
        Duration.ofNanos(1_000L * (random.nextInt(100) < 50 ? 0 : random.nextInt(100, 8_000))));
  }
}
