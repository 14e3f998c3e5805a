package io.arrowraft.server.flow;

import io.arrowraft.runtime.TimeSource;
import io.arrowraft.storage.engine.EnginePressure;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Decides which writes a store takes on. Safe for use by any thread. */
public final class FlowController {
  private static final double SECOND_NANOS = 1e9;

  /** Weight of the newest interval in what the store is believed to carry out. */
  private static final double NEWEST_WEIGHT = 0.3;

  /** Writes are slowed down from here on. */
  private static final double LOG_STRAIN_SOFT = 0.6;

  private static final Duration BACKOFF_MIN = Duration.ofMillis(20);
  private static final Duration BACKOFF_MAX = Duration.ofSeconds(2);

  private final TimeSource time;
  private final LongAdder admittedBytes = new LongAdder();
  private final LongAdder finishedWrites = new LongAdder();

  /** The shortest time that a write took since the last look, or was waited for in vain. */
  private final AtomicLong shortestNanos = new AtomicLong(Long.MAX_VALUE);

  private final Counter delayed;
  private final Counter refused;

  private volatile FlowLimits limits;
  private volatile boolean importing;
  private volatile double severity;
  private volatile String cause = "";
  private volatile String noSpace = "";
  private volatile long queuedMax = Long.MAX_VALUE;

  // What follows is guarded by the monitor.
  private long observedNanos;
  private long observedBytes;
  private long observedWrites;
  private double bytesPerSecond;
  private double writesPerSecond;
  private double allowedPerSecond;

  /** When all that was let in so far is paid for, at the allowed rate. */
  private long paidUntilNanos;

  public FlowController(FlowLimits limits, TimeSource time, MeterRegistry meters) {
    this.limits = Objects.requireNonNull(limits, "limits");
    this.time = time;
    this.observedNanos = time.nanos();
    this.delayed =
        Counter.builder("arrowraft_server_flow_delayed_writes_total")
            .description("Writes that waited because the engine is behind")
            .register(meters);
    this.refused =
        Counter.builder("arrowraft_server_flow_refused_writes_total")
            .description("Writes refused because the engine is behind, or the disk nearly full")
            .register(meters);
    Gauge.builder("arrowraft_server_flow_severity_ratio", this, FlowController::severity)
        .description("How near the engine is to its brakes: 0 far away, 1 new writes are refused")
        .register(meters);
    Gauge.builder("arrowraft_server_flow_queue_limit_commands", this, FlowController::queueLimit)
        .description("Writes that may wait while there is a standing queue; 0: there is none")
        .register(meters);
  }

  /** Changes the bounds of a running store. */
  public void use(FlowLimits changed) {
    limits = Objects.requireNonNull(changed, "changed");
  }

  public FlowLimits limits() {
    return limits;
  }

  /**
   * Whether the engine may fall behind in sorting what it has: only its own brakes, its log and the
   * disk then hold writes up.
   */
  public void importing(boolean on) {
    importing = on;
  }

  /** 0: the engine keeps up; 1 and more: new writes are refused. */
  public double severity() {
    return severity;
  }

  /** How many writes may wait at the moment, while there is a standing queue. */
  public long queuedMax() {
    return queuedMax;
  }

  private double queueLimit() {
    long limit = queuedMax;
    return limit == Long.MAX_VALUE ? 0 : limit;
  }

  /** Why no new data is taken for want of space; empty if it is. */
  public String noSpace() {
    return noSpace;
  }

  /**
   * Asks for a write.
   *
   * @param bytes that it brings
   * @param addsData false for what frees space or finishes what was begun
   * @param queued writes that wait or run already
   */
  public Admission admit(long bytes, boolean addsData, long queued) {
    if (queued > queuedMax) {
      refused.increment();
      return new Admission.Busy(
          "more writes wait than are done within " + limits.queueDelayMax().toMillis() + " ms",
          bounded(limits.queueDelayMax().dividedBy(2)));
    }
    if (!addsData) {
      return Admission.NOW;
    }
    String full = noSpace;
    if (!full.isEmpty()) {
      refused.increment();
      return new Admission.NoSpace(full);
    }
    admittedBytes.add(bytes);
    double now = severity;
    if (now == 0) {
      return Admission.NOW;
    }
    if (now >= 1) {
      refused.increment();
      return new Admission.Busy("the engine is behind: " + cause, BACKOFF_MAX);
    }
    return paced(bytes);
  }

