package io.arrowraft.pd.operator;

import java.util.List;
import java.util.Locale;

/**
 * Steps to take one after the other with one region.
 *
 * @param description what users see of it, such as {@code balance-leader}
 * @param partner the other region of a merge, whose operator begins and ends with this one; 0: none
 */
public record Operator(
    long regionId,
    Kind kind,
    String description,
    List<Step> steps,
    Priority priority,
    long partner) {

  /** What kind of work it is, for limits. */
  public enum Kind {
    /** Repairs the set of peers. */
    REPLICA,
    /** Moves peers, though none is missing. */
    REGION,
    /** Moves the leader among the peers. */
    LEADER,
    /** Spreads traffic. */
    HOT,
    /** Makes one region of two. */
    MERGE,
    /** Divides a region. */
    SPLIT,
    /** Was asked for from outside. */
    ADMIN
  }

  /** Which of two operators for one region is to run. */
  public enum Priority {
    LOW,
    NORMAL,
    HIGH,
    URGENT
  }

  public Operator {
    steps = List.copyOf(steps);
    if (steps.isEmpty()) {
      throw new IllegalArgumentException("operator " + description + " has no steps");
    }
  }

  /** An operator of the usual priority, on its own. */
  public Operator(long regionId, Kind kind, String description, List<Step> steps) {
    this(regionId, kind, description, steps, usualPriority(kind), 0);
  }

  /** The same with another priority. */
  public Operator withPriority(Priority other) {
    return new Operator(regionId, kind, description, steps, other, partner);
  }

  /** Whether it gives a region peers or takes them away. */
  public boolean changesPeers() {
    return steps.stream()
        .anyMatch(step -> step instanceof Step.AddLearner || step instanceof Step.RemovePeer);
  }

  /** Whether it moves a leader. */
  public boolean movesLeader() {
    return steps.stream().anyMatch(Step.TransferLeader.class::isInstance);
  }

  /** Its kind as text, such as {@code admin,leader}. */
  public String kindText() {
    String name = kind.name().toLowerCase(Locale.ROOT);
    if (kind != Kind.ADMIN && kind != Kind.HOT) {
      return name;
    }
    return changesPeers() ? name + ",region" : movesLeader() ? name + ",leader" : name;
  }

  private static Priority usualPriority(Kind kind) {
    return switch (kind) {
      case ADMIN -> Priority.URGENT;
      case REPLICA, SPLIT -> Priority.HIGH;
      case HOT -> Priority.NORMAL;
      case REGION, LEADER, MERGE -> Priority.LOW;
    };
  }
}
