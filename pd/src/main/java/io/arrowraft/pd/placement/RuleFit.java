package io.arrowraft.pd.placement;

import io.arrowraft.proto.metapb.Peer;
import java.util.List;

/**
 * The peers that stand for one rule.
 *
 * @param peers at most as many as the rule wants
 * @param misplaced those of them whose role is another than the rule wants
 * @param weak how many of them are on stores that they must leave, or are down for good
 * @param isolation how well they are spread
 */
public record RuleFit(
    Rule rule, List<Peer> peers, List<Peer> misplaced, int weak, double isolation) {
  public RuleFit {
    peers = List.copyOf(peers);
    misplaced = List.copyOf(misplaced);
  }

  /** Whether the rule has all that it wants. */
  public boolean satisfied() {
    return peers.size() == rule.count() && misplaced.isEmpty();
  }

  /** Whether this is better than another fit of the same rule. */
  int compareTo(RuleFit other) {
    if (peers.size() != other.peers.size()) {
      return Integer.compare(peers.size(), other.peers.size());
    }
    if (weak != other.weak) {
      return Integer.compare(other.weak, weak);
    }
    if (misplaced.size() != other.misplaced.size()) {
      return Integer.compare(other.misplaced.size(), misplaced.size());
    }
    return Double.compare(isolation, other.isolation);
  }
}
