package io.arrowraft.pd.schedule.balance;

import io.arrowraft.pd.flow.Aspect;
import io.arrowraft.pd.flow.HotRegion;
import io.arrowraft.pd.flow.Rates;
import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.Scheduler;
import io.arrowraft.pd.schedule.StoreView;
import io.arrowraft.proto.metapb.Peer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Spreads traffic: from the store that bears the most, the region moves whose move brings the
 * stores closest together. For reads and for the leader's part of writes the leader moves, for the
 * rest of writes and for reads that a follower serves a peer; a leader without a suitable follower
 * takes its peer along.
 */
public final class BalanceHot implements Scheduler {
  public static final String NAME = "balance-hot-region-scheduler";

  /** A store is overloaded from this much more than the mean on. */
  private static final double OVERLOADED = 1.05;

  /** The part of a region's rate by which the higher of the two loads has to fall at least. */
  private static final double GAIN_MIN = 0.5;

  /** The busiest regions of a store, as many as one look considers. */
  private static final int REGIONS_MAX = 32;

  /** What is evened out, the more important first. */
  private static final Map<Aspect, List<Rates.Measure>> MEASURES =
      Map.of(
          Aspect.READ, List.of(Rates.Measure.QUERIES, Rates.Measure.BYTES),
          Aspect.WRITE, List.of(Rates.Measure.BYTES, Rates.Measure.KEYS),
          Aspect.WRITE_LEADER, List.of(Rates.Measure.QUERIES, Rates.Measure.KEYS));

