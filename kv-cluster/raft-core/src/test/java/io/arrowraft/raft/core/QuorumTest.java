package io.arrowraft.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** The arithmetic of majorities against definitions that are too simple to be wrong. */
class QuorumTest {
  @Property
  void highestReachedValueIsTheOneThatMajoritiesOfBothHalvesHave(
      @ForAll @Size(min = 1, max = 6) Set<@LongRange(min = 1, max = 9) Long> voters,
      @ForAll @Size(max = 6) Set<@LongRange(min = 1, max = 9) Long> outgoing,
      @ForAll @Size(value = 10) long[] raw) {
    Membership membership = joint(voters, outgoing);
    long[] values = new long[raw.length];
    for (int i = 0; i < raw.length; i++) {
      values[i] = Math.floorMod(raw[i], 7);
    }
    long expected = 0;
    for (long candidate = 0; candidate < 7; candidate++) {
      if (majorityHas(membership.voters(), values, candidate)
          && (outgoing.isEmpty() || majorityHas(membership.outgoing(), values, candidate))) {
        expected = candidate;
      }
    }
    assertThat(Quorum.reached(membership, id -> values[(int) id])).isEqualTo(expected);
  }

  @Property
  void electionIsDecidedExactlyWhenMissingVotesCannotMatter(
      @ForAll @Size(min = 1, max = 5) Set<@LongRange(min = 1, max = 7) Long> voters,
      @ForAll @Size(max = 5) Set<@LongRange(min = 1, max = 7) Long> outgoing,
      @ForAll @IntRange(max = 127) int cast,
      @ForAll @IntRange(max = 127) int granted) {
    Membership membership = joint(voters, outgoing);
    Map<Long, Boolean> votes = new HashMap<>();
    for (long id = 1; id <= 7; id++) {
      if ((cast >> (id - 1) & 1) == 1) {
        votes.put(id, (granted >> (id - 1) & 1) == 1);
      }
    }
    boolean canWin = wins(membership, votes, true);
    boolean mustWin = wins(membership, votes, false);
    Quorum.Outcome outcome = Quorum.votes(membership, votes);
    if (mustWin) {
      assertThat(outcome).isEqualTo(Quorum.Outcome.WON);
    } else if (!canWin) {
      assertThat(outcome).isEqualTo(Quorum.Outcome.LOST);
    } else {
      assertThat(outcome).isEqualTo(Quorum.Outcome.PENDING);
    }
  }

  @Property
  void majoritiesBeforeAndAfterAnAllowedChangeIntersect(
      @ForAll @Size(min = 1, max = 5) Set<@LongRange(min = 1, max = 6) Long> voters,
      @ForAll @LongRange(min = 1, max = 6) long peer,
      @ForAll MembershipChange.StepKind kind) {
    Membership before = joint(voters, Set.of());
    MembershipChange change = MembershipChange.simple(kind, peer, new byte[0]);
    if (before.problemWith(change).isPresent()) {
      return;
    }
    Membership after = before.after(change);
    for (int group = 0; group < 128; group++) {
      if (isMajority(before, group) && isMajority(after, ~group & 127)) {
        throw new AssertionError("disjoint majorities: " + before + ", " + after);
      }
    }
  }

  private static boolean isMajority(Membership membership, int group) {
    int members = 0;
    for (long voter : membership.voters()) {
      members += group >> (voter - 1) & 1;
    }
    return members * 2 > membership.voters().size();
  }

  private static Membership joint(Set<Long> voters, Set<Long> outgoing) {
    return new Membership(
        new TreeSet<>(voters), new TreeSet<>(outgoing), new TreeSet<>(), new TreeSet<>(), false);
  }

  private static boolean majorityHas(Set<Long> voters, long[] values, long candidate) {
    int count = 0;
    for (long voter : voters) {
      count += values[(int) voter] >= candidate ? 1 : 0;
    }
    return count * 2 > voters.size();
  }

  private static boolean wins(Membership membership, Map<Long, Boolean> votes, boolean missing) {
    return wins(membership.voters(), votes, missing)
        && (membership.outgoing().isEmpty() || wins(membership.outgoing(), votes, missing));
  }

  private static boolean wins(Set<Long> voters, Map<Long, Boolean> votes, boolean missing) {
    int count = 0;
    for (long voter : voters) {
      count += votes.getOrDefault(voter, missing) ? 1 : 0;
    }
    return count * 2 > voters.size();
  }
}
