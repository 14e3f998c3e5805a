package io.arrowraft.pd.schedule.check;

import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.operator.OperatorBuilder;
import io.arrowraft.pd.placement.Isolation;
import io.arrowraft.pd.placement.RegionFit;
import io.arrowraft.pd.placement.Role;
import io.arrowraft.pd.placement.Rule;
import io.arrowraft.pd.placement.RuleFit;
import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.pd.schedule.Checker;
import io.arrowraft.pd.schedule.ClusterView;
import io.arrowraft.pd.schedule.StoreView;
import io.arrowraft.pd.settings.Option;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Sees that every region has the replicas that the rules want, in their roles, on stores where they
 * may be. What is missing comes first, what is too much goes last.
 */
public final class RuleChecker implements Checker {
  private static final Operator.Kind KIND = Operator.Kind.REPLICA;

  @Override
  public String name() {
    return "rule";
  }

  @Override
  public List<Operator> check(ClusterView view, RegionInfo region) {
    if (view.isPlainlyWell(region)) {
      return List.of();
    }
    RegionFit fit = view.fit(region);
    for (RuleFit rule : fit.rules()) {
      Optional<Operator> operator = serve(view, region, rule);
      if (operator.isPresent()) {
        return List.of(operator.get());
      }
    }
    return removeOrphan(view, region, fit).map(List::of).orElse(List.of());
  }

  private static Optional<Operator> serve(ClusterView view, RegionInfo region, RuleFit fit) {
    if (fit.peers().size() < fit.rule().count()) {
      return view.config().flag(Option.ENABLE_MAKE_UP_REPLICA)
          ? add(view, region, fit)
          : Optional.empty();
    }
    for (Peer peer : fit.peers()) {
      if (view.isWeak(region, peer)) {
        Optional<Operator> replaced = replaceWeak(view, region, fit, peer);
        if (replaced.isPresent()) {
          return replaced;
        }
      }
    }
    for (Peer peer : fit.misplaced()) {
      Optional<Operator> changed = changeRole(view, region, fit.rule(), peer);
      if (changed.isPresent()) {
        return changed;
      }
    }
    return improve(view, region, fit);
  }

  private static Optional<Operator> add(ClusterView view, RegionInfo region, RuleFit fit) {
    return StoreChoice.of(view, region, fit, Optional.empty())
        .flatMap(store -> view.newPeer(store.id(), roleFor(fit.rule())))
        .flatMap(peer -> possible(view.change(region, KIND, "make-up-replica").add(peer)));
  }

  private static Optional<Operator> replaceWeak(
      ClusterView view, RegionInfo region, RuleFit fit, Peer peer) {
    if (view.isDamaged(peer)) {
      return replaceDamaged(view, region, fit, peer);
    }
    boolean down =
        view.isDownForGood(region, peer)
            || view.store(peer.getStoreId()).filter(StoreView::isDown).isPresent();
    boolean wanted =
        view.config()
            .flag(down ? Option.ENABLE_REMOVE_DOWN_REPLICA : Option.ENABLE_REPLACE_OFFLINE_REPLICA);
    return wanted
        ? replace(
            view,
            region,
            fit,
            peer,
            StoreChoice.of(view, region, fit, Optional.of(peer)),
            down ? "replace-down-replica" : "replace-offline-replica")
        : Optional.empty();
  }

  /**
   * Where there is no other store, the damaged replica goes first, so that its store can be given a
   * new one; as long as the others are well.
   */
  private static Optional<Operator> replaceDamaged(
      ClusterView view, RegionInfo region, RuleFit fit, Peer peer) {
    Optional<StoreView> other = StoreChoice.of(view, region, fit, Optional.of(peer));
    if (other.isPresent()) {
      return replace(view, region, fit, peer, other, "replace-damaged-replica");
    }
    boolean othersAreWell =
        region.peers().size() > 2
            && region.peers().stream()
                .filter(each -> each.getId() != peer.getId())
                .allMatch(each -> region.healthy(each) && !view.isWeak(region, each));
    return othersAreWell
        ? possible(view.change(region, KIND, "remove-damaged-replica").remove(peer.getStoreId()))
        : Optional.empty();
  }

  private static Optional<Operator> replace(
      ClusterView view,
      RegionInfo region,
      RuleFit fit,
      Peer old,
      Optional<StoreView> target,
      String description) {
    // A store that is gone is not spared the loss of peers.
    if (!view.mustLeave(old.getStoreId()) && !view.givesPeer(old.getStoreId(), region)) {
      return Optional.empty();
    }
    return target
        .flatMap(store -> view.newPeer(store.id(), roleFor(fit.rule())))
        .flatMap(
            peer ->
                possible(
                    view.change(region, KIND, description).add(peer).remove(old.getStoreId())));
  }

