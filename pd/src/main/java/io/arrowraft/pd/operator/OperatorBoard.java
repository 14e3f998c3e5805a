package io.arrowraft.pd.operator;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.RegionTree;
import io.arrowraft.proto.pdpb.OperatorStatus;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.runtime.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operators that run, and how the last ones ended. */
public final class OperatorBoard {
  private static final Logger LOG = LoggerFactory.getLogger(OperatorBoard.class);
  private static final long REPEAT_NANOS = Duration.ofSeconds(1).toNanos();

  private final TimeSource time;
  private final RegionTree regions;
  private final StoreLimiter limiter;
  private final LongPredicate alive;
  private final TreeMap<Long, Running> running = new TreeMap<>();
  private final Map<Operator.Kind, Integer> counts = new EnumMap<>(Operator.Kind.class);
  private final Map<OperatorStatus, Long> ends = new EnumMap<>(OperatorStatus.class);
  private final OperatorHistory history = new OperatorHistory();
  private final RecentMoves moves;
  private final RecentMoves leaderMoves;

  /**
   * @param alive tells whether a store has been heard of lately
   */
  public OperatorBoard(
      TimeSource time, RegionTree regions, StoreLimiter limiter, LongPredicate alive) {
    this.time = time;
    this.regions = regions;
    this.limiter = limiter;
    this.alive = alive;
    this.moves = new RecentMoves(time);
    this.leaderMoves = new RecentMoves(time);
  }

  /** Forgets everything: a leadership has ended. */
  public void reset() {
    running.clear();
    counts.clear();
    history.clear();
    moves.clear();
    leaderMoves.clear();
    limiter.reset();
  }

  /** The operators that run, by region. */
  public List<Operator> running() {
    return running.values().stream().map(each -> each.operator).toList();
  }

  /** The operators that run and how far they are, by region. */
  public List<Progress> progress() {
    return running.values().stream()
        .map(each -> each.progress(OperatorStatus.RUNNING, ""))
        .toList();
  }

  /** The region's running operator, or else its last one. */
  public Optional<Progress> progress(long regionId) {
    Running now = running.get(regionId);
    return now != null
        ? Optional.of(now.progress(OperatorStatus.RUNNING, ""))
        : history.last(regionId);
  }

  /** Operators that ended at {@code sinceMillis} of the wall clock or later, the latest first. */
  public List<Progress> endedSince(long sinceMillis) {
    return history.since(sinceMillis);
  }

  /** How many operators have ended with a status since this member started. */
  public long ended(OperatorStatus status) {
    return ends.getOrDefault(status, 0L);
  }

  public int size() {
    return running.size();
  }

  /** Whether an operator runs for the region. */
  public boolean isBusy(long regionId) {
    return running.containsKey(regionId);
  }

  /** How many operators of a kind run. */
  public int count(Operator.Kind kind) {
    return counts.getOrDefault(kind, 0);
  }

  /** Whether the region's peers were moved a short while ago. */
  public boolean movedLately(long regionId) {
    return moves.contains(regionId);
  }

  /** Whether moving a peer would undo what was done a short while ago, or carry it on. */
  public boolean wouldUndo(long regionId, long from, long to) {
    return moves.wouldUndo(regionId, from, to);
  }

  /** Whether the region's leader was moved a short while ago, with its peer or alone. */
  public boolean leaderMovedLately(long regionId) {
    return leaderMoves.contains(regionId);
  }

  /** What the operators that run will change. */
  public Influence influence() {
    Influence influence = new Influence();
    for (Running each : running.values()) {
      regions
          .find(each.operator.regionId())
          .ifPresent(
              region -> {
                for (int i = each.index; i < each.operator.steps().size(); i++) {
                  Step step = each.operator.steps().get(i);
                  if (!step.isDone(region)) {
                    step.foresee(region, influence);
                  }
                }
              });
    }
    return influence;
  }

  /**
   * Begins an operator; refused if one of the same priority runs for the region, or a store has no
   * room for it at the moment.
   */
  public boolean begin(Operator operator) {
    if (!fits(operator)) {
      return false;
    }
    put(operator);
    return true;
  }

  /** Begins both operators of a merge, or none. */
  public boolean begin(Operator source, Operator target) {
    if (!fits(source) || !fits(target)) {
      return false;
    }
    put(source);
    put(target);
    return true;
  }

  /** Takes note of an operator that had nothing to do. */
  public void recordDone(Operator operator) {
    long now = time.wallMillis();
    history.add(new Progress(operator, OperatorStatus.SUCCESS, 0, now, now, ""));
  }

  /** Ends the region's operator, if one runs. */
  public boolean cancel(long regionId, String reason) {
    Running now = running.get(regionId);
    if (now == null) {
      return false;
    }
    end(now, OperatorStatus.CANCEL, reason);
    return true;
  }

  /** What the region's leader should do now, seeing the region as it is. */
  public Optional<RegionHeartbeatResponse> advance(RegionInfo region) {
    Running now = running.get(region.id());
    if (now == null) {
      return Optional.empty();
    }
    while (now.step().isDone(region)) {
      if (!now.next()) {
        end(now, OperatorStatus.SUCCESS, "");
        return Optional.empty();
      }
    }
    Optional<String> obstacle = now.step().obstacle(region, alive);
    if (obstacle.isPresent()) {
      end(now, OperatorStatus.CANCEL, obstacle.get());
      return Optional.empty();
    }
    if (region.leader().isEmpty()) {
      return Optional.empty();
    }
    now.lookedAtNanos = time.nanos();
    return now.step()
        .order(region)
        .map(
            order ->
                withTargetAsItIs(order)
                    .setRegionId(region.id())
                    .setRegionEpoch(region.epoch())
                    .setTargetPeer(region.leader().get())
                    .build());
  }

