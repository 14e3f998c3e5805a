package io.arrowraft.raft.core;

/**
 * Whether a transfer of leadership began. It ends with another leader, or after one election
 * timeout.
 */
public sealed interface TransferResult {
  record Started() implements TransferResult {}

  /**
   * @param leaderId who the leader is believed to be; 0 if unknown
   */
  record NotLeader(long leaderId) implements TransferResult {}

  /** The peer has no vote, or leads already. */
  record NotEligible(long peer) implements TransferResult {}
}
