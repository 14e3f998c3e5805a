package io.arrowraft.raft.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The membership in force, the leader's progress of each peer, and the votes of an election. */
final class ProgressTracker {
  private final RaftOptions options;
  private final TreeMap<Long, Progress> peers = new TreeMap<>();
  private final TreeMap<Long, Boolean> votes = new TreeMap<>();
  private Membership membership;

  ProgressTracker(RaftOptions options, Membership membership) {
    this.options = options;
    this.membership = membership;
  }

  Membership membership() {
    return membership;
  }

  /** The peers in ascending order. */
  Map<Long, Progress> peers() {
    return peers;
  }

  Progress peer(long id) {
    return peers.get(id);
  }

  /** Starts over, as a new leader or after a snapshot. */
  void reset(Membership current, long lastIndex, long nowTick) {
    membership = current;
    peers.clear();
    votes.clear();
    adopt(current, lastIndex, nowTick);
  }

  /** Keeps what is known about the peers that stay. */
  void adopt(Membership changed, long lastIndex, long nowTick) {
    membership = changed;
    peers.keySet().retainAll(changed.peers());
    for (long id : changed.peers()) {
      if (!peers.containsKey(id)) {
        peers.put(id, new Progress(lastIndex + 1, 0, nowTick, options));
      }
    }
  }

  long committed() {
    return Quorum.reached(membership, id -> peers.get(id).match());
  }

  /** What would be committed if this leader had its own log up to {@code index} on disk. */
  long committedWithOwn(long self, long index) {
    return Quorum.reached(membership, id -> id == self ? index : peers.get(id).match());
  }

  /** The latest heartbeat round that a quorum has answered; the leader itself answers at once. */
  long quorumRound(long self, long latestRound) {
    return Quorum.reached(membership, id -> id == self ? latestRound : peers.get(id).ackedRound());
  }

  boolean isActive(long self, long id, long nowTick) {
    Progress progress = peers.get(id);
    return id == self
        || (progress != null && nowTick - progress.lastHeardTick() < options.electionTicks());
  }

  boolean hasActiveQuorum(long self, long nowTick) {
    return Quorum.isActive(membership, id -> isActive(self, id, nowTick));
  }

  void forgetRounds() {
    peers.values().forEach(Progress::forgetRounds);
  }

  void forgetVotes() {
    votes.clear();
  }

  Quorum.Outcome vote(long id, boolean granted) {
    votes.putIfAbsent(id, granted);
    return Quorum.votes(membership, votes);
  }

  List<RaftStatus.PeerStatus> status(long self, long nowTick) {
    List<RaftStatus.PeerStatus> result = new ArrayList<>(peers.size());
    peers.forEach(
        (id, progress) ->
            result.add(
                new RaftStatus.PeerStatus(
                    id,
                    progress.mode(),
                    progress.match(),
                    progress.next(),
                    isActive(self, id, nowTick))));
    return result;
  }
}