  private synchronized Admission paced(long bytes) {
    long now = time.nanos();
    long turn = Math.max(now, paidUntilNanos);
    Duration delay = Duration.ofNanos(turn - now);
    if (delay.compareTo(limits.delayMax()) > 0) {
      refused.increment();
      return new Admission.Busy("the engine is behind: " + cause, bounded(delay));
    }
    paidUntilNanos = turn + (long) (bytes / allowedPerSecond * SECOND_NANOS);
    if (delay.isZero()) {
      return Admission.NOW;
    }
    delayed.increment();
    return new Admission.Later(delay);
  }

  private static Duration bounded(Duration backoff) {
    if (backoff.compareTo(BACKOFF_MIN) < 0) {
      return BACKOFF_MIN;
    }
    return backoff.compareTo(BACKOFF_MAX) > 0 ? BACKOFF_MAX : backoff;
  }

  /** A write that was let in has been carried out, so long after it came. */
  public void finished(long latencyNanos) {
    finishedWrites.increment();
    took(latencyNanos);
  }

  /**
   * The caller of a write that was let in no longer waits for it, so long after it came. Where
   * every write is late none is finished, and those that nobody waits for hold up the next ones.
   */
  public void late(long waitedNanos) {
    if (waitedNanos >= limits.queueDelayMax().toNanos()) {
      took(waitedNanos);
    }
  }

  private void took(long latencyNanos) {
    if (latencyNanos < shortestNanos.get()) {
      shortestNanos.accumulateAndGet(latencyNanos, Math::min);
    }
  }

  /**
   * Tells what the engines look like; at about the probe interval.
   *
   * @param logStrain of the Raft log: 1 is where its engine makes writers wait
   */
  public synchronized void observe(EnginePressure pressure, double logStrain) {
    long now = time.nanos();
    double seconds = (now - observedNanos) / SECOND_NANOS;
    if (seconds <= 0) {
      return;
    }
    long bytes = admittedBytes.sum();
    long writes = finishedWrites.sum();
    double byteRate = (bytes - observedBytes) / seconds;
    writesPerSecond = blend(writesPerSecond, (writes - observedWrites) / seconds);
    observedNanos = now;
    observedBytes = bytes;
    observedWrites = writes;
    if (severity == 0) {
      // Under throttling the rate says what was allowed, not what the engine can do.
      bytesPerSecond = blend(bytesPerSecond, byteRate);
    }
    judge(pressure, logStrain);
    limitQueue();
  }

  /**
   * When even the quickest write of an interval took long, there is a queue that does not drain,
   * and a longer one would only make all answers later. Bursts leave the quickest one quick.
   */
  private void limitQueue() {
    long shortest = shortestNanos.getAndSet(Long.MAX_VALUE);
    if (shortest == Long.MAX_VALUE) {
      return; // nothing was carried out: that says nothing about a queue
    }
    long delay = limits.queueDelayMax().toNanos();
    queuedMax =
        shortest < delay / 2
            ? Long.MAX_VALUE
            : Math.max(limits.queuedWritesMin(), (long) (writesPerSecond * delay / SECOND_NANOS));
  }

  private static double blend(double before, double newest) {
    // What a store can do shows in its best moments, so the estimate follows up faster than down.
    double weight = newest > before ? 2 * NEWEST_WEIGHT : NEWEST_WEIGHT / 2;
    return before + weight * (newest - before);
  }

  private void judge(EnginePressure pressure, double logStrain) {
    FlowLimits bounds = limits;
    double files = bounds.level0Files().severity(pressure.level0Files());
    double buffers = bounds.fullBuffers().severity(pressure.fullBuffers());
    double compaction = bounds.pendingCompactionBytes().severity(pressure.pendingCompactionBytes());
    double worst = importing ? 0 : Math.max(files, Math.max(buffers, compaction));
    worst = Math.max(worst, (logStrain - LOG_STRAIN_SOFT) / (1 - LOG_STRAIN_SOFT));
    if (pressure.writesStopped()) {
      worst = Math.max(worst, 1);
    }
    cause =
        "tables at level 0: "
            + pressure.level0Files()
            + ", full write buffers: "
            + pressure.fullBuffers()
            + ", bytes to compact: "
            + pressure.pendingCompactionBytes()
            + ", strain of the log: "
            + Math.round(logStrain * 100)
            + " %"
            + (pressure.writesStopped() ? ", its writers stand still" : "");
    allowedPerSecond =
        Math.max(bounds.throttledBytesPerSecondMin(), bytesPerSecond * (1 - Math.min(1, worst)));
    severity = worst;
  }

  /**
   * Tells how much room is left.
   *
   * @param reason why no new data can be taken; empty if it can
   */
  public void observeSpace(String reason) {
    noSpace = reason;
  }
}