  /**
   * A move that would help.
   *
   * @param load what the target bears before
   */
  private record Move(
      RegionInfo region, StoreView to, boolean leaderOnly, double gain, double load) {
    /** From a store that bears far more than others all moves gain the same: the idlest gets it. */
    boolean isBetterThan(Move other) {
      return other == null || gain > other.gain || (gain == other.gain && load < other.load);
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Operator.Kind kind() {
    return Operator.Kind.HOT;
  }

  @Override
  public List<Operator> propose(ClusterView view, int room) {
    List<Operator> operators = new ArrayList<>();
    for (Aspect aspect : Aspect.values()) {
      List<HotRegion> hot = view.hot().hot(aspect.writes());
      if (hot.isEmpty()) {
        continue;
      }
      StoreLoads loads = new StoreLoads(view, aspect);
      for (Rates.Measure measure : MEASURES.get(aspect)) {
        if (operators.size() >= room) {
          return operators;
        }
        Optional<Operator> operator = even(view, aspect, measure, loads, hot);
        if (operator.isPresent()) {
          view.assume(operator.get());
          operators.add(operator.get());
          break;
        }
      }
    }
    return operators;
  }

  private Optional<Operator> even(
      ClusterView view,
      Aspect aspect,
      Rates.Measure measure,
      StoreLoads loads,
      List<HotRegion> hot) {
    Optional<Long> source =
        loads.stores().stream().max(Comparator.comparingDouble(id -> loads.of(id, measure)));
    if (source.isEmpty() || loads.of(source.get(), measure) <= OVERLOADED * loads.mean(measure)) {
      return Optional.empty();
    }
    long from = source.get();
    List<HotRegion> candidates =
        hot.stream()
            .filter(region -> isBorneBy(view, aspect, region, from))
            .sorted(
                Comparator.comparingDouble((HotRegion region) -> -region.rates().of(measure))
                    .thenComparing(HotRegion::regionId))
            .limit(REGIONS_MAX)
            .toList();
    Move best = null;
    for (HotRegion each : candidates) {
      Optional<RegionInfo> region = view.regions().find(each.regionId());
      if (region.isPresent()
          && PeerMove.mayMove(view, region.get())
          && !isResting(view, aspect, region.get(), from)) {
        Move move = best(view, aspect, measure, loads, region.get(), each.rates(), from);
        best = move != null && move.isBetterThan(best) ? move : best;
      }
    }
    return best == null ? Optional.empty() : operator(view, aspect, best, from);
  }

  private static boolean isBorneBy(ClusterView view, Aspect aspect, HotRegion hot, long store) {
    return view.regions()
        .find(hot.regionId())
        .filter(region -> region.peerOn(store).isPresent())
        .filter(
            region ->
                switch (aspect) {
                  case WRITE -> true;
                  case WRITE_LEADER -> region.leaderStore() == store;
                  case READ -> hot.storeId() == store;
                })
        .isPresent();
  }

  /**
   * Whether a region rests after a move. Where the leader is what has to move, all of it rests, for
   * its traffic has just been dealt with. Of the others, the peer that has come rests.
   */
  private static boolean isResting(ClusterView view, Aspect aspect, RegionInfo region, long from) {
    return isLeaders(aspect, region, from)
        ? view.movedLately(region.id()) || view.leaderMovedLately(region.id())
        : region.leaderStore() == from && view.leaderMovedLately(region.id());
  }

  /** Whether the leader is what has to move. */
  private static boolean isLeaders(Aspect aspect, RegionInfo region, long from) {
    return aspect != Aspect.WRITE && region.leaderStore() == from;
  }

  private static Move best(
      ClusterView view,
      Aspect aspect,
      Rates.Measure measure,
      StoreLoads loads,
      RegionInfo region,
      Rates rates,
      long from) {
    Move best = null;
    List<Peer> successors =
        isLeaders(aspect, region, from) ? view.successors(region) : List.<Peer>of();
    for (StoreView to : view.stores()) {
      double gain = gain(aspect, measure, loads, rates, from, to.id());
      if (gain <= 0) {
        continue;
      }
      boolean leaderOnly = successors.stream().anyMatch(p -> p.getStoreId() == to.id());
      Move move = new Move(region, to, leaderOnly, gain, loads.of(to.id(), measure));
      // Where both would do, moving a leader costs nothing, moving a peer a copy of the data.
      boolean better =
          (best != null && leaderOnly != best.leaderOnly()) ? leaderOnly : move.isBetterThan(best);
      if (better && (leaderOnly || takes(view, aspect, region, from, to))) {
        best = move;
      }
    }
    return best;
  }

  /** Whether a store can be given the peer, and the leadership where that is the point. */
  private static boolean takes(
      ClusterView view, Aspect aspect, RegionInfo region, long from, StoreView to) {
    return view.takesPeer(to, region)
        && !view.wouldUndo(region, from, to)
        && (!isLeaders(aspect, region, from) || view.takesLeaders(to))
        && view.givesPeer(from, region)
        && PeerMove.fits(view, region, from, to);
  }

  /** By how much the higher of the two loads falls; 0 if the move is not worth it. */
  private static double gain(
      Aspect aspect, Rates.Measure measure, StoreLoads loads, Rates rates, long from, long to) {
    for (Rates.Measure other : MEASURES.get(aspect)) {
      double after = loads.of(to, other) + rates.of(other);
      double bearable = Math.max(loads.of(from, other), OVERLOADED * loads.mean(other));
      if (other != measure && after > bearable) {
        return 0; // It would only move the trouble.
      }
    }
    double before = loads.of(from, measure);
    double after = Math.max(before - rates.of(measure), loads.of(to, measure) + rates.of(measure));
    double gain = before - after;
    return gain >= GAIN_MIN * rates.of(measure) ? gain : 0;
  }

  private Optional<Operator> operator(ClusterView view, Aspect aspect, Move move, long from) {
    String what = aspect.writes() ? "write" : "read";
    RegionInfo region = move.region();
    if (move.leaderOnly()) {
      return region
          .peerOn(move.to().id())
          .map(
              peer ->
                  LeaderMoves.transfer(region, peer, kind(), "transfer-hot-" + what + "-leader"));
    }
    return PeerMove.of(
        view,
        region,
        from,
        move.to(),
        kind(),
        "move-hot-" + what + "-peer",
        isLeaders(aspect, region, from));
  }
}
