package io.arrowraft.pd.schedule.balance;

import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.operator.Step;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.region.StoreShelf;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.Scheduler;
import io.arrowraft.pd.schedule.StoreView;
import io.arrowraft.proto.metapb.Peer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Evens out the number of leaders on the stores, against their weights. Among the leaders that
 * could move it prefers those whose neighbours in key order lead from the same store: a table is a
 * run of neighbours, and its scans should use all stores.
 */
public final class BalanceLeader implements Scheduler {
  /** Stores with the most, and with the least, that one move looks at. */
  private static final int STORES_MAX = 4;

  /** Regions of one store that one move looks at. */
  private static final int REGIONS_MAX = 256;

  /** A store with more leaders than this has others to give than those that have just come. */
  private static final int MANY = 100;

  /** A region whose leader may move, and where to as far as the region itself is concerned. */
  private record Candidate(RegionInfo region, List<Peer> successors) {}

  private record Move(RegionInfo region, Peer to, double gain, int sameNeighbours) {
    boolean isBetterThan(Move other) {
      return other == null
          || gain > other.gain
          || (gain == other.gain && sameNeighbours > other.sameNeighbours);
    }
  }

  @Override
  public String name() {
    return "balance-leader-scheduler";
  }

  @Override
  public Operator.Kind kind() {
    return Operator.Kind.LEADER;
  }

  @Override
  public List<Operator> propose(ClusterView view, int room) {
    return new Round(view).propose(room);
  }

  /** One look at the cluster, in which each store's regions are sampled once. */
  private final class Round {
    private final ClusterView view;
    private final Map<Long, List<Candidate>> leaving = new HashMap<>();
    private final Map<Long, List<Candidate>> coming = new HashMap<>();

    Round(ClusterView view) {
      this.view = view;
    }

    List<Operator> propose(int room) {
      List<Operator> operators = new ArrayList<>();
      while (operators.size() < room) {
        Optional<Move> move = best();
        if (move.isEmpty()) {
          break;
        }
        Operator operator =
            new Operator(
                move.get().region().id(),
                kind(),
                "balance-leader",
                List.of(new Step.TransferLeader(move.get().to())));
        view.assume(operator);
        operators.add(operator);
      }
      return operators;
    }

    private Optional<Move> best() {
      List<StoreView> stores =
          view.stores().stream()
              .filter(StoreView::takesLeaders)
              .sorted(
                  Comparator.comparingDouble((StoreView store) -> store.leaderScore(0))
                      .thenComparing(StoreView::id))
              .toList();
      if (stores.size() < 2) {
        return Optional.empty();
      }
      StoreView emptiest = stores.get(0);
      StoreView fullest = stores.get(stores.size() - 1);
      for (int i = 0; i < Math.min(STORES_MAX, stores.size()); i++) {
        StoreView source = stores.get(stores.size() - 1 - i);
        if (!evens(source, emptiest)) {
          break;
        }
        Optional<Move> out = outOf(source);
        if (out.isPresent()) {
          return out;
        }
      }
      for (int i = 0; i < Math.min(STORES_MAX, stores.size()); i++) {
        StoreView target = stores.get(i);
        if (!evens(fullest, target)) {
          break;
        }
        Optional<Move> in = into(target);
        if (in.isPresent()) {
          return in;
        }
      }
      return Optional.empty();
    }

    private Optional<Move> outOf(StoreView source) {
      Move best = null;
      for (Candidate each :
          leaving.computeIfAbsent(
              source.id(), id -> candidates(view, source, StoreShelf.Kind.LEADER))) {
        for (Peer follower : each.successors()) {
          StoreView target = view.storeOrNull(follower.getStoreId());
          if (target != null && evens(source, target) && !view.isTaken(each.region().id())) {
            best = better(view, best, each.region(), follower, -target.leaderScore(0));
          }
        }
      }
      return Optional.ofNullable(best);
    }

    private Optional<Move> into(StoreView target) {
      if (!view.takesLeaders(target)) {
        return Optional.empty();
      }
      Move best = null;
      for (Candidate each :
          coming.computeIfAbsent(
              target.id(), id -> candidates(view, target, StoreShelf.Kind.FOLLOWER))) {
        StoreView source = view.storeOrNull(each.region().leaderStore());
        if (source != null && evens(source, target) && !view.isTaken(each.region().id())) {
          for (Peer follower : each.successors()) {
            if (follower.getStoreId() == target.id()) {
              best = better(view, best, each.region(), follower, source.leaderScore(0));
            }
          }
        }
      }
      return Optional.ofNullable(best);
    }
  }

  /** Whether a leader that moves leaves the source with no less than the target then has. */
  static boolean evens(StoreView source, StoreView target) {
    return source.leaderScore(-1) >= target.leaderScore(1);
  }

  /** Regions of which a store holds a peer of a kind and whose leaders may move. */
  private static List<Candidate> candidates(
      ClusterView view, StoreView store, StoreShelf.Kind kind) {
    List<Candidate> found = new ArrayList<>();
    for (RegionInfo region : sample(view, store, kind)) {
      StoreView source = view.storeOrNull(region.leaderStore());
      if (source == null || view.keepsLeaders(source.id()) || !mayMove(view, source, region)) {
        continue;
      }
      List<Peer> successors = new ArrayList<>();
      for (Peer follower : region.peers()) {
        if (view.maySucceed(region, follower)) {
          successors.add(follower);
        }
      }
      found.add(new Candidate(region, successors));
    }
    return found;
  }

  private static Move better(ClusterView view, Move best, RegionInfo region, Peer to, double gain) {
    if (best != null && gain < best.gain()) {
      return best;
    }
    Move move = new Move(region, to, gain, sameNeighbours(view, region));
    return move.isBetterThan(best) ? move : best;
  }

  private static boolean mayMove(ClusterView view, StoreView source, RegionInfo region) {
    return view.isFree(region)
        && !view.hot().isHot(region.id())
        // Where there are many to choose from, those that were moved a short while ago may rest.
        && (source.leaders() <= MANY || !view.leaderMovedLately(region.id()));
  }

  /** Regions of a store: all, or as many as one look may take, from a random place on. */
  private static List<RegionInfo> sample(ClusterView view, StoreView store, StoreShelf.Kind kind) {
    int count = store.shelf().count(kind);
    int first = count > REGIONS_MAX ? view.random().nextInt(count) : 0;
    List<RegionInfo> regions = new ArrayList<>();
    for (int i = 0; i < Math.min(count, REGIONS_MAX); i++) {
      view.regions().find(store.shelf().at(kind, (first + i) % count)).ifPresent(regions::add);
    }
    return regions;
  }

  private static int sameNeighbours(ClusterView view, RegionInfo region) {
    return ledFrom(view, view.regions().before(region), region.leaderStore())
        + ledFrom(view, view.regions().after(region), region.leaderStore());
  }

  private static int ledFrom(ClusterView view, Optional<RegionInfo> neighbour, long store) {
    return neighbour.isPresent()
            && neighbour.get().leaderStore() == store
            && !view.isTaken(neighbour.get().id())
        ? 1
        : 0;
  }
}
