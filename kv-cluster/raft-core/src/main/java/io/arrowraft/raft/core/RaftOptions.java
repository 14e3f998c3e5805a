package io.arrowraft.raft.core;

/**
 * @param peerId this replica's id; positive and never reused in the group
 * @param electionTicks a follower that hears nothing for this long (randomised up to twice as long)
 *     stands for election, and for this long after a heartbeat it votes for nobody else. Since the
 *     first tick may follow at once, the promise lasts {@code electionTicks - 1} tick intervals
 * @param heartbeatTicks less than {@code electionTicks}
 * @param messageBytesMax entries in one append request; a single larger entry still goes
 * @param committedBytesMax committed entries in one Ready; a single larger entry still goes
 * @param applyingBytesMax committed entries handed out and not reported applied
 * @param inflightMessagesMax append requests sent to one peer and not acknowledged
 * @param inflightBytesMax bytes of entries sent to one peer and not acknowledged
 * @param uncommittedBytesMax proposals in the leader's log and not committed
 * @param pendingReadsMax reads waiting for confirmation
 * @param votePauseAfterStart vote for nobody within one election timeout of the start, because
 *     before a restart this replica may have acknowledged a heartbeat on which a lease rests. Off
 *     for a replica that never ran before
 * @param lazyCommitNotice followers hear of a commit index with the next entries, or with the
 *     leader's next tick, instead of by a message of its own at once. They apply later by as much,
 *     and each round of replication costs half the messages. Membership changes, reads of followers
 *     and what {@link RaftNode#announceCommit} names are told at once all the same
 * @param applied the index that the state machine has applied durably
 */
public record RaftOptions(
    long peerId,
    int electionTicks,
    int heartbeatTicks,
    long messageBytesMax,
    long committedBytesMax,
    long applyingBytesMax,
    int inflightMessagesMax,
    long inflightBytesMax,
    long uncommittedBytesMax,
    int pendingReadsMax,
    boolean votePauseAfterStart,
    boolean lazyCommitNotice,
    long applied) {

  public RaftOptions {
    if (peerId <= 0) {
      throw new IllegalArgumentException("peerId must be positive: " + peerId);
    }
    if (heartbeatTicks <= 0 || electionTicks <= heartbeatTicks) {
      throw new IllegalArgumentException(
          "need 0 < heartbeatTicks < electionTicks: " + heartbeatTicks + ", " + electionTicks);
    }
    if (messageBytesMax <= 0
        || committedBytesMax <= 0
        || applyingBytesMax <= 0
        || inflightMessagesMax <= 0
        || inflightBytesMax < messageBytesMax
        || uncommittedBytesMax <= 0
        || pendingReadsMax <= 0
        || applied < 0) {
      throw new IllegalArgumentException("a limit is out of range for peer " + peerId);
    }
  }

  public static RaftOptions defaults(long peerId) {
    return new RaftOptions(
        peerId, 10, 2, 1 << 20, 4 << 20, 64 << 20, 256, 16 << 20, 64 << 20, 4096, false, false, 0);
  }

  public RaftOptions withTicks(int election, int heartbeat) {
    return new RaftOptions(
        peerId,
        election,
        heartbeat,
        messageBytesMax,
        committedBytesMax,
        applyingBytesMax,
        inflightMessagesMax,
        inflightBytesMax,
        uncommittedBytesMax,
        pendingReadsMax,
        votePauseAfterStart,
        lazyCommitNotice,
        applied);
  }

  public RaftOptions withApplied(long index) {
    return new RaftOptions(
        peerId,
        electionTicks,
        heartbeatTicks,
        messageBytesMax,
        committedBytesMax,
        applyingBytesMax,
        inflightMessagesMax,
        inflightBytesMax,
        uncommittedBytesMax,
        pendingReadsMax,
        votePauseAfterStart,
        lazyCommitNotice,
        index);
  }

  public RaftOptions withVotePauseAfterStart(boolean pause) {
    return new RaftOptions(
        peerId,
        electionTicks,
        heartbeatTicks,
        messageBytesMax,
        committedBytesMax,
        applyingBytesMax,
        inflightMessagesMax,
        inflightBytesMax,
        uncommittedBytesMax,
        pendingReadsMax,
        pause,
        lazyCommitNotice,
        applied);
  }

  public RaftOptions withPeerId(long id) {
    return new RaftOptions(
        id,
        electionTicks,
        heartbeatTicks,
        messageBytesMax,
        committedBytesMax,
        applyingBytesMax,
        inflightMessagesMax,
        inflightBytesMax,
        uncommittedBytesMax,
        pendingReadsMax,
        votePauseAfterStart,
        lazyCommitNotice,
        applied);
  }

  public RaftOptions withMessageBytes(long messageBytes, long committedBytes) {
    return new RaftOptions(
        peerId,
        electionTicks,
        heartbeatTicks,
        messageBytes,
        committedBytes,
        applyingBytesMax,
        inflightMessagesMax,
        Math.max(inflightBytesMax, messageBytes),
        uncommittedBytesMax,
        pendingReadsMax,
        votePauseAfterStart,
        lazyCommitNotice,
        applied);
  }

  public RaftOptions withLazyCommitNotice(boolean lazy) {
    return new RaftOptions(
        peerId,
        electionTicks,
        heartbeatTicks,
        messageBytesMax,
        committedBytesMax,
        applyingBytesMax,
        inflightMessagesMax,
        inflightBytesMax,
        uncommittedBytesMax,
        pendingReadsMax,
        votePauseAfterStart,
        lazy,
        applied);
  }
}
