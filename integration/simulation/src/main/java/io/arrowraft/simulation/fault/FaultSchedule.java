package io.arrowraft.simulation.fault;

import io.arrowraft.simulation.cluster.Disks;
import io.arrowraft.simulation.cluster.SimulatedCluster;
import io.arrowraft.simulation.cluster.SimulatedMachine;
import io.arrowraft.simulation.world.SimulatedNetwork;
import io.arrowraft.simulation.world.SimulatedWorld;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Lets one fault after another happen to a cluster. */
public final class FaultSchedule {
  /** Two clocks may differ by twice this; leases allow for a fifth. */
  private static final double DRIFT_MAX = 0.03;

  private static final int WALL_SKEW_MAX_MILLIS = 3_000;
  private static final int STROBES_MAX = 12;
  private static final Duration STROBE_MAX = Duration.ofMillis(200);
  private static final Duration STALL_MIN = Duration.ofSeconds(1);
  private static final Duration STALL_MAX = Duration.ofSeconds(60);

  /** Writes are slowed down from the half on, and refused shortly before. */
  private static final int LEVEL0_FILES_MAX = 40;

  private static final int FULL_BUFFERS_MAX = 6;

  /** Stalls are mostly short: a long one leaves the machine out of everything else. */
  private static final int LONG_STALL_PERCENT = 8;

  /** Faults become rarer by as much again in each such time, so that something can happen. */
  private static final Duration WEARY_AFTER = Duration.ofSeconds(20);

  private final SimulatedCluster cluster;
  private final SimulatedWorld world;
  private final FaultOptions options;
  private final RandomGenerator random;
  private final List<String> happened = new ArrayList<>();
  private boolean stopped;
  private long startedNanos;
  private long stallsEndNanos;

  public FaultSchedule(SimulatedCluster cluster, FaultOptions options, RandomGenerator random) {
    this.cluster = cluster;
    this.world = cluster.world();
    this.options = options;
    this.random = random;
  }

  public void start() {
    startedNanos = world.nowNanos();
    if (!options.kinds().isEmpty()) {
      later(options.intervalMax(), this::next);
    }
  }

  /** Ends every fault: starts what is down, mends links and clocks. */
  public void stop() {
    stopped = true;
    world.network().heal();
    world.network().setDisturbed(false);
    for (SimulatedMachine machine : cluster.machines()) {
      machine.node().skewWall(Duration.ZERO);
      machine.node().setClockRate(1.0);
      machine.disks().ifPresent(Disks::repair);
      startAgain(machine);
    }
  }

  /** When the last stall of a disk is over, which nothing can shorten. */
  public Duration untilStallsEnd() {
    return Duration.ofNanos(Math.max(0, stallsEndNanos - world.nowNanos()));
  }

  /** What happened, in order. */
  public List<String> happened() {
    return List.copyOf(happened);
  }

  /** How many faults have happened. */
  public int count() {
    return happened.size();
  }

  private void next() {
    if (!stopped) {
      begin(options.kinds().get(random.nextInt(options.kinds().size())));
      long weariness = (world.nowNanos() - startedNanos) / WEARY_AFTER.toNanos();
      later(options.intervalMax().multipliedBy(1 + weariness), this::next);
    }
  }

  private void begin(FaultKind kind) {
    happened.add("%s at %.3f s".formatted(kind, world.nowNanos() / 1e9));
    int number = happened.size() - 1;
    switch (kind) {
      case CRASH_STORE -> crash(cluster.stores().get(any(cluster.stores())), true);
      case KILL_STORE -> crash(cluster.stores().get(any(cluster.stores())), false);
      case CRASH_ALL_STORES -> cluster.stores().forEach(store -> crash(store, true));
      case CRASH_EVERYTHING -> durable().forEach(machine -> crash(machine, true));
      case CRASH_PLACEMENT -> crash(anyMember(), true);
      case CRASH_CLIENT -> crash(cluster.clients().get(any(cluster.clients())), true);
      case RESTART_STORE -> restart(cluster.stores().get(any(cluster.stores())));
      case RESTART_PLACEMENT -> restart(anyMember());
      case PAUSE_STORE -> pause(cluster.stores().get(any(cluster.stores())));
      case PAUSE_CLIENT -> pause(cluster.clients().get(any(cluster.clients())));
      case PAUSE_PLACEMENT -> pause(anyMember());
      case STALL_WORKER -> anyDurable().node().stallOne(random, upTo(options.pauseMax()));
      case STALL_DISK -> stallDisk();
      case FAIL_SYNCS -> {
        boolean ofLog = random.nextBoolean();
        breakDisks(disks -> disks.failSyncs(ofLog));
      }
      case FILL_DISKS -> breakDisks(Disks::fill);
      case PRESS_ENGINE -> {
        int files = random.nextInt(LEVEL0_FILES_MAX);
        int buffers = random.nextInt(FULL_BUFFERS_MAX);
        breakDisks(disks -> disks.press(files, buffers));
      }
      case TURN_BITS -> {
        String what = cluster.turnABit(random).orElse("nowhere");
        happened.set(number, happened.get(number) + " (" + what + ")");
      }
      case CUT_LINK -> {
        List<SimulatedMachine> all = cluster.machines();
        int from = any(all);
        cut(all.get(from), all.get((from + 1 + random.nextInt(all.size() - 1)) % all.size()));
        healLater();
      }
      case SEPARATE_STORE ->
          separate(cluster.stores().get(any(cluster.stores())), cluster.stores());
      case SEPARATE_PLACEMENT -> separate(anyMember(), cluster.placement());
      case ISOLATE_STORE -> isolate(cluster.stores().get(any(cluster.stores())));
      case ISOLATE_PLACEMENT -> {
        cluster
            .placement()
            .forEach(member -> cluster.stores().forEach(store -> cutBothWays(store, member)));
        healLater();
      }
      case HALVE -> halve();
      case RING -> ring();
      case ONE_WAY -> oneWay(cluster.stores().get(any(cluster.stores())), random.nextBoolean());
      case SKEW_WALL -> anyClock().node().skewWall(anySkew());
      case STROBE_WALL -> strobe(anyClock(), 1 + random.nextInt(STROBES_MAX));
      case DRIFT_CLOCK -> {
        double drift = (2 * random.nextDouble() - 1) * DRIFT_MAX;
        cluster.stores().get(any(cluster.stores())).node().setClockRate(1 + drift);
      }
    }
  }

