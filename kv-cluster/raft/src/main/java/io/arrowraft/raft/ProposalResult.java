package io.arrowraft.raft;

import io.arrowraft.raft.core.ProposeResult;

/** What became of a proposal at once. Only an accepted one is heard of again. */
public sealed interface ProposalResult {
  record Accepted(long index, long term) implements ProposalResult {}

  /** Nothing was appended. */
  sealed interface Refused extends ProposalResult {}

  /**
   * @param leaderPeer who to ask; 0 if unknown
   */
  record NotLeader(long leaderPeer) implements Refused {}

  /** The proposal was made for another term: what it rests on may have changed. */
  record StaleTerm(long requiredTerm, long currentTerm) implements Refused {}

  record TooLarge(long bytes, long bytesMax) implements Refused {}

  /** Too many proposals, or bytes of them, are under way. */
  record Overloaded(int proposals) implements Refused {}

  /** For reasons of the protocol: a transfer of leadership, or another membership change. */
  record Rejected(ProposeResult.Refused reason) implements Refused {}

  static ProposalResult of(ProposeResult result, int proposals) {
    if (result instanceof ProposeResult.Accepted accepted) {
      return new Accepted(accepted.index(), accepted.term());
    } else if (result instanceof ProposeResult.NotLeader notLeader) {
      return new NotLeader(notLeader.leaderId());
    } else if (result instanceof ProposeResult.TooManyUncommitted) {
      return new Overloaded(proposals);
    }
    return new Rejected((ProposeResult.Refused) result);
  }
}
