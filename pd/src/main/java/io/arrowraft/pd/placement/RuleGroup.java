package io.arrowraft.pd.placement;

import java.util.Comparator;

/**
 * How the rules of a group stand to other groups.
 *
 * @param index groups apply in this order
 * @param override whether earlier groups do not apply where rules of this one do
 */
public record RuleGroup(String id, int index, boolean override) {
  static final Comparator<RuleGroup> ORDER =
      Comparator.comparingInt(RuleGroup::index).thenComparing(RuleGroup::id);

  public RuleGroup {
    Rule.requireName("group id", id);
  }
}
