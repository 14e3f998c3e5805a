package io.arrowraft.raft.core;

import java.util.Arrays;
import java.util.Map;
import java.util.SortedSet;
import java.util.function.LongPredicate;
import java.util.function.LongUnaryOperator;

/** Majorities, single and joint. */
final class Quorum {
  enum Outcome {
    PENDING,
    LOST,
    WON
  }

  private Quorum() {}

  /** The highest value that a quorum has reached; 0 for a group without voters. */
  static long reached(Membership membership, LongUnaryOperator valueOf) {
    if (membership.voters().isEmpty()) {
      return 0;
    }
    long incoming = reached(membership.voters(), valueOf);
    return membership.isJoint()
        ? Math.min(incoming, reached(membership.outgoing(), valueOf))
        : incoming;
  }

  private static long reached(SortedSet<Long> voters, LongUnaryOperator valueOf) {
    long[] values = new long[voters.size()];
    int next = 0;
    for (long voter : voters) {
      values[next++] = valueOf.applyAsLong(voter);
    }
    Arrays.sort(values);
    return values[values.length - (values.length / 2 + 1)];
  }

  static boolean isActive(Membership membership, LongPredicate active) {
    return reached(membership, peer -> active.test(peer) ? 1 : 0) == 1;
  }

  static Outcome votes(Membership membership, Map<Long, Boolean> votes) {
    Outcome incoming = votes(membership.voters(), votes);
    if (!membership.isJoint()) {
      return incoming;
    }
    Outcome outgoing = votes(membership.outgoing(), votes);
    if (incoming == Outcome.LOST || outgoing == Outcome.LOST) {
      return Outcome.LOST;
    }
    return incoming == outgoing ? incoming : Outcome.PENDING;
  }

  private static Outcome votes(SortedSet<Long> voters, Map<Long, Boolean> votes) {
    int granted = 0;
    int missing = 0;
    for (long voter : voters) {
      Boolean vote = votes.get(voter);
      if (vote == null) {
        missing++;
      } else if (vote) {
        granted++;
      }
    }
    int needed = voters.size() / 2 + 1;
    if (granted >= needed) {
      return Outcome.WON;
    }
    return granted + missing >= needed ? Outcome.PENDING : Outcome.LOST;
  }
}
