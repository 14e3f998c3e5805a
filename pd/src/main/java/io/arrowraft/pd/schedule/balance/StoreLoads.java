package io.arrowraft.pd.schedule.balance;

import io.arrowraft.pd.flow.Aspect;
import io.arrowraft.pd.flow.Rates;
import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.operator.Step;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.StoreView;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** What stores bear of one aspect of the traffic, once the operators that run are done. */
final class StoreLoads {
  private final Aspect aspect;
  private final TreeMap<Long, Rates> loads = new TreeMap<>();
  private final Rates mean;

  StoreLoads(ClusterView view, Aspect aspect) {
    this.aspect = aspect;
    for (StoreView store : view.stores()) {
      if (store.isUp() && !store.isDisconnected()) {
        loads.put(store.id(), view.hot().load(aspect, store.id()));
      }
    }
    view.running().stream()
        .filter(operator -> operator.kind() == Operator.Kind.HOT)
        .forEach(
            operator ->
                view.regions().find(operator.regionId()).ifPresent(r -> add(view, operator, r)));
    Rates sum = Rates.NONE;
    for (Rates load : loads.values()) {
      sum = sum.plus(load, 1);
    }
    this.mean = loads.isEmpty() ? sum : Rates.NONE.plus(sum, 1.0 / loads.size());
  }

  List<Long> stores() {
    return new ArrayList<>(loads.keySet());
  }

  double of(long store, Rates.Measure measure) {
    return loads.getOrDefault(store, Rates.NONE).of(measure);
  }

  double mean(Rates.Measure measure) {
    return mean.of(measure);
  }

  /** Takes a move into account. */
  void move(long from, long to, Rates rates) {
    loads.computeIfPresent(from, (id, load) -> load.plus(rates, -1));
    loads.computeIfPresent(to, (id, load) -> load.plus(rates, 1));
  }

  private void add(ClusterView view, Operator operator, RegionInfo region) {
    if (aspect == Aspect.READ) {
      addReads(view, operator, region);
      return;
    }
    Rates rates = view.hot().rates(region.id(), aspect.writes());
    for (Step step : operator.steps()) {
      if (aspect == Aspect.WRITE_LEADER && step instanceof Step.TransferLeader transfer) {
        move(region.leaderStore(), transfer.to().getStoreId(), rates);
      } else if (aspect == Aspect.WRITE && step instanceof Step.AddLearner add) {
        move(0, comes(add, region), rates);
      } else if (aspect == Aspect.WRITE && step instanceof Step.RemovePeer remove) {
        move(leaves(remove, region), 0, rates);
      }
    }
  }

  /** Reads follow the leader; those of a follower go to the peer that takes its place. */
  private void addReads(ClusterView view, Operator operator, RegionInfo region) {
    long from = 0;
    long to = 0;
    for (Step step : operator.steps()) {
      if (step instanceof Step.TransferLeader transfer) {
        move(
            region.leaderStore(), transfer.to().getStoreId(), view.hot().rates(region.id(), false));
      } else if (step instanceof Step.AddLearner add) {
        // Even where it has come: it serves nothing before the other one has left.
        to = add.peer().getStoreId();
      } else if (step instanceof Step.RemovePeer remove) {
        from = leaves(remove, region);
      }
    }
    if (from != 0 && from != region.leaderStore()) {
      move(from, to, view.hot().reads(region.id(), from));
    }
  }

  /** The store that a peer comes to; 0 if it is there. */
  private static long comes(Step.AddLearner add, RegionInfo region) {
    long store = add.peer().getStoreId();
    return region.peerOn(store).isEmpty() ? store : 0;
  }

  /** The store that a peer leaves; 0 if it is gone. */
  private static long leaves(Step.RemovePeer remove, RegionInfo region) {
    long store = remove.peer().getStoreId();
    return region.peerOn(store).isPresent() ? store : 0;
  }
}