  private static Optional<Operator> changeRole(
      ClusterView view, RegionInfo region, Rule rule, Peer peer) {
    if (!region.healthy(peer) && rule.role() == Role.LEADER) {
      return Optional.empty();
    }
    OperatorBuilder change =
        view.change(
            region, KIND, peer.getRole() == PeerRole.Learner ? "promote-learner" : "fix-peer-role");
    boolean voter = peer.getRole() == PeerRole.Voter;
    switch (rule.role()) {
      case LEARNER -> change.role(peer.getStoreId(), PeerRole.Learner);
      case LEADER -> {
        if (!view.takesLeaders(peer.getStoreId())) {
          return Optional.empty();
        }
        change.role(peer.getStoreId(), PeerRole.Voter).leader(peer.getStoreId());
      }
      case VOTER -> change.role(peer.getStoreId(), PeerRole.Voter);
      case FOLLOWER -> {
        if (voter) {
          List<Peer> successors = view.successors(region);
          if (successors.isEmpty()) {
            return Optional.empty();
          }
          change.leader(successors.get(0).getStoreId());
        } else {
          change.role(peer.getStoreId(), PeerRole.Voter);
        }
      }
    }
    return possible(change);
  }

  /** Moves the peer that is placed worst, if another store would be farther from the others. */
  private static Optional<Operator> improve(ClusterView view, RegionInfo region, RuleFit fit) {
    List<String> labels = fit.rule().locationLabels();
    if (labels.isEmpty()
        || !view.config().flag(Option.ENABLE_LOCATION_REPLACEMENT)
        || !region.down().isEmpty()
        || !region.pending().isEmpty()) {
      return Optional.empty();
    }
    Peer worst = null;
    double worstScore = 0;
    for (Peer peer : fit.peers()) {
      StoreView store = view.storeOrNull(peer.getStoreId());
      if (store != null) {
        double score =
            Isolation.score(labels, store, StoreChoice.others(view, fit, Optional.of(peer)));
        if (worst == null || score < worstScore) {
          worst = peer;
          worstScore = score;
        }
      }
    }
    if (worst == null) {
      return Optional.empty();
    }
    Optional<Peer> replaced = Optional.of(worst);
    List<StoreView> others = StoreChoice.others(view, fit, replaced);
    double now = worstScore;
    Optional<StoreView> better =
        StoreChoice.of(view, region, fit, replaced)
            .filter(store -> Isolation.score(labels, store, others) > now);
    return replace(view, region, fit, worst, better, "move-to-better-location");
  }

  /** Removes one of the peers that nobody needs, once everything that is needed is there. */
  private static Optional<Operator> removeOrphan(
      ClusterView view, RegionInfo region, RegionFit fit) {
    if (fit.orphans().isEmpty()
        || !view.config().flag(Option.ENABLE_REMOVE_EXTRA_REPLICA)
        || fit.rules().stream().anyMatch(rule -> !rule.satisfied())) {
      return Optional.empty();
    }
    boolean allWell =
        fit.rules().stream().flatMap(rule -> rule.peers().stream()).allMatch(region::healthy);
    return fit.orphans().stream()
        // While one that is needed is ill, one that is well may have to stand in for it.
        .filter(peer -> allWell || view.isWeak(region, peer) || !region.healthy(peer))
        .filter(peer -> view.isWeak(region, peer) || view.givesPeer(peer.getStoreId(), region))
        .min(
            Comparator.comparing((Peer peer) -> !view.isWeak(region, peer))
                .thenComparing(region::isLeader)
                .thenComparing(region::healthy)
                .thenComparing(peer -> peer.getRole() != PeerRole.Learner)
                .thenComparing(Peer::getId))
        .flatMap(
            peer ->
                possible(
                    view.change(region, KIND, "remove-extra-replica").remove(peer.getStoreId())));
  }

  /** The operator, unless there is nobody who could take over the leadership. */
  private static Optional<Operator> possible(OperatorBuilder change) {
    try {
      return Optional.of(change.build());
    } catch (IllegalArgumentException notNow) {
      return Optional.empty();
    }
  }

  private static PeerRole roleFor(Rule rule) {
    return rule.role().votes() ? PeerRole.Voter : PeerRole.Learner;
  }
}
