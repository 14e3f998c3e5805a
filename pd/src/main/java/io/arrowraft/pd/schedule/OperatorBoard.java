package io.arrowraft.pd.schedule;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.RegionTree;
import io.arrowraft.proto.pdpb.OperatorStatus;
import io.arrowraft.proto.pdpb.RegionHeartbeatResponse;
import io.arrowraft.runtime.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operators that run, and how the last ones ended. */
public final class OperatorBoard {
  private static final Logger LOG = LoggerFactory.getLogger(OperatorBoard.class);
  private static final int HISTORY_MAX = 4096;
  private static final long REPEAT_NANOS = Duration.ofSeconds(1).toNanos();

  /** What is known of a region's last operator. */
  public record Progress(Operator operator, OperatorStatus status) {}

  private final TimeSource time;
  private final CheckerPauses pauses;
  private final TreeMap<Long, Running> running = new TreeMap<>();
  private final Map<Long, Progress> history =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Progress> eldest) {
          return size() > HISTORY_MAX;
        }
      };

  public OperatorBoard(TimeSource time) {
    this.time = time;
    this.pauses = new CheckerPauses(time);
  }

  /** Checkers that were asked to rest; survives no change of leader. */
  public CheckerPauses pauses() {
    return pauses;
  }

  /** The operators that run, by region. */
  public List<Operator> running() {
    return running.values().stream().map(each -> each.operator).toList();
  }

  /** Forgets everything: a leadership has ended. */
  public void reset() {
    running.clear();
    history.clear();
  }

  /** Whether an operator runs for the region. */
  public boolean isBusy(long regionId) {
    return running.containsKey(regionId);
  }

  /** How many operators of a kind run. */
  public int count(Operator.Kind kind) {
    int count = 0;
    for (Running each : running.values()) {
      count += each.operator.kind() == kind ? 1 : 0;
    }
    return count;
  }

  /** Begins an operator; refused if another runs for the region. */
  public boolean begin(Operator operator) {
    if (running.containsKey(operator.regionId())) {
      return false;
    }
    running.put(operator.regionId(), new Running(operator));
    LOG.info(
        "operator begins: region={}, operator={}, steps={}",
        operator.regionId(),
        operator.description(),
        operator.steps().size());
    return true;
  }

  /** Takes note of an operator that had nothing to do. */
  public void recordDone(Operator operator) {
    history.put(operator.regionId(), new Progress(operator, OperatorStatus.SUCCESS));
  }

  /** The region's running operator, or else its last one. */
  public Optional<Progress> progress(long regionId) {
    Running now = running.get(regionId);
    return now != null
        ? Optional.of(new Progress(now.operator, OperatorStatus.RUNNING))
        : Optional.ofNullable(history.get(regionId));
  }

  /** What the region's leader should do now, seeing the region as it is. */
  public Optional<RegionHeartbeatResponse> advance(RegionInfo region) {
    Running now = running.get(region.id());
    if (now == null) {
      return Optional.empty();
    }
    while (now.step().isDone(region)) {
      if (!now.next()) {
        end(now, OperatorStatus.SUCCESS);
        return Optional.empty();
      }
    }
    if (region.leader().isEmpty()) {
      return Optional.empty();
    }
    now.lookedAtNanos = time.nanos();
    return now.step()
        .order(region)
        .map(
            order ->
                order
                    .setRegionId(region.id())
                    .setRegionEpoch(region.epoch())
                    .setTargetPeer(region.leader().get())
                    .build());
  }

  /** Ends operators whose time is up or whose region is gone. */
  public void sweep(RegionTree regions) {
    List<Running> over = new ArrayList<>();
    for (Running each : running.values()) {
      if (each.deadlineNanos - time.nanos() <= 0
          || regions.find(each.operator.regionId()).isEmpty()) {
        over.add(each);
      }
    }
    for (Running each : over) {
      boolean gone = regions.find(each.operator.regionId()).isEmpty();
      end(each, gone ? OperatorStatus.CANCEL : OperatorStatus.TIMEOUT);
    }
  }

  /** Regions whose leader has not been told for a while what to do, in case an order was lost. */
  public List<Long> overdue() {
    List<Long> regions = new ArrayList<>();
    for (Running each : running.values()) {
      if (each.lookedAtNanos == 0 || time.nanos() - each.lookedAtNanos >= REPEAT_NANOS) {
        regions.add(each.operator.regionId());
      }
    }
    return regions;
  }

  private void end(Running ended, OperatorStatus status) {
    running.remove(ended.operator.regionId());
    history.remove(ended.operator.regionId());
    history.put(ended.operator.regionId(), new Progress(ended.operator, status));
    LOG.info(
        "operator ends: region={}, operator={}, status={}",
        ended.operator.regionId(),
        ended.operator.description(),
        status);
  }

  private final class Running {
    private final Operator operator;
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
  }
}
