package io.arrowraft.pd.placement;

import io.arrowraft.pd.region.RegionInfo;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.PeerRole;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.function.Predicate;

/**
 * The best assignment of a region's peers to the rules that hold for it. Earlier rules choose
 * first: an assignment is better if it serves the first rule better, then the second, and so on.
 *
 * @param orphans peers that no rule has use for
 */
public record RegionFit(List<RuleFit> rules, List<Peer> orphans) {
  public RegionFit {
    rules = List.copyOf(rules);
    orphans = List.copyOf(orphans);
  }

  /**
   * Finds it.
   *
   * @param stores the store with an id, or null if there is none
   * @param weak tells which peers a rule should rather do without
   */
  public static RegionFit of(
      RegionInfo region,
      List<Rule> rules,
      LongFunction<? extends Located> stores,
      Predicate<Peer> weak) {
    return new Search(region, rules, stores, weak).run();
  }

  /** Whether every rule has what it wants and nobody is left over. */
  public boolean satisfied() {
    return orphans.isEmpty() && rules.stream().allMatch(RuleFit::satisfied);
  }

  /** The part for the rule that a peer stands for. */
  public Optional<RuleFit> ruleOf(Peer peer) {
    return rules.stream()
        .filter(fit -> fit.peers().stream().anyMatch(p -> p.getId() == peer.getId()))
        .findFirst();
  }

  /** Whether one fit serves the rules at least as well as another one of the same rules. */
  public int compareTo(RegionFit other) {
    for (int i = 0; i < Math.min(rules.size(), other.rules.size()); i++) {
      int comparison = rules.get(i).compareTo(other.rules.get(i));
      if (comparison != 0) {
        return comparison;
      }
    }
    return Integer.compare(other.orphans.size(), orphans.size());
  }

  /** Tries the ways to assign peers, of which there are few: a region has few peers. */
  private static final class Search {
    private final RegionInfo region;
    private final List<Rule> rules;
    private final List<Peer> peers = new ArrayList<>();
    private final List<Located> locations = new ArrayList<>();
    private final Predicate<Peer> weak;
    private final boolean[] taken;
    private RuleFit[] best = new RuleFit[0];

    Search(
        RegionInfo region,
        List<Rule> rules,
        LongFunction<? extends Located> stores,
        Predicate<Peer> weak) {
      this.region = region;
      this.weak = weak;
      this.rules = rules;
      for (Peer peer : region.peers()) {
        Located store = stores.apply(peer.getStoreId());
        if (store != null) {
          peers.add(peer);
          locations.add(store);
        }
      }
      this.taken = new boolean[peers.size()];
    }

    RegionFit run() {
      assign(0, new RuleFit[rules.size()]);
      List<Peer> orphans = new ArrayList<>(region.peers());
      for (RuleFit fit : best) {
        orphans.removeAll(fit.peers());
      }
      return new RegionFit(List.of(best), orphans);
    }

    private void assign(int index, RuleFit[] chosen) {
      if (index == rules.size()) {
        if (best.length == 0 || isBetter(chosen)) {
          best = chosen.clone();
        }
        return;
      }
      List<Integer> candidates = candidates(rules.get(index));
      int want = Math.min(rules.get(index).count(), candidates.size());
      choose(index, chosen, candidates, 0, want, new ArrayList<>());
    }

    private void choose(
        int index,
        RuleFit[] chosen,
        List<Integer> candidates,
        int from,
        int more,
        List<Integer> picked) {
      if (more == 0) {
        chosen[index] = fit(rules.get(index), picked);
        picked.forEach(i -> taken[i] = true);
        assign(index + 1, chosen);
        picked.forEach(i -> taken[i] = false);
        return;
      }
      for (int i = from; i + more <= candidates.size(); i++) {
        picked.add(candidates.get(i));
        choose(index, chosen, candidates, i + 1, more - 1, picked);
        picked.remove(picked.size() - 1);
      }
    }

    private boolean isBetter(RuleFit[] chosen) {
      for (int i = 0; i < chosen.length; i++) {
        int comparison = chosen[i].compareTo(best[i]);
        if (comparison != 0) {
          return comparison > 0;
        }
      }
      return false;
    }

    private List<Integer> candidates(Rule rule) {
      List<Integer> candidates = new ArrayList<>();
      for (int i = 0; i < taken.length; i++) {
        if (!taken[i] && rule.matches(locations.get(i))) {
          candidates.add(i);
        }
      }
      return candidates;
    }

    private RuleFit fit(Rule rule, List<Integer> picked) {
      List<Peer> mine = new ArrayList<>();
      List<Peer> misplaced = new ArrayList<>();
      List<Located> stores = new ArrayList<>();
      for (int i : picked) {
        mine.add(peers.get(i));
        stores.add(locations.get(i));
        if (!isIn(peers.get(i), rule.role())) {
          misplaced.add(peers.get(i));
        }
      }
      return new RuleFit(
          rule,
          mine,
          misplaced,
          (int) mine.stream().filter(weak).count(),
          Isolation.score(rule.locationLabels(), stores));
    }

    private boolean isIn(Peer peer, Role role) {
      boolean votes = peer.getRole() == PeerRole.Voter || peer.getRole() == PeerRole.IncomingVoter;
      return switch (role) {
        case LEADER -> region.isLeader(peer);
        case VOTER -> votes;
        case FOLLOWER -> votes && !region.isLeader(peer);
        case LEARNER -> !votes;
      };
    }
  }
}
