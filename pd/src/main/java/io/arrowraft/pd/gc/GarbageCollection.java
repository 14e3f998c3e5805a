package io.arrowraft.pd.gc;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.settings.Option;
import io.arrowraft.pd.settings.ScheduleConfig;
import io.arrowraft.pd.settings.Settings;
import io.arrowraft.pd.state.PdCommand;
import io.arrowraft.pd.state.PdResult;
import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.state.ServiceHold;
import io.arrowraft.pd.state.StateLog;
import io.arrowraft.proto.pd.ResolvedRange;
import io.arrowraft.runtime.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses targets, listens to stores, and moves the safe point. On the event loop. */
public final class GarbageCollection {
  private static final Logger LOG = LoggerFactory.getLogger(GarbageCollection.class);
  private static final int LOGICAL_BITS = 18;

  private final PdState state;
  private final StateLog log;
  private final Settings settings;
  private final TimeSource time;
  private final Supplier<CompletableFuture<Long>> timestamps;
  private final Coverage coverage = new Coverage();

  /** Of a leadership: what was begun in another one changes nothing any more. */
  private long generation;

  private boolean choosing;
  private boolean advancing;
  private boolean chosen;
  private long chosenAtNanos;

  /**
   * Where garbage collection is.
   *
   * @param target up to which locks are to be resolved
   * @param safePoint below which nobody reads
   * @param collectable at which old versions may be removed
   * @param endBefore transactions that started before this are ended, so that none holds the safe
   *     point for ever
   */
  public record Progress(long target, long safePoint, long collectable, long endBefore) {}

  /**
   * Keys whose locks are not resolved up to the target.
   *
   * @param end exclusive; empty for the end of the key space
   * @param resolved up to where they are; 0: nobody has said
   */
  public record Lag(ByteString start, ByteString end, long resolved) {}

  /**
   * @param timestamps gives out a timestamp of the present
   */
  public GarbageCollection(
      PdState state,
      StateLog log,
      Settings settings,
      TimeSource time,
      Supplier<CompletableFuture<Long>> timestamps) {
    this.state = state;
    this.log = log;
    this.settings = settings;
    this.time = time;
    this.timestamps = timestamps;
  }

  /** Begins anew: a leadership begins. Stores say again what they have said. */
  public void reset() {
    generation++;
    coverage.reset();
    choosing = false;
    advancing = false;
    chosen = false;
  }

  /** Chooses a target if one is due. */
  public void round() {
    ScheduleConfig config = settings.config();
    if (choosing || !config.flag(Option.GC_ENABLE)) {
      return;
    }
    Duration interval = config.span(Option.GC_RUN_INTERVAL);
    if (chosen && time.nanos() - chosenAtNanos < interval.toNanos()) {
      return;
    }
    choosing = true;
    long begun = generation;
    long life = config.span(Option.GC_LIFE_TIME).toMillis();
    timestamps
        .get()
        .thenCompose(now -> choose(now, life))
        .whenComplete((result, failure) -> chose(begun, failure));
  }

  /** The claim of the garbage collector itself keeps others from claiming what is below. */
  private CompletableFuture<PdResult> choose(long now, long lifeMillis) {
    long wish = Math.max(0, (now >>> LOGICAL_BITS) - lifeMillis) << LOGICAL_BITS;
    return log.propose(
        new PdCommand.HoldSafePoint(
            ServiceHold.GC_WORKER, wish, Long.MAX_VALUE, time.wallMillis() / 1000));
  }

  private void chose(long begun, Throwable failure) {
    if (begun != generation) {
      return;
    }
    choosing = false;
    if (failure != null) {
      LOG.info("no target for garbage collection now: reason={}", failure.getMessage());
      return;
    }
    chosen = true;
    chosenAtNanos = time.nanos();
    LOG.debug("target of garbage collection: target={}", Long.toUnsignedString(target()));
    advance();
  }

  /** A store has said how far its regions are. */
  public void report(List<ResolvedRange> resolved) {
    for (ResolvedRange range : resolved) {
      coverage.add(range.getStartKey(), range.getEndKey(), range.getResolved());
    }
    if (!resolved.isEmpty()) {
      advance();
    }
  }

  private void advance() {
    long reached = min(coverage.lowest(), target());
    if (advancing
        || Long.compareUnsigned(reached, state.safePoint()) <= 0
        || !settings.config().flag(Option.GC_ENABLE)) {
      return;
    }
    advancing = true;
    long begun = generation;
    log.propose(new PdCommand.AdvanceSafePoint(reached))
        .whenComplete(
            (result, failure) -> {
              if (begun != generation) {
                return;
              }
              advancing = false;
              if (failure != null) {
                LOG.info("the safe point did not move: reason={}", failure.getMessage());
              } else {
                LOG.info("safe point: timestamp={}", Long.toUnsignedString(reached));
              }
            });
  }

  /** Where garbage collection is now. */
  public Progress progress() {
    long safePoint = state.safePoint();
    return new Progress(
        target(), safePoint, min(safePoint, coverage.lowest()), endBefore(settings.config()));
  }

  /** At most the target: what is younger than the life time of versions is always waited for. */
  private long endBefore(ScheduleConfig config) {
    Duration patience =
        config.span(Option.GC_MAX_WAIT_TIME).minus(config.span(Option.GC_LIFE_TIME));
    long millis = Math.max(0, patience.toMillis());
    return Math.max(0, (target() >>> LOGICAL_BITS) - millis) << LOGICAL_BITS;
  }

  /** What keeps the safe point from the target, in key order. */
  public List<Lag> lagging(int limit) {
    return coverage.behind(target(), limit).stream()
        .map(span -> new Lag(span.start(), span.end(), span.resolved()))
        .toList();
  }

  /** The lowest claim; or the safe point, where somebody has moved that past all claims. */
  private long target() {
    long claimed = state.lowestHold().map(ServiceHold::safePoint).orElse(0L);
    return Long.compareUnsigned(claimed, state.safePoint()) >= 0 ? claimed : state.safePoint();
  }

  private static long min(long a, long b) {
    return Long.compareUnsigned(a, b) <= 0 ? a : b;
  }
}
