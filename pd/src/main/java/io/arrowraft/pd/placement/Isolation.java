package io.arrowraft.pd.placement;

import java.util.Collection;
import java.util.List;

/** How far apart stores are, by labels from the widest to the narrowest such as zone and host. */
public final class Isolation {
  /** More than the replicas of any region, so that one wider label outweighs all narrower ones. */
  private static final double BASE = 100;

  private Isolation() {}

  /** Sum over all others of how far a store is away from them. */
  public static double score(
      List<String> labels, Located store, Collection<? extends Located> others) {
    double score = 0;
    for (Located other : others) {
      if (other.id() != store.id()) {
        score += distance(labels, store, other);
      }
    }
    return score;
  }

  /** How well stores are spread, over all their pairs. */
  public static double score(List<String> labels, List<? extends Located> stores) {
    double score = 0;
    for (int i = 0; i < stores.size(); i++) {
      score += score(labels, stores.get(i), stores.subList(i + 1, stores.size()));
    }
    return score;
  }

  /**
   * Whether a store shares no value of the label that must differ, nor of a wider one together,
   * with any other.
   */
  public static boolean isolated(
      List<String> labels, String level, Located store, Collection<? extends Located> others) {
    int depth = labels.indexOf(level);
    if (depth < 0) {
      return true;
    }
    for (Located other : others) {
      if (other.id() != store.id() && firstDifference(labels, store, other) > depth) {
        return false;
      }
    }
    return true;
  }

  private static double distance(List<String> labels, Located a, Located b) {
    int first = firstDifference(labels, a, b);
    return first == labels.size() ? 0 : Math.pow(BASE, labels.size() - first - 1);
  }

  private static int firstDifference(List<String> labels, Located a, Located b) {
    for (int i = 0; i < labels.size(); i++) {
      String of = a.label(labels.get(i));
      // Without a label a store may be anywhere: it counts as near to none.
      if (of.isEmpty() || !of.equals(b.label(labels.get(i)))) {
        return i;
      }
    }
    return labels.size();
  }
}
