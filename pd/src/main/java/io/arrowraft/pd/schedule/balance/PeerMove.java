package io.arrowraft.pd.schedule.balance;

import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.operator.OperatorBuilder;
import io.arrowraft.pd.placement.Isolation;
import io.arrowraft.pd.placement.RegionFit;
import io.arrowraft.pd.placement.Rule;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.StoreView;
import io.arrowraft.proto.metapb.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Moving one peer of a region that is in good order to another store. */
final class PeerMove {
  private PeerMove() {}

  /** Whether a region may be touched for the sake of balance. */
  static boolean mayMove(ClusterView view, RegionInfo region) {
    return view.isFree(region) && view.isHealthy(region);
  }

  /** Whether the rules are served as well with the peer on another store. */
  static boolean fits(ClusterView view, RegionInfo region, long from, StoreView to) {
    List<Rule> rules = view.rules().rulesFor(region);
    if (rules.size() == 1
        && rules.get(0).constraints().isEmpty()
        && rules.get(0).locationLabels().isEmpty()) {
      return true; // One store is as good as another.
    }
    RegionFit after = view.fit(ClusterView.moved(region, from, to.id()));
    return after.compareTo(view.fit(region)) >= 0 && isolatedAfter(view, region, from, to);
  }

  private static boolean isolatedAfter(
      ClusterView view, RegionInfo region, long from, StoreView to) {
    Peer peer = region.peerOn(from).orElseThrow();
    return view.fit(region)
        .ruleOf(peer)
        .map(
            fit -> {
              List<StoreView> others = new ArrayList<>();
              for (Peer other : fit.peers()) {
                if (other.getId() != peer.getId()) {
                  view.store(other.getStoreId()).ifPresent(others::add);
                }
              }
              return Isolation.isolated(
                  fit.rule().locationLabels(), fit.rule().isolationLevel(), to, others);
            })
        .orElse(true);
  }

  /** The operator, if it can be done now. */
  static Optional<Operator> of(
      ClusterView view,
      RegionInfo region,
      long from,
      StoreView to,
      Operator.Kind kind,
      String description) {
    return of(view, region, from, to, kind, description, false);
  }

  /**
   * The same.
   *
   * @param withLeader whether leadership goes to the new peer
   */
  static Optional<Operator> of(
      ClusterView view,
      RegionInfo region,
      long from,
      StoreView to,
      Operator.Kind kind,
      String description,
      boolean withLeader) {
    Peer old = region.peerOn(from).orElseThrow();
    Optional<Peer> fresh = view.newPeer(to.id(), old.getRole());
    if (fresh.isEmpty()) {
      return Optional.empty();
    }
    OperatorBuilder change = view.change(region, kind, description).add(fresh.get()).remove(from);
    if (withLeader) {
      change.leader(to.id());
    }
    try {
      return Optional.of(change.build());
    } catch (IllegalArgumentException notNow) {
      return Optional.empty();
    }
  }
}
