package io.arrowraft.server.peer;

import io.arrowraft.raft.core.RaftStatus;
import io.arrowraft.raft.core.TransferResult;
import java.util.function.LongPredicate;

/** Giving leadership away before this replica goes. */
final class Handover {
  private Handover() {}

  /**
   * Begins to give leadership to the voter that is best prepared for it. On the region's loop.
   *
   * @return its peer id; 0 if this replica does not lead or nobody can take over
   */
  static long begin(RegionPeer peer) {
    return begin(peer, anyone -> true);
  }

  /** The same, among those that {@code wanted} lets pass. */
  static long begin(RegionPeer peer, LongPredicate wanted) {
    if (!peer.isServing() || !peer.isLeader()) {
      return 0;
    }
    RaftStatus status = peer.group().status();
    long successor = 0;
    long match = -1;
    for (RaftStatus.PeerStatus other : status.peers()) {
      boolean able =
          other.peer() != peer.peerId()
              && other.active()
              && status.membership().voters().contains(other.peer())
              && wanted.test(other.peer());
      if (able && other.match() > match) {
        successor = other.peer();
        match = other.match();
      }
    }
    boolean started =
        successor != 0 && peer.group().transferLeader(successor) instanceof TransferResult.Started;
    return started ? successor : 0;
  }
}
