package io.arrowraft.raft.core;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What replicas of one group tell each other. Every message names its sender, its receiver and a
 * term.
 */
public sealed interface Message {
  long from();

  long to();

  long term();

  /**
   * Asks whether an election in {@code term}, the sender's next one, could be won. Nobody changes
   * state for it.
   */
  record PreVoteRequest(long from, long to, long term, long lastIndex, long lastTerm)
      implements Message {}

  /**
   * A grant carries the term that was asked for, a refusal the term of the refuser.
   *
   * @param commit the voter's commit index, 0 if it tells of none: whoever asks may lack nothing
   *     but the knowledge that a peer whose vote it wants has been removed
   * @param commitTerm the term of the entry there
   */
  record PreVoteResponse(
      long from, long to, long term, boolean granted, long commit, long commitTerm)
      implements Message {}

  /**
   * Asks for a vote.
   *
   * @param transfer the old leader asked for this election, so its lease does not stand in the way
   */
  record VoteRequest(long from, long to, long term, long lastIndex, long lastTerm, boolean transfer)
      implements Message {}

  /** As {@link PreVoteResponse}, to a {@link VoteRequest}. */
  record VoteResponse(long from, long to, long term, boolean granted, long commit, long commitTerm)
      implements Message {}

  /**
   * Entries that follow {@code previousIndex}; none when it only probes.
   *
   * @param commit the leader's commit index
   */
  record AppendRequest(
      long from,
      long to,
      long term,
      long previousIndex,
      long previousTerm,
      List<Entry> entries,
      long commit)
      implements Message {
    public AppendRequest {
      entries = List.copyOf(entries);
    }
  }

  /**
   * Accepted: everything up to {@code index} is durable and equal to the leader's log. Rejected:
   * the entry before the sent ones, at {@code index}, does not match.
   *
   * @param hintIndex when rejected, the highest index at which the logs may agree
   * @param hintTerm the term of the receiver's entry there; 0 if unknown
   */
  record AppendResponse(
      long from, long to, long term, long index, boolean rejected, long hintIndex, long hintTerm)
      implements Message {}

  /**
   * @param commit the commit index as far as the receiver is known to have the log
   * @param round numbers the leader's broadcasts within its term, from 1
   */
  record HeartbeatRequest(long from, long to, long term, long commit, long round)
      implements Message {}

  /**
   * Echoes the round: the sender had no newer leader when it got that heartbeat. Round 0, from a
   * replica that waits for its first snapshot, says only that it is alive.
   */
  record HeartbeatResponse(long from, long to, long term, long round) implements Message {}

  /**
   * The leader falls silent, and so may a receiver whose log ends at {@code index}, where
   * everything is committed.
   *
   * @param round the leader's latest heartbeat round; a receiver that has seen a newer one stays
   *     awake
   */
  record Rest(long from, long to, long term, long index, long round) implements Message {}

  record InstallSnapshot(long from, long to, long term, Snapshot snapshot) implements Message {
    public InstallSnapshot {
      Objects.requireNonNull(snapshot, "snapshot");
    }
  }

  /**
   * Asks the receiver to begin an election at once.
   *
   * @param round the leader's latest heartbeat round; a receiver that has seen a newer one
   *     disobeys, so that a delayed copy cannot break a lease the leader has got back
   */
  record TimeoutNow(long from, long to, long term, long round) implements Message {}

  /** A follower asks for a read index. */
  record ReadIndexRequest(long from, long to, long term, byte[] context) implements Message {
    @Override
    public boolean equals(Object other) {
      return other instanceof ReadIndexRequest that
          && from == that.from
          && to == that.to
          && term == that.term
          && Arrays.equals(context, that.context);
    }

    @Override
    public int hashCode() {
      return Objects.hash(from, to, term, Arrays.hashCode(context));
    }
  }

  record ReadIndexResponse(long from, long to, long term, long index, byte[] context)
      implements Message {
    @Override
    public boolean equals(Object other) {
      return other instanceof ReadIndexResponse that
          && from == that.from
          && to == that.to
          && term == that.term
          && index == that.index
          && Arrays.equals(context, that.context);
    }

    @Override
    public int hashCode() {
      return Objects.hash(from, to, term, index, Arrays.hashCode(context));
    }
  }
}
