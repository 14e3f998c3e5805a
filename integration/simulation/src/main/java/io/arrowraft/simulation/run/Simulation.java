package io.arrowraft.simulation.run;

import io.arrowraft.simulation.check.Outcome;
import io.arrowraft.simulation.check.Violation;
import io.arrowraft.simulation.cluster.ClusterAudit;
import io.arrowraft.simulation.cluster.SimulatedClientMachine;
import io.arrowraft.simulation.cluster.SimulatedCluster;
import io.arrowraft.simulation.fault.FaultSchedule;
import io.arrowraft.simulation.workload.AppendWorkload;
import io.arrowraft.simulation.workload.BankWorkload;
import io.arrowraft.simulation.workload.ChurnWorkload;
import io.arrowraft.simulation.workload.CoprocessorWorkload;
import io.arrowraft.simulation.workload.CounterWorkload;
import io.arrowraft.simulation.workload.DeskWorkload;
import io.arrowraft.simulation.workload.ForkWorkload;
import io.arrowraft.simulation.workload.GarbageWorkload;
import io.arrowraft.simulation.workload.MergeWorkload;
import io.arrowraft.simulation.workload.OperationLog;
import io.arrowraft.simulation.workload.PairWorkload;
import io.arrowraft.simulation.workload.ProbeWorkload;
import io.arrowraft.simulation.workload.RawWorkload;
import io.arrowraft.simulation.workload.RegisterWorkload;
import io.arrowraft.simulation.workload.SchemaWorkload;
import io.arrowraft.simulation.workload.SetWorkload;
import io.arrowraft.simulation.workload.SplitWorkload;
import io.arrowraft.simulation.workload.StormWorkload;
import io.arrowraft.simulation.workload.SwapWorkload;
import io.arrowraft.simulation.workload.TableBankWorkload;
import io.arrowraft.simulation.workload.TableWorkload;
import io.arrowraft.simulation.workload.Tides;
import io.arrowraft.simulation.workload.TimestampWorkload;
import io.arrowraft.simulation.workload.ToolWorkload;
import io.arrowraft.simulation.workload.Workload;
import io.arrowraft.simulation.world.SimulatedWorld;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** One run. */
public final class Simulation {
  /** A calm cluster must serve its first writes within this. */
  private static final Duration START_MAX = Duration.ofSeconds(60);

  /** How much longer the faults may go on until enough has happened. */
  private static final Duration SAFETY_EXTENSION_MAX = Duration.ofMinutes(8);

  /** A run of so many times the operations that it needs has had its time. */
  private static final int PLENTY = 2;

  private static final Duration RETRY = Duration.ofMillis(200);
  private static final int ACCOUNTS = 12;
  private static final int PAIRS = 2;
  private static final int ELEMENTS_MAX = 400;
  private static final int RAW_KEYS_MAX = 400;
  private static final int REGISTERS = 6;
  private static final int SWAPPED_REGISTERS = 4;
  private static final int GROUPS_MAX = 100;
  private static final int ACCOUNTS_EACH = 4;
  private static final int SPLITS_MAX = 10;

  /** Of old versions, where garbage is collected at all. */
  private static final Duration LIFE_TIME_MIN = Duration.ofSeconds(1);

  private static final int LIFE_TIME_RANGE_MILLIS = 5_000;

  /** New operations of each workload that must succeed after the faults. */
  private static final int PROOFS_OF_LIFE = 5;

  private final long seed;
  private final SimulationOptions options;
  private final SimulatedWorld world;
  private final SimulatedCluster cluster;
  private final FaultSchedule faults;
  private final OperationLog log;
  private final List<Workload> workloads;
  private final List<Violation> violations = new ArrayList<>();
  private int regions;

  private Simulation(long seed, SimulationOptions options) {
    this.seed = seed;
    this.options = options;
    this.world = new SimulatedWorld(seed, options.world());
    this.cluster = new SimulatedCluster(world, options.cluster());
    this.faults = new FaultSchedule(cluster, options.faults(), world.newGenerator("faults"));
    this.log = new OperationLog(world::nowNanos);
    this.workloads =
        Stream.of(
                new TimestampWorkload(),
                new BankWorkload(ACCOUNTS),
                new PairWorkload(PAIRS, options.pairGuard()),
                new SetWorkload(world::nowNanos, ELEMENTS_MAX),
                new AppendWorkload(world::nowNanos, ELEMENTS_MAX),
                new ForkWorkload(GROUPS_MAX),
                new CounterWorkload(),
                new SwapWorkload(world::nowNanos, SWAPPED_REGISTERS),
                new RawWorkload(world::nowNanos, RAW_KEYS_MAX),
                new RegisterWorkload(world::nowNanos, REGISTERS),
                new ChurnWorkload(),
                new TableWorkload(world::nowNanos, ELEMENTS_MAX),
                new TableBankWorkload(ACCOUNTS_EACH),
                new GarbageWorkload(cluster.desk(), lifeTime()),
                new SchemaWorkload(options.workloads().contains("garbage")),
                new ToolWorkload(SPLITS_MAX / 2),
                new SplitWorkload(SPLITS_MAX),
                new MergeWorkload(cluster::rpc),
                new CoprocessorWorkload(cluster.readers(), ACCOUNTS),
                new ProbeWorkload(cluster::rpc),
                new StormWorkload(cluster.desk()),
                new DeskWorkload(cluster.desk()))
            .filter(workload -> options.workloads().contains(workload.name()))
            .toList();
  }

  private Duration lifeTime() {
    return LIFE_TIME_MIN.plusMillis(world.newGenerator("garbage").nextInt(LIFE_TIME_RANGE_MILLIS));
  }

  /** Runs what {@code seed} draws. */
  public static SimulationReport of(long seed) {
    return of(seed, SimulationOptions.drawn(seed));
  }

