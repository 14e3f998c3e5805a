package io.arrowraft.raft.core;

import java.util.List;

/**
 * A snapshot of the node for its owner and for people.
 *
 * @param leaderId 0 if unknown
 * @param transferTo the peer to which leadership is being handed over; 0 for none
 * @param peers replication progress, in ascending order of peer; empty unless this node leads
 */
public record RaftStatus(
    long peerId,
    long term,
    RaftRole role,
    long leaderId,
    long committed,
    long applied,
    long firstIndex,
    long lastIndex,
    Membership membership,
    long transferTo,
    List<PeerStatus> peers) {
  public RaftStatus {
    peers = List.copyOf(peers);
  }

  public enum PeerMode {
    /** One message at a time, to find out where the logs agree. */
    PROBE,
    /** Messages are pipelined. */
    REPLICATE,
    /** A snapshot is on its way; no entries are sent. */
    SNAPSHOT
  }

  /**
   * @param match the highest index known to be durable at the peer
   * @param next the next index to send
   * @param active heard from within one election timeout
   */
  public record PeerStatus(long peer, PeerMode mode, long match, long next, boolean active) {}
}
