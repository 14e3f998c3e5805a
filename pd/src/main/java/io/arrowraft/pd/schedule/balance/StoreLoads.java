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
    Rates rates = view.hot().rates(region.id(), aspect.writes());
    for (Step step : operator.steps()) {
      if (aspect != Aspect.WRITE && step instanceof Step.TransferLeader transfer) {
        move(region.leaderStore(), transfer.to().getStoreId(), rates);
      } else if (aspect == Aspect.WRITE
          && step instanceof Step.AddLearner add
          && region.peerOn(add.peer().getStoreId()).isEmpty()) {
        move(0, add.peer().getStoreId(), rates);
      } else if (aspect == Aspect.WRITE
          && step instanceof Step.RemovePeer remove
          && region.peerOn(remove.peer().getStoreId()).isPresent()) {
        move(remove.peer().getStoreId(), 0, rates);
      }
    }
  }
}
