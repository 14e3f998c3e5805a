package io.arrowraft.pd.schedule.check;

import io.arrowraft.pd.placement.Isolation;
import io.arrowraft.pd.placement.Rule;
import io.arrowraft.pd.placement.RuleFit;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.StoreView;
import io.arrowraft.proto.metapb.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The best store for a peer that a rule wants: the farthest from the others, then the emptiest. */
public final class StoreChoice {
  private StoreChoice() {}

  /** The store for one more peer of a rule, or for one instead of {@code replaced}. */
  public static Optional<StoreView> of(
      ClusterView view, RegionInfo region, RuleFit fit, Optional<Peer> replaced) {
    Rule rule = fit.rule();
    List<StoreView> others = others(view, fit, replaced);
    StoreView best = null;
    double bestIsolation = 0;
    double bestScore = 0;
    for (StoreView store : view.stores()) {
      if (!view.takesPeer(store, region)
          || !rule.matches(store)
          || !Isolation.isolated(rule.locationLabels(), rule.isolationLevel(), store, others)) {
        continue;
      }
      double isolation = Isolation.score(rule.locationLabels(), store, others);
      if (best != null && isolation < bestIsolation) {
        continue;
      }
      double score = store.regionScore(0);
      if (best == null || isolation > bestIsolation || score < bestScore) {
        best = store;
        bestIsolation = isolation;
        bestScore = score;
      }
    }
    return Optional.ofNullable(best);
  }

  /** The stores of a rule's peers. */
  static List<StoreView> others(ClusterView view, RuleFit fit, Optional<Peer> without) {
    List<StoreView> others = new ArrayList<>();
    for (Peer peer : fit.peers()) {
      if (without.isEmpty() || without.get().getId() != peer.getId()) {
        view.store(peer.getStoreId()).ifPresent(others::add);
      }
    }
    return others;
  }
}
