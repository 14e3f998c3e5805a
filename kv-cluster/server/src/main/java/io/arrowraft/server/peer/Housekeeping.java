package io.arrowraft.server.peer;

import io.arrowraft.raft.core.RaftStatus;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.Timer;
import io.arrowraft.server.region.LoadCounts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;

/**
 * What has to be looked at from time to time: deadlines, sizes, logs, silent replicas. Each round
 * visits the replicas on their own loops.
 */
final class Housekeeping {
  private static final int LOOKS_PER_ENTRY = 6;

  /**
   * A follower that sleeps so many times longer asks its leader: nobody would tell it that it has
   * been removed, if what it was sent then got lost.
   */
  private static final int STALE_TIMES_ASLEEP = 10;

  private final PeerContext context;
  private final RegionControl control;
  private final RegionSplits splits;
  private final RegionMerges merges;
  private final PeerGroups groups;
  private final ConsistencyChecks checks;
  private final LoadSplits loadSplits;
  private final LogLag lag;
  private final UnfitToLead unfit;
  private final List<Round> rounds = new ArrayList<>();

  /** What was last compacted of each log; on the control loop. */
  private final Map<Long, Looked> looked = new TreeMap<>();

  private record Looked(long applied, int times) {}

  /** One kind of visit, repeated. */
  private static final class Round implements Runnable {
    private final EventLoop loop;
    private final Duration interval;
    private final Runnable visit;
    private Timer timer;
    private boolean stopped;

    private Round(EventLoop loop, Duration interval, Runnable visit) {
      this.loop = loop;
      this.interval = interval;
      this.visit = visit;
    }

    private void arm() {
      timer = loop.schedule(interval, this);
    }

    @Override
    public void run() {
      if (!stopped) {
        visit.run();
        arm();
      }
    }

    private void stop() {
      stopped = true;
      if (timer != null) {
        timer.cancel();
      }
    }
  }

  Housekeeping(
      PeerContext context,
      RegionControl control,
      RegionSplits splits,
      RegionMerges merges,
      PeerGroups groups,
      ConsistencyChecks checks,
      UnfitToLead unfit) {
    this.checks = checks;
    this.unfit = unfit;
    this.context = context;
    this.control = control;
    this.splits = splits;
    this.merges = merges;
    this.groups = groups;
    this.loadSplits = new LoadSplits(context.config().loadSplit(), splits);
    this.lag = new LogLag(context.regionLoops(), context.environment().meters());
  }

  /** Starts the rounds. */
  void start(EventLoop controlLoop) {
    RegionConfig config = context.config();
    for (EventLoop loop : context.regionLoops()) {
      round(
          loop,
          config.sweepInterval(),
          () -> {
            visitAwake(loop, RegionPeer::sweep);
            visitMerging(loop);
            groups.sweepSnapshots(loop);
          });
      round(
          loop,
          config.splitCheckInterval(),
          () ->
              visitAwake(
                  loop,
                  peer -> {
                    splits.checkSize(peer, false);
                    if (peer.reports().isDue()) {
                      control.reportNow(peer);
                    }
                  }));
      round(loop, config.loadSplit().interval(), measuring(loop));
      round(loop, config.staleAfter(), () -> visit(loop, this::checkSilence));
    }
    round(controlLoop, config.logCheckInterval(), this::compactLogs);
    if (config.supervision().consistency().isOn()) {
      ConsistencyRounds comparing = new ConsistencyRounds(context, controlLoop, checks);
      round(controlLoop, ConsistencyRounds.LOOK, comparing::visit);
    }
  }

  /** What the regions of a loop did since the last round goes to the store's sum. */
  private Runnable measuring(EventLoop loop) {
    long[] lastNanos = {context.environment().time().nanos()};
    return () -> {
      long now = context.environment().time().nanos();
      double seconds = Math.max(1, now - lastNanos[0]) / 1e9;
      lastNanos[0] = now;
      visitAwake(loop, peer -> measure(peer, seconds));
      List<RegionPeer> awake = groups.rests().awake(loop);
      lag.look(loop, awake);
      unfit.look(loop, awake);
    };
  }

  private void measure(RegionPeer peer, double seconds) {
    LoadCounts round = peer.traffic().takeRound();
    if (!round.isEmpty()) {
      context.traffic().add(peer.regionId(), round);
    }
    if (!peer.isServing() || !peer.isLeader()) {
      peer.traffic().forgetReport();
    }
    loadSplits.observe(peer, round, seconds);
  }

