package io.arrowraft.simulation.world;

import io.arrowraft.runtime.Invariant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** The one thread of a simulation: a heap of events and the clock that follows them. */
public final class SimulatedWorld {
  /** Wall-clock origin: an instant after every safe point that a fresh cluster could hold. */
  private static final long WALL_ORIGIN_MILLIS = 1_767_225_600_000L;

  private static final RandomGeneratorFactory<RandomGenerator> GENERATORS =
      RandomGeneratorFactory.of("L64X128MixRandom");

  /** Whether whoever reads the log may want to know when and where. */
  private static final boolean LOGGED =
      LoggerFactory.getLogger(SimulatedWorld.class).isInfoEnabled();

  private final long seed;
  private final WorldOptions options;
  private final RandomGenerator random;
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final TraceHash trace = new TraceHash();
  private final SimulatedNetwork network;
  private final List<String> faults = new ArrayList<>();
  private long nowNanos;
  private long sequence;
  private long executed;
  private long spentNanos;
  private long messages;
  private long timers;
  private long syncs;
  private SimulatedLoop currentLoop;

  public SimulatedWorld(long seed, WorldOptions options) {
    this.seed = seed;
    this.options = options;
    this.random = newGenerator("world");
    this.network = new SimulatedNetwork(this);
  }

  public long seed() {
    return seed;
  }

  public WorldOptions options() {
    return options;
  }

  public SimulatedNetwork network() {
    return network;
  }

  public TraceHash trace() {
    return trace;
  }

  /** Events run so far: messages, tasks and timers. */
  public long executed() {
    return executed;
  }

  /**
   * Work done so far: messages delivered, timers that caused more than their own next turn, and
   * syncs of disks. Tasks of loops and idle ticks are not counted.
   */
  public long work() {
    return messages + timers + syncs;
  }

  /** What nodes reported through their fault handlers, in order. */
  public List<String> faults() {
    return List.copyOf(faults);
  }

  /** Whether a node has reported something. */
  public boolean hasFaults() {
    return !faults.isEmpty();
  }

  /** The present: that of the running event, later by what it has spent. */
  public long nowNanos() {
    return nowNanos + spentNanos;
  }

  public long wallMillis() {
    return WALL_ORIGIN_MILLIS + nowNanos() / 1_000_000;
  }

  /**
   * The running task waits, for a disk: what it does from now on happens later, and its loop runs
   * nothing else meanwhile.
   */
  public void spend(long nanos) {
    spentNanos += nanos;
    if (currentLoop != null) {
      currentLoop.stallUntil(nowNanos());
    }
  }

  /**
   * Runs what a task does to others when it is due: at once, unless the task has waited. What it
   * does after that has not happened for whoever acts meanwhile, and a crash meanwhile prevents it.
   */
  void whenDue(SimulatedNode node, int life, Runnable action) {
    if (spentNanos == 0) {
      action.run();
    } else {
      schedule(nowNanos(), node, life, action);
    }
  }

  /** A disk has made something durable. */
  public void countSync() {
    syncs++;
    trace.add(syncs);
  }

  void countMessage() {
    messages++;
  }

  void countTimer(Runnable task) {
    long before = sequence;
    task.run();
    if (sequence > before + 1) {
      timers++;
    }
  }

  /** A node that is up. */
  public SimulatedNode newNode(String name) {
    return new SimulatedNode(this, name);
  }

  /** A generator whose sequence depends on the seed and on {@code name} alone. */
  public RandomGenerator newGenerator(String name) {
    return generator(seed, name);
  }

  /** A generator whose sequence depends on {@code seed} and {@code name} alone. */
  public static RandomGenerator generator(long seed, String name) {
    TraceHash mixed = new TraceHash();
    mixed.add(seed);
    mixed.add(name);
    return GENERATORS.create(mixed.value());
  }

  /** Runs the next event; {@code false} if there is none. */
  public boolean step() {
    Event event = events.poll();
    if (event == null) {
      return false;
    }
    nowNanos = event.atNanos;
    spentNanos = 0;
    if (event.isLive()) {
      if (event.owner != null && event.owner.pausedUntilNanos() > nowNanos) {
        // Polled in order and queued again in order: a pause delays and reorders nothing.
        event.postpone(event.owner.pausedUntilNanos(), sequence++);
        events.add(event);
        return true;
      }
      executed++;
      trace.add(event.atNanos);
      if (LOGGED) {
        MDC.put("at", "%.6f".formatted(nowNanos / 1e9));
        MDC.put("node", event.owner == null ? "-" : event.owner.name());
      }
      event.run();
    }
    return true;
  }

  /** Runs everything that happens within {@code duration}. */
  public void runFor(Duration duration) {
    runUntil(() -> false, duration);
    // Silence passes too.
  }

  /**
   * Runs until {@code condition} holds; {@code false} if {@code limit} of simulated time passes
   * first.
   */
  public boolean runUntil(BooleanSupplier condition, Duration limit) {
    long endNanos = nowNanos() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      Event next = events.peek();
      if (next == null || next.atNanos > endNanos) {
        nowNanos = endNanos;
        spentNanos = 0;
        return condition.getAsBoolean();
      }
      step();
    }
    return true;
  }

  /** Runs {@code action} later, for the scenario itself rather than for a node. */
  public void at(Duration delay, Runnable action) {
    schedule(nowNanos() + delay.toNanos(), null, action);
  }

  RandomGenerator random() {
    return random;
  }

  long delayBetween(Duration shortest, Duration longest) {
    long low = shortest.toNanos();
    long high = longest.toNanos();
    return high <= low ? low : random.nextLong(low, high + 1);
  }

  void reportFault(String fault) {
    trace.add(fault);
    faults.add(fault);
  }

  SimulatedLoop currentLoop() {
    return currentLoop;
  }

  void enter(SimulatedLoop loop, Runnable task) {
    SimulatedLoop outer = currentLoop;
    currentLoop = loop;
    try {
      task.run();
    } finally {
      currentLoop = outer;
    }
  }

  /**
   * @param owner the node whose crash cancels the event, or {@code null}
   */
  Event schedule(long atNanos, SimulatedNode owner, Runnable action) {
    return schedule(atNanos, owner, owner == null ? 0 : owner.life(), action);
  }

  /**
   * @param life the life of {@code owner} whose end cancels the event
   */
  Event schedule(long atNanos, SimulatedNode owner, int life, Runnable action) {
    Invariant.check(atNanos >= nowNanos, "event in the past", "at", atNanos, "now", nowNanos);
    Event event = new Event(atNanos, sequence++, owner, life, action);
    events.add(event);
    return event;
  }

  /** Something that happens at an instant, unless its owner's life has ended. */
  static final class Event implements Comparable<Event> {
    private final SimulatedNode owner;
    private final int life;
    private final Runnable action;
    private long atNanos;
    private long sequence;
    private boolean cancelled;

    private Event(long atNanos, long sequence, SimulatedNode owner, int life, Runnable action) {
      this.atNanos = atNanos;
      this.sequence = sequence;
      this.owner = owner;
      this.life = life;
      this.action = action;
    }

    void cancel() {
      cancelled = true;
    }

    private void postpone(long laterNanos, long newSequence) {
      atNanos = laterNanos;
      sequence = newSequence;
    }

    private boolean isLive() {
      return !cancelled && (owner == null || owner.isLife(life));
    }

    private void run() {
      if (owner == null) {
        action.run();
      } else {
        owner.guard(action);
      }
    }

    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
  }
}
