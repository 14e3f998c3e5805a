package io.arrowraft.raft;

/** A group as its loop sees it: a {@link RaftGroup}, or an owner that looks at messages first. */
public interface GroupMember {
  void tick();

  void receive(RaftEnvelope envelope);

  void reportUnreachable(long peer);

  /**
   * While the group sleeps: a store does not answer, or has been started anew. Means nothing to one
   * that never sleeps.
   */
  default void suspect(long store) {}
}
