package io.arrowraft.raft;

import io.arrowraft.runtime.TimeSource;

/**
 * Tells any thread whether this replica certainly leads. To read under it: check, take a snapshot
 * of the data, check again with the time as of then. The second check is the one that counts: a
 * process may have been stopped in between.
 */
public final class LeaderLease {
  private record Grant(long term, long untilNanos) {}

  private static final Grant NONE = new Grant(0, 0);

  private final TimeSource time;
  private volatile Grant grant = NONE;
  private volatile boolean used;

  /** Moves on before anybody else hears how far entries are committed. */
  private volatile long committed;

  private volatile long applied;

  LeaderLease(TimeSource time) {
    this.time = time;
  }

  /**
   * The term in which this replica leads for certain, having applied an entry of it; 0 if it does
   * not.
   */
  public long term() {
    Grant current = grant;
    if (!used) {
      used = true;
    }
    return current.term() != 0 && time.nanos() - current.untilNanos() < 0 ? current.term() : 0;
  }

  /** Nanoseconds until the lease ends; 0 if there is none. */
  public long remainingNanos() {
    Grant current = grant;
    return current.term() == 0 ? 0 : Math.max(0, current.untilNanos() - time.nanos());
  }

  /**
   * Whether everything is known to be applied here that anybody can know to be committed: a
   * follower may apply an entry first, and show it to its readers.
   */
  public boolean coversCommitted() {
    return committed <= applied;
  }

  void committed(long index) {
    committed = index;
  }

  void applied(long index) {
    applied = index;
  }

  /** Whether anybody has asked since the last call. */
  boolean takeUsed() {
    boolean was = used;
    if (was) {
      used = false;
    }
    return was;
  }

  void grant(long term, long untilNanos) {
    grant = new Grant(term, untilNanos);
  }

  void revoke() {
    grant = NONE;
  }
}