  /** The target of a merge may have changed since the operator was made. */
  private RegionHeartbeatResponse.Builder withTargetAsItIs(RegionHeartbeatResponse.Builder order) {
    if (order.hasMerge()) {
      regions
          .find(order.getMerge().getTarget().getId())
          .ifPresent(target -> order.getMergeBuilder().setTarget(target.meta()));
    }
    return order;
  }

  /** Ends operators whose time is up or whose region is gone. */
  public void sweep() {
    for (Running each : List.copyOf(running.values())) {
      if (running.get(each.operator.regionId()) != each) {
        continue; // Its partner has ended, and it with it.
      }
      Optional<RegionInfo> region = regions.find(each.operator.regionId());
      if (region.isEmpty()) {
        boolean merged = each.step() instanceof Step.Merge merge && isPartOf(merge);
        end(
            each,
            merged ? OperatorStatus.SUCCESS : OperatorStatus.CANCEL,
            merged ? "" : "the region is gone");
      } else if (each.deadlineNanos - time.nanos() <= 0) {
        end(each, OperatorStatus.TIMEOUT, "step " + each.index + " took too long");
      }
    }
  }

  private boolean isPartOf(Step.Merge merge) {
    return regions
        .find(merge.target().getId())
        .filter(target -> target.contains(merge.source().getStartKey()))
        .isPresent();
  }

  /** Regions whose leader has not been told for a while what to do, in case an order was lost. */
  public List<Long> overdue() {
    List<Long> overdue = new ArrayList<>();
    for (Running each : running.values()) {
      if (each.lookedAtNanos == 0 || time.nanos() - each.lookedAtNanos >= REPEAT_NANOS) {
        overdue.add(each.operator.regionId());
      }
    }
    return overdue;
  }

  private boolean fits(Operator operator) {
    Optional<RegionInfo> region = regions.find(operator.regionId());
    Running now = running.get(operator.regionId());
    return region.isPresent()
        && (now == null || now.operator.priority().compareTo(operator.priority()) < 0)
        && (operator.kind() == Operator.Kind.ADMIN || limiter.allows(operator, region.get()));
  }

  private void put(Operator operator) {
    Running replaced = running.get(operator.regionId());
    if (replaced != null) {
      end(replaced, OperatorStatus.REPLACE, "by " + operator.description());
    }
    regions.find(operator.regionId()).ifPresent(region -> limiter.take(operator, region));
    running.put(operator.regionId(), new Running(operator));
    counts.merge(operator.kind(), 1, Integer::sum);
    rest(operator);
    LOG.atInfo()
        .addKeyValue("region", operator.regionId())
        .addKeyValue("operator", operator.description())
        .addKeyValue("steps", operator.steps().size())
        .log("operator begins");
  }

  /** What was moved is remembered, from the end of the move on; what needs repair is not. */
  private void rest(Operator operator) {
    if (operator.changesPeers() && operator.kind() != Operator.Kind.REPLICA) {
      moves.add(operator);
    }
    if (operator.movesLeader()
        && (operator.kind() == Operator.Kind.LEADER || operator.kind() == Operator.Kind.HOT)) {
      leaderMoves.add(operator);
    }
  }

  private void end(Running ended, OperatorStatus status, String reason) {
    Operator operator = ended.operator;
    running.remove(operator.regionId());
    counts.merge(operator.kind(), -1, Integer::sum);
    ends.merge(status, 1L, Long::sum);
    history.add(ended.progress(status, reason));
    rest(operator);
    LOG.atInfo()
        .addKeyValue("region", operator.regionId())
        .addKeyValue("operator", operator.description())
        .addKeyValue("status", status)
        .addKeyValue("reason", reason)
        .log("operator ends");
    Running partner = running.get(operator.partner());
    if (partner != null && partner.operator.partner() == operator.regionId()) {
      boolean merged = status == OperatorStatus.SUCCESS;
      if (!merged || ended.step() instanceof Step.Merge) {
        end(partner, status, merged ? "" : "its partner has ended: " + reason);
      }
    }
  }

  private final class Running {
    private final Operator operator;
    private final long beganMillis = time.wallMillis();
    private int index;
    private long deadlineNanos;
    private long lookedAtNanos;

    Running(Operator operator) {
      this.operator = operator;
      this.deadlineNanos = time.nanos() + step().patience().toNanos();
    }

    Step step() {
      return operator.steps().get(index);
    }

    boolean next() {
      if (index + 1 >= operator.steps().size()) {
        return false;
      }
      index++;
      deadlineNanos = time.nanos() + step().patience().toNanos();
      return true;
    }

    Progress progress(OperatorStatus status, String reason) {
      long ended = status == OperatorStatus.RUNNING ? 0 : time.wallMillis();
      return new Progress(operator, status, index, beganMillis, ended, reason);
    }
  }
}
