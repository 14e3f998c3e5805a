package io.arrowraft.pd.schedule;

import java.util.List;

/**
 * Steps to take one after the other with one region.
 *
 * @param description what users see of it, such as {@code balance-leader}
 */
public record Operator(long regionId, Kind kind, String description, List<Step> steps) {

  /** What kind of work it is, for limits. */
  public enum Kind {
    /** Changes the set of peers. */
    REPLICA,
    /** Moves the leader among the peers. */
    LEADER,
    /** Was asked for from outside. */
    ADMIN
  }

  public Operator {
    steps = List.copyOf(steps);
    if (steps.isEmpty()) {
      throw new IllegalArgumentException("operator " + description + " has no steps");
    }
  }
}
