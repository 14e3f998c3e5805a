package io.arrowraft.raft.core;

/** What became of a proposal. */
public sealed interface ProposeResult {
  /**
   * The entry is in the leader's log. It is committed if an entry with this term is applied at this
   * index.
   */
  record Accepted(long index, long term) implements ProposeResult {}

  /** Nothing was appended. */
  sealed interface Refused extends ProposeResult {}

  /**
   * @param leaderId who the leader is believed to be; 0 if unknown
   */
  record NotLeader(long leaderId) implements Refused {}

  /** Leadership is being handed over; ask the new leader. */
  record Transferring(long to) implements Refused {}

  /** The bound on uncommitted bytes is reached. */
  record TooManyUncommitted(long uncommittedBytes) implements Refused {}

  /** Another membership change, at this index, is not applied yet. */
  record MembershipChangePending(long index) implements Refused {}

  /** The change does not fit the present membership. */
  record MembershipChangeInvalid(String problem) implements Refused {}

  /** After the change no majority would be alive. */
  record MembershipChangeLosesQuorum(Membership after) implements Refused {}
}