  private List<SimulatedMachine> durable() {
    return cluster.machines().stream().filter(each -> each.disks().isPresent()).toList();
  }

  private SimulatedMachine anyMember() {
    return cluster.placement().get(any(cluster.placement()));
  }

  private void separate(SimulatedMachine separated, List<SimulatedMachine> others) {
    others.stream()
        .filter(other -> other != separated)
        .forEach(other -> cutBothWays(separated, other));
    healLater();
  }

  private SimulatedMachine anyDurable() {
    List<SimulatedMachine> durable = durable();
    return durable.get(any(durable));
  }

  private void stallDisk() {
    Duration most =
        random.nextInt(100) < LONG_STALL_PERCENT ? STALL_MAX : STALL_MIN.multipliedBy(5);
    Duration stall = STALL_MIN.plus(upTo(most.minus(STALL_MIN)));
    boolean ofLog = random.nextBoolean();
    anyDurable().disks().ifPresent(disks -> disks.stall(ofLog, stall));
    stallsEndNanos = Math.max(stallsEndNanos, world.nowNanos() + stall.toNanos());
  }

  private void breakDisks(Consumer<Disks> fault) {
    anyDurable()
        .disks()
        .ifPresent(
            disks -> {
              fault.accept(disks);
              later(options.downMax(), disks::repair);
            });
  }

  private void halve() {
    List<SimulatedMachine> one = new ArrayList<>();
    List<SimulatedMachine> other = new ArrayList<>();
    durable().forEach(machine -> (random.nextBoolean() ? one : other).add(machine));
    one.forEach(here -> other.forEach(there -> cutBothWays(here, there)));
    healLater();
  }

  private void ring() {
    List<SimulatedMachine> stores = cluster.stores();
    for (int i = 0; i < stores.size(); i++) {
      for (int j = i + 2; j < stores.size(); j++) {
        if (i + stores.size() - j > 1) {
          cutBothWays(stores.get(i), stores.get(j));
        }
      }
    }
    healLater();
  }

  private void oneWay(SimulatedMachine machine, boolean deaf) {
    for (SimulatedMachine other : durable()) {
      if (other != machine) {
        cut(deaf ? other : machine, deaf ? machine : other);
      }
    }
    healLater();
  }

  /** Often that of the placement driver, where it matters most. */
  private SimulatedMachine anyClock() {
    List<SimulatedMachine> all = cluster.machines();
    return random.nextBoolean() ? anyMember() : all.get(any(all));
  }

  private Duration anySkew() {
    return Duration.ofMillis(random.nextInt(-WALL_SKEW_MAX_MILLIS, WALL_SKEW_MAX_MILLIS + 1));
  }

  private void strobe(SimulatedMachine machine, int times) {
    if (!stopped) {
      machine.node().skewWall(times == 0 ? Duration.ZERO : anySkew());
      if (times > 0) {
        later(STROBE_MAX, () -> strobe(machine, times - 1));
      }
    }
  }

  private void crash(SimulatedMachine machine, boolean losesPower) {
    if (machine.node().isUp()) {
      machine.crash(losesPower);
      later(options.downMax(), () -> startAgain(machine));
    }
  }

  private static void startAgain(SimulatedMachine machine) {
    if (!machine.node().isUp()) {
      machine.start();
    }
  }

  private static void restart(SimulatedMachine machine) {
    if (machine.node().isUp()) {
      machine.restartInOrder();
    }
  }

  private void pause(SimulatedMachine machine) {
    if (machine.node().isUp()) {
      machine.node().pause(upTo(options.pauseMax()));
    }
  }

  private void isolate(SimulatedMachine machine) {
    for (SimulatedMachine other : cluster.machines()) {
      if (other != machine) {
        cutBothWays(machine, other);
      }
    }
    healLater();
  }

  private void cutBothWays(SimulatedMachine one, SimulatedMachine other) {
    cut(one, other);
    cut(other, one);
  }

  private void cut(SimulatedMachine from, SimulatedMachine to) {
    world.network().cut(from.node(), to.node());
  }

  /** One mend for all cuts: overlapping ones end together. */
  private void healLater() {
    SimulatedNetwork network = world.network();
    later(options.cutMax(), network::heal);
  }

  private int any(List<?> list) {
    return random.nextInt(list.size());
  }

  private Duration upTo(Duration most) {
    return Duration.ofNanos(1 + random.nextLong(most.toNanos()));
  }

  private void later(Duration most, Runnable action) {
    world.at(upTo(most), action);
  }
}