  private void round(EventLoop loop, Duration interval, Runnable visit) {
    Round round = new Round(loop, interval, visit);
    rounds.add(round);
    loop.execute(round::arm);
  }

  void stop() {
    for (Round round : rounds) {
      round.loop.execute(round::stop);
    }
    checks.stop();
  }

  private interface Visit {
    void to(RegionPeer peer);
  }

  /** Of a replica that sleeps nothing is due. */
  private void visitAwake(EventLoop loop, Visit visit) {
    for (RegionPeer peer : groups.rests().awake(loop)) {
      if (peer.group() != null) {
        peer.guard(() -> visit.to(peer));
      }
    }
  }

  /** Also those that sleep: the target may be led here. */
  private void visitMerging(EventLoop loop) {
    for (RegionPeer peer : context.directory().merging()) {
      if (peer.loop().name().equals(loop.name())) {
        peer.guard(() -> merges.visit(peer));
      }
    }
  }

  private void visit(EventLoop loop, Visit visit) {
    for (RegionPeer peer : context.directory().all()) {
      if (peer.loop().name().equals(loop.name()) && peer.group() != null) {
        peer.guard(() -> visit.to(peer));
      }
    }
  }

  private void checkSilence(RegionPeer peer) {
    Duration staleAfter = context.config().staleAfter();
    boolean silent =
        peer.leaderlessNanos() >= staleAfter.toNanos()
            || peer.group().silence().compareTo(staleAfter) >= 0;
    if (!peer.isLeader()
        && peer.group().rested().compareTo(staleAfter.multipliedBy(STALE_TIMES_ASLEEP)) >= 0) {
      peer.group().wake();
    }
    if (!peer.isClosed() && peer.isDamaged()) {
      checks.askToBeReplaced(peer);
    }
    if (!peer.isClosed() && (silent || peer.isDamaged())) {
      control.checkMembership(peer);
    }
  }

  /**
   * Compacts logs up to applied indexes that were taken before the data engine was synced, and so
   * are durable (correctness rule 11).
   */
  private void compactLogs() {
    List<Runnable> compactions = new ArrayList<>();
    for (RegionPeer peer : context.directory().all()) {
      peer.view()
          .filter(view -> isCompactionDue(peer, view.appliedIndex()))
          .ifPresent(
              view ->
                  compactions.add(
                      () -> peer.loop().execute(() -> compact(peer, view.appliedIndex()))));
    }
    looked.keySet().removeIf(regionId -> context.directory().find(regionId).isEmpty());
    if (compactions.isEmpty()) {
      return;
    }
    try {
      context
          .workers()
          .execute(
              () -> {
                try {
                  context.engine().sync();
                } catch (io.arrowraft.storage.engine.EngineException failure) {
                  if (failure.kind() != io.arrowraft.storage.engine.EngineException.Kind.CLOSED) {
                    throw failure;
                  }
                  return;
                }
                compactions.forEach(Runnable::run);
              });
    } catch (RejectedExecutionException full) {
      // The next round tries again.
      return;
    }
  }

  /** A few times after the last entry: by then the followers have it, or are far behind. */
  private boolean isCompactionDue(RegionPeer peer, long applied) {
    Looked before = looked.get(peer.regionId());
    int times = before == null || before.applied() != applied ? 1 : before.times() + 1;
    if (times <= LOOKS_PER_ENTRY) {
      looked.put(peer.regionId(), new Looked(applied, times));
    }
    return times <= LOOKS_PER_ENTRY;
  }

  private void compact(RegionPeer peer, long durableApplied) {
    if (!peer.isServing() || peer.fences().merging().isPresent()) {
      // What is not compacted may be all that brings the other replicas to the end of their log.
      return;
    }
    RaftStatus status = peer.group().status();
    long index = durableApplied - context.config().logEntriesKept();
    if (peer.isLeader()) {
      for (RaftStatus.PeerStatus other : status.peers()) {
        // A follower that is down may come back; one that is too far behind gets a snapshot.
        if (durableApplied - other.match() <= context.config().logEntriesMax()) {
          index = Math.min(index, other.match());
        }
      }
    }
    if (index >= status.firstIndex()) {
      peer.group().compactTo(index);
    }
  }
}
