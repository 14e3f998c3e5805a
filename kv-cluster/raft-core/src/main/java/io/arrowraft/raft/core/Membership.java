package io.arrowraft.raft.core;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Who takes part in a group. While {@code outgoing} is not empty the group is in joint consensus:
 * every decision needs a majority of the voters and a majority of the outgoing voters.
 *
 * @param voters the voters, or in joint state the incoming ones
 * @param outgoing the voters before a joint change; empty otherwise
 * @param learners replicas without a vote; disjoint from both sets of voters
 * @param learnersNext outgoing voters that become learners when the joint state is left
 * @param autoLeave the leader leaves the joint state by itself once it has been applied
 */
public record Membership(
    SortedSet<Long> voters,
    SortedSet<Long> outgoing,
    SortedSet<Long> learners,
    SortedSet<Long> learnersNext,
    boolean autoLeave) {

  /** A group that does not know its members yet: it can neither vote for itself nor commit. */
  public static final Membership EMPTY = of(List.of(), List.of());

  public Membership {
    voters = copy(voters);
    outgoing = copy(outgoing);
    learners = copy(learners);
    learnersNext = copy(learnersNext);
    for (long learner : learners) {
      if (voters.contains(learner) || outgoing.contains(learner)) {
        throw new IllegalArgumentException("peer " + learner + " is both voter and learner");
      }
    }
    if (!outgoing.containsAll(learnersNext)) {
      throw new IllegalArgumentException("next learners are no outgoing voters: " + learnersNext);
    }
    if (outgoing.isEmpty() && autoLeave) {
      throw new IllegalArgumentException("nothing to leave outside the joint state");
    }
  }

  public static Membership ofVoters(long... voters) {
    TreeSet<Long> ids = new TreeSet<>();
    for (long voter : voters) {
      ids.add(voter);
    }
    return of(ids, List.of());
  }

  public static Membership of(Collection<Long> voters, Collection<Long> learners) {
    return new Membership(
        new TreeSet<>(voters), new TreeSet<>(), new TreeSet<>(learners), new TreeSet<>(), false);
  }

  public boolean isJoint() {
    return !outgoing.isEmpty();
  }

  /** Whether the peer has a vote, in either half of a joint state. */
  public boolean isVoter(long peer) {
    return voters.contains(peer) || outgoing.contains(peer);
  }

  public boolean contains(long peer) {
    return isVoter(peer) || learners.contains(peer) || learnersNext.contains(peer);
  }

  /** Everybody who gets the log, in ascending order. */
  public SortedSet<Long> peers() {
    TreeSet<Long> all = new TreeSet<>(voters);
    all.addAll(outgoing);
    all.addAll(learners);
    all.addAll(learnersNext);
    return Collections.unmodifiableSortedSet(all);
  }

  boolean isSoleVoter(long peer) {
    return voters.size() == 1
        && voters.contains(peer)
        && (outgoing.isEmpty() || outgoing.equals(voters));
  }

  /** Why the change cannot be applied here; empty if it can. */
  public Optional<String> problemWith(MembershipChange change) {
    return MembershipDraft.of(this, change).problem();
  }

  /**
   * The membership after the change.
   *
   * @throws IllegalArgumentException if {@link #problemWith} has an answer
   */
  public Membership after(MembershipChange change) {
    return MembershipDraft.of(this, change).membership();
  }

  private static SortedSet<Long> copy(SortedSet<Long> peers) {
    TreeSet<Long> copy = new TreeSet<>(peers);
    if (!copy.isEmpty() && copy.first() <= 0) {
      throw new IllegalArgumentException("peer ids are positive: " + copy);
    }
    return Collections.unmodifiableSortedSet(copy);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("voters=").append(voters);
    if (!outgoing.isEmpty()) {
      text.append(" outgoing=").append(outgoing);
    }
    if (!learners.isEmpty()) {
      text.append(" learners=").append(learners);
    }
    if (!learnersNext.isEmpty()) {
      text.append(" learnersNext=").append(learnersNext);
    }
    return autoLeave ? text.append(" autoLeave").toString() : text.toString();
  }
}
