package io.arrowraft.pd.schedule.balance;

import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.StoreShelf;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.Scheduler;
import io.arrowraft.pd.schedule.StoreView;
import io.arrowraft.pd.settings.Option;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Evens out the amount of data on the stores, against their weights and the room on their disks.
 */
public final class BalanceRegion implements Scheduler {
  /** Regions that are tried before a store is given up for this round. */
  private static final int TRIES = 10;

  /** Part of a store's peers by which stores may differ, so that large stores do not fidget. */
  private static final double TOLERANCE = 0.005;

  @Override
  public String name() {
    return "balance-region-scheduler";
  }

  @Override
  public Operator.Kind kind() {
    return Operator.Kind.REGION;
  }

  @Override
  public List<Operator> propose(ClusterView view, int room) {
    List<Operator> operators = new ArrayList<>();
    double tolerance = tolerance(view);
    while (operators.size() < room) {
      Optional<Operator> operator = best(view, tolerance);
      if (operator.isEmpty()) {
        break;
      }
      view.assume(operator.get());
      operators.add(operator.get());
    }
    return operators;
  }

  private Optional<Operator> best(ClusterView view, double tolerance) {
    List<StoreView> byScore =
        view.stores().stream()
            .filter(store -> store.isUp() && !store.isDown())
            .sorted(
                Comparator.comparingDouble((StoreView store) -> store.regionScore(0))
                    .thenComparing(StoreView::id))
            .toList();
    long usual = meanMib(view);
    // A store that may not be given anything now must not keep us looking for something to give.
    List<StoreView> targets =
        byScore.stream().filter(store -> view.takesPeers(store, usual)).toList();
    if (targets.isEmpty()) {
      return Optional.empty();
    }
    for (int i = byScore.size() - 1; i >= 0; i--) {
      StoreView source = byScore.get(i);
      if (!evens(source, targets.get(0), 1, tolerance)) {
        break;
      }
      Optional<Operator> move = outOf(view, source, targets, tolerance);
      if (move.isPresent()) {
        return move;
      }
    }
    return Optional.empty();
  }

  /**
   * Moves a region that has not been moved lately. Where all that are tried have been, one of them
   * moves, if that neither undoes its last move nor carries it on: so regions take turns, and no
   * store waits until others have rested.
   */
  private Optional<Operator> outOf(
      ClusterView view, StoreView source, List<StoreView> targets, double tolerance) {
    List<RegionInfo> movedLately = new ArrayList<>();
    boolean others = false;
    for (int tries = 0; tries < TRIES; tries++) {
      Optional<RegionInfo> region = pick(view, source, tries);
      if (region.isEmpty()) {
        continue;
      }
      if (view.movedLately(region.get().id())) {
        movedLately.add(region.get());
        continue;
      }
      others = true;
      Optional<Operator> move = move(view, region.get(), source, targets, tolerance);
      if (move.isPresent()) {
        return move;
      }
    }
    for (RegionInfo region : others ? List.<RegionInfo>of() : movedLately) {
      Optional<Operator> move = move(view, region, source, targets, tolerance);
      if (move.isPresent()) {
        return move;
      }
    }
    return Optional.empty();
  }

  private Optional<Operator> move(
      ClusterView view,
      RegionInfo region,
      StoreView source,
      List<StoreView> targets,
      double tolerance) {
    if (!view.givesPeer(source.id(), region)
        || view.hot().isHot(region.id())
        || !PeerMove.mayMove(view, region)) {
      return Optional.empty();
    }
    for (StoreView target : targets) {
      if (!evens(source, target, region.mib(), tolerance)) {
        break;
      }
      if (view.takesPeer(target, region)
          && !view.wouldUndo(region, source.id(), target)
          && PeerMove.fits(view, region, source.id(), target)) {
        return PeerMove.of(view, region, source.id(), target, kind(), "balance-region");
      }
    }
    return Optional.empty();
  }

  /** Followers before leaders, since they move without a change of the leader. */
  private static Optional<RegionInfo> pick(ClusterView view, StoreView source, int tries) {
    StoreShelf.Kind first =
        tries < TRIES - 4
            ? StoreShelf.Kind.FOLLOWER
            : tries < TRIES - 1 ? StoreShelf.Kind.LEADER : StoreShelf.Kind.LEARNER;
    OptionalLong id = source.shelf().pick(first, view.random());
    return id.isPresent() ? view.regions().find(id.getAsLong()) : Optional.empty();
  }

  /**
   * Whether the source holds more than the target after the move too, by more than is tolerated.
   */
  private static boolean evens(StoreView source, StoreView target, long mib, double tolerance) {
    double slack = Math.max(mib, tolerance);
    return source.regionScore(-slack) > target.regionScore(slack);
  }

  private static double tolerance(ClusterView view) {
    int most = 0;
    for (StoreView store : view.stores()) {
      most = Math.max(most, store.shelf().regions());
    }
    double set = view.config().ratio(Option.TOLERANT_SIZE_RATIO);
    return meanMib(view) * (set > 0 ? set : Math.max(1, most * TOLERANCE));
  }

  private static long meanMib(ClusterView view) {
    long mib = 0;
    long peers = 0;
    for (StoreView store : view.stores()) {
      mib += store.shelf().mib();
      peers += store.shelf().regions();
    }
    return peers == 0 ? 1 : Math.max(1, mib / peers);
  }
}
