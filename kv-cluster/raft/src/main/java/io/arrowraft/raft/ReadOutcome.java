package io.arrowraft.raft;

/** How a linearizable read may go on. */
public sealed interface ReadOutcome {
  /**
   * The state machine here has applied everything that was acknowledged before the read was asked
   * for.
   */
  record Ready(long index) implements ReadOutcome {}

  /** The leader's owner stands in the way, and says why. */
  record Blocked(byte[] answer) implements ReadOutcome {}

  sealed interface Failed extends ReadOutcome {}

  /** Nobody is known to lead, or leadership changed meanwhile. */
  record NoLeader(long leaderPeer) implements Failed {}

  record Overloaded(int pending) implements Failed {}

  /** No confirmation, or no progress in applying, within the bound. */
  record TimedOut() implements Failed {}

  record Closed() implements Failed {}
}