  /** Runs a seed with options that it has not drawn. */
  public static SimulationReport of(long seed, SimulationOptions options) {
    return new Simulation(seed, options).run();
  }

  private SimulationReport run() {
    if (prepare() && safetyPhase()) {
      livenessPhase();
    }
    for (Workload workload : workloads) {
      violations.addAll(workload.check());
    }
    violations.addAll(log.untyped());
    violations.addAll(cluster.replication().check());
    world.faults().forEach(fault -> violations.add(new Violation("node", fault)));
    return new SimulationReport(
        seed,
        options,
        world.trace().toString(),
        world.executed(),
        world.work(),
        world.nowNanos(),
        log.ended(),
        log.ended(Outcome.OK),
        regions,
        log.summary(),
        log.failures(),
        faults.happened(),
        violations);
  }

  private boolean prepare() {
    world.network().setDisturbed(false);
    for (Workload workload : workloads) {
      List<CompletableFuture<Void>> done =
          untilGood(() -> workload.prepare(cluster.clients().get(0).client()));
      if (!within(START_MAX, () -> isGood(done), "the start: " + workload.name())) {
        return false;
      }
    }
    world.network().setDisturbed(true);
    return true;
  }

  private boolean safetyPhase() {
    Tides tides = new Tides(options.pace(), world::nowNanos);
    for (SimulatedClientMachine client : cluster.clients()) {
      client.work(workloads, tides, log);
    }
    faults.start();
    cluster.watchRanges();
    world.runUntil(
        () -> isBroken() || (options.operationsMin() > 0 && isEnough(PLENTY)), options.safety());
    boolean enough = world.runUntil(() -> isBroken() || isEnough(1), SAFETY_EXTENSION_MAX);
    if (!enough) {
      violations.add(
          new Violation("liveness", "too little happened within " + SAFETY_EXTENSION_MAX));
    }
    return !isBroken();
  }

  private boolean isEnough(int operationsFactor) {
    return log.ended() >= options.operationsMin() * operationsFactor
        && faults.count() >= options.faultsMin();
  }

  private boolean isBroken() {
    return world.hasFaults() || cluster.replication().isBroken();
  }

  private void livenessPhase() {
    faults.stop();
    // What is under way goes on; more of it would say nothing new while disks still stall.
    cluster.clients().forEach(SimulatedClientMachine::stopWork);
    world.runUntil(this::isBroken, faults.untilStallsEnd());
    if (!within(options.recovery(), log::isIdle, "operations of before")) {
      log.running()
          .forEach(line -> violations.add(new Violation("liveness", "not ended: " + line)));
      return;
    }
    for (Workload workload : workloads) {
      for (int i = 0; i < PROOFS_OF_LIFE; i++) {
        int number = i;
        mustSucceed(
            workload.name() + " operation " + number,
            client ->
                workload.operate(
                    client.client(),
                    world.newGenerator("proof/" + workload.name() + "/" + number)));
      }
    }
    for (Workload workload : workloads) {
      mustSucceed(
          "final reading of " + workload.name(), client -> workload.readAll(client.client()));
    }
    audit();
  }

  private void audit() {
    ClusterAudit audit = cluster.audit();
    List<CompletableFuture<Void>> looks = untilGood(audit::look);
    within(options.recovery(), () -> isGood(looks) || !audit.violations().isEmpty(), "convergence");
    nameLastFailure("convergence", looks);
    violations.addAll(audit.violations());
    regions = audit.regions();
  }

  private void nameLastFailure(String what, List<CompletableFuture<Void>> attempts) {
    if (isGood(attempts)) {
      return;
    }
    for (int i = attempts.size() - 1; i >= 0; i--) {
      if (attempts.get(i).isCompletedExceptionally()) {
        String failure = attempts.get(i).handle((none, cause) -> String.valueOf(cause)).join();
        violations.add(new Violation("liveness", "last failure of " + what + ": " + failure));
        return;
      }
    }
  }

  private void mustSucceed(
      String what, Function<SimulatedClientMachine, CompletableFuture<Void>> operation) {
    for (SimulatedClientMachine client : cluster.clients()) {
      if (isBroken()) {
        return;
      }
      List<CompletableFuture<Void>> done = untilGood(() -> operation.apply(client));
      String who = what + " by " + client.node().name();
      within(options.recovery(), () -> isGood(done), who);
      nameLastFailure(who, done);
    }
  }

  /** Whether {@code condition} came true in time; if not, that is a violation of liveness. */
  private boolean within(Duration limit, BooleanSupplier condition, String what) {
    boolean inTime = world.runUntil(() -> condition.getAsBoolean() || isBroken(), limit);
    if (!inTime) {
      violations.add(new Violation("liveness", what + " did not end within " + limit));
    }
    return inTime && !isBroken();
  }

  /** Begins an operation, and begins it again each time it fails; the last attempt counts. */
  private List<CompletableFuture<Void>> untilGood(Supplier<CompletableFuture<Void>> operation) {
    List<CompletableFuture<Void>> attempts = new ArrayList<>();
    attempt(operation, attempts);
    return attempts;
  }

  private void attempt(
      Supplier<CompletableFuture<Void>> operation, List<CompletableFuture<Void>> attempts) {
    CompletableFuture<Void> running = operation.get();
    attempts.add(running);
    running.whenComplete(
        (done, failure) -> {
          if (failure != null) {
            world.at(RETRY, () -> attempt(operation, attempts));
          }
        });
  }

  private static boolean isGood(List<CompletableFuture<Void>> attempts) {
    CompletableFuture<Void> last = attempts.get(attempts.size() - 1);
    return last.isDone() && !last.isCompletedExceptionally();
  }
}
