package io.arrowraft.pd.schedule.check;

import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.operator.OperatorBuilder;
import io.arrowraft.pd.operator.Step;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.schedule.Checker;
import io.arrowraft.pd.schedule.CheckerPauses;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.StoreView;
import io.arrowraft.pd.settings.Option;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongPredicate;

/**
 * Makes one region of two small neighbours. Each costs heartbeats, and a table that was emptied
 * leaves many behind.
 */
public final class MergeChecker implements Checker {
  /** The region that grows may be this much larger, and is still far from being split again. */
  private static final int TARGET_FACTOR = 3;

  private final CheckerPauses pauses;
  private final LongPredicate splitLately;

  /**
   * @param splitLately tells whether a region came of a split a short while ago, or may have
   */
  public MergeChecker(CheckerPauses pauses, LongPredicate splitLately) {
    this.pauses = pauses;
    this.splitLately = splitLately;
  }

  @Override
  public String name() {
    return "merge";
  }

  @Override
  public List<Operator> check(ClusterView view, RegionInfo region) {
    if (view.config().count(Option.MERGE_SCHEDULE_LIMIT) == 0
        || pauses.isPaused(name())
        || !isSmall(view, region, 1)
        || splitLately.test(region.id())
        || !isCalm(view, region)) {
      return List.of();
    }
    Optional<RegionInfo> after =
        view.regions().after(region).filter(other -> mayJoin(view, region, other, other));
    Optional<RegionInfo> before =
        view.config().flag(Option.ENABLE_ONE_WAY_MERGE)
            ? Optional.empty()
            : view.regions().before(region).filter(other -> mayJoin(view, region, other, region));
    Optional<RegionInfo> target = after;
    if (before.isPresent()
        && (after.isEmpty() || before.get().approximateBytes() < after.get().approximateBytes())) {
      target = before;
    }
    return target.map(into -> merge(view, region, into)).orElse(List.of());
  }

  /**
   * The two operators that make one region of two neighbours, whoever wants that.
   *
   * @throws IllegalArgumentException if they cannot be one, in words for whoever wished
   */
  public static List<Operator> merge(
      ClusterView view, RegionInfo source, RegionInfo target, Operator.Kind kind) {
    List<Step> steps = new ArrayList<>(gather(view, source, target));
    steps.add(new Step.Merge(source.meta(), target.meta()));
    Operator.Priority priority =
        kind == Operator.Kind.ADMIN ? Operator.Priority.URGENT : Operator.Priority.LOW;
    return List.of(
        new Operator(source.id(), kind, "merge-region", steps, priority, target.id()),
        new Operator(
            target.id(),
            kind,
            "merge-region",
            List.of(new Step.PassiveMerge(source.meta(), target.meta())),
            priority,
            source.id()));
  }

  private static List<Operator> merge(ClusterView view, RegionInfo source, RegionInfo target) {
    try {
      return merge(view, source, target, Operator.Kind.MERGE);
    } catch (IllegalArgumentException notNow) {
      return List.of();
    }
  }

  /** Steps that bring the replicas of the source to the stores of the target. */
  private static List<Step> gather(ClusterView view, RegionInfo source, RegionInfo target) {
    OperatorBuilder change = view.change(source, Operator.Kind.MERGE, "merge-region");
    boolean changes = false;
    for (Peer peer : target.peers()) {
      if (source.peerOn(peer.getStoreId()).isEmpty()) {
        change.add(
            view.newPeer(peer.getStoreId(), PeerRole.Voter)
                .orElseThrow(
                    () -> new IllegalArgumentException("no peer ids are at hand; try again")));
        changes = true;
      }
    }
    for (Peer peer : source.peers()) {
      if (target.peerOn(peer.getStoreId()).isEmpty()) {
        change.remove(peer.getStoreId());
        changes = true;
      }
    }
    return changes ? change.build().steps() : List.of();
  }

  private boolean mayJoin(
      ClusterView view, RegionInfo region, RegionInfo other, RegionInfo second) {
    RegionInfo first = second.id() == region.id() ? other : region;
    return isSmall(view, other, TARGET_FACTOR)
        && !splitLately.test(other.id())
        && isCalm(view, other)
        && view.rules().splitKeys(first.startKey(), second.endKey()).isEmpty()
        && (view.config().flag(Option.ENABLE_CROSS_TABLE_MERGE)
            || !TableBorders.separates(first.startKey(), second.startKey()))
        && storesTake(view, region, other);
  }

  /** Whether the stores of the target can take the peers that the source lacks there. */
  private static boolean storesTake(ClusterView view, RegionInfo source, RegionInfo target) {
    for (Peer peer : target.peers()) {
      StoreView store = view.storeOrNull(peer.getStoreId());
      if (store == null
          || (source.peerOn(store.id()).isEmpty() && !view.takesPeer(store, source))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isSmall(ClusterView view, RegionInfo region, int factor) {
    long mib = (long) factor * view.config().count(Option.MAX_MERGE_REGION_SIZE);
    long keys = (long) factor * view.config().count(Option.MAX_MERGE_REGION_KEYS);
    // A region of which nothing is known yet is not small.
    return region.approximateBytes() > 0
        && region.approximateBytes() <= mib << 20
        && region.approximateKeys() <= keys;
  }

  /** Whether nothing goes on in the region that a merge would disturb. */
  private static boolean isCalm(ClusterView view, RegionInfo region) {
    return view.isFree(region)
        && !view.hot().isHot(region.id())
        && region.peers().stream().allMatch(peer -> peer.getRole() == PeerRole.Voter)
        && view.isHealthy(region);
  }
}
