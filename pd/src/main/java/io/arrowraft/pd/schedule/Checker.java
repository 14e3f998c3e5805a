package io.arrowraft.pd.schedule;

import io.arrowraft.pd.operator.Operator;
import io.arrowraft.pd.region.RegionInfo;
import java.util.List;

/** Sees whether something is wrong with a region, and how to put it right. */
public interface Checker {
  /** A name such as {@code merge}. */
  String name();

  /**
   * Looks at a region that is free.
   *
   * @return what to do about it; two operators for a merge, which belong together
   */
  List<Operator> check(ClusterView view, RegionInfo region);
}
