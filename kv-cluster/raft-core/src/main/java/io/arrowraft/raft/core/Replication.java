package io.arrowraft.raft.core;

import io.arrowraft.raft.core.RaftStatus.PeerMode;
import java.util.List;
import java.util.Optional;

/** The leader's side of the log: appending, sending, counting. */
final class Replication {
  private final NodeState state;

  Replication(NodeState state) {
    this.state = state;
  }

  void becomeLeader() {
    state.self(state.tracker).becomeReplicate();
  }

  /** Appends to the own log; the acknowledgement counts when {@link #onOwnPersisted} says so. */
  Entry append(EntryType type, byte[] data) {
    Entry entry = new Entry(state.term, state.log.lastIndex() + 1, type, data);
    state.log.appendOwn(List.of(entry));
    state.uncommittedBytes += data.length;
    state.entriesToSend = true;
    return entry;
  }

  boolean hasRoomFor(int bytes) {
    // One proposal always fits, however large, and so does the empty entry of a new leader.
    return bytes == 0
        || state.uncommittedBytes == 0
        || state.uncommittedBytes + bytes <= state.options.uncommittedBytesMax();
  }

  /** Whether the commit index moved. */
  boolean onOwnPersisted(long index) {
    Progress own = state.self(state.tracker);
    return own != null && own.acknowledged(index) && advanceCommit();
  }

  /** Commits by counting, which is only sound for entries of the own term. */
  boolean advanceCommit() {
    long index = state.tracker.committed();
    if (index <= state.log.committed() || state.log.term(index) != state.term) {
      return false;
    }
    long before = state.log.committed();
    state.log.commitTo(index);
    state.commitUntold = true;
    if (!state.options.lazyCommitNotice()
        || (before < state.announcedIndex && state.announcedIndex <= index)
        || (before < state.pendingMembershipIndex && state.pendingMembershipIndex <= index)) {
      state.commitToSend = true;
    }
    return true;
  }

  /** Sends a commit index that followers have not been told of with the next Ready. */
  void tellCommit() {
    state.commitToSend |= state.commitUntold;
  }

  boolean hasNews() {
    return state.isLeader() && (state.entriesToSend || state.commitToSend);
  }

  /** Sends everybody what was appended and committed since the last time. */
  void broadcastNews() {
    for (long peer : state.tracker.peers().keySet()) {
      if (peer != state.self()) {
        boolean more = send(peer, state.commitToSend);
        while (more) {
          more = send(peer, false);
        }
      }
    }
    state.entriesToSend = false;
    state.commitToSend = false;
    state.commitUntold = false;
  }

  void broadcastHeartbeat() {
    state.round++;
    state.heartbeatElapsed = 0;
    state
        .tracker
        .peers()
        .forEach(
            (peer, progress) -> {
              if (peer != state.self()) {
                // Not past what the peer surely has: it could commit an entry of its own that was
                // never chosen.
                long commit = Math.min(progress.match(), state.log.committed());
                state.messages.add(
                    new Message.HeartbeatRequest(
                        state.self(), peer, state.term, commit, state.round));
              }
            });
  }

  /**
   * Sends the next entries, or a snapshot, unless flow control forbids; says whether anything was
   * sent.
   */
  boolean send(long peer, boolean evenIfEmpty) {
    Progress progress = state.tracker.peer(peer);
    if (progress == null || progress.isPaused()) {
      return false;
    }
    long previous = progress.next() - 1;
    if (progress.next() >= state.log.firstIndex()
        && !state.log.fetch(peer, progress.next(), state.options.messageBytesMax())) {
      return false;
    }
    long previousTerm = state.log.term(previous);
    if (previousTerm == RaftLog.UNKNOWN || progress.next() < state.log.firstIndex()) {
      return sendSnapshot(peer, progress);
    }
    List<Entry> entries =
        progress.isWindowFull()
            ? List.of()
            : state.log.entriesFrom(progress.next(), state.options.messageBytesMax());
    if (entries.isEmpty() && !evenIfEmpty) {
      return false;
    }
    state.messages.add(
        new Message.AppendRequest(
            state.self(),
            peer,
            state.term,
            previous,
            previousTerm,
            entries,
            state.log.committed()));
    progress.sent(entries.size(), Entry.sizeBytes(entries));
    return true;
  }

  private boolean sendSnapshot(long peer, Progress progress) {
    if (!state.tracker.isActive(state.self(), peer, state.ticks)) {
      return false;
    }
    long indexMin = state.log.firstIndex() - 1;
    Optional<Snapshot> snapshot = state.storage.snapshot(peer, indexMin);
    if (snapshot.isEmpty() || snapshot.get().index() < indexMin) {
      return false;
    }
    progress.becomeSnapshot(snapshot.get().index());
    state.messages.add(new Message.InstallSnapshot(state.self(), peer, state.term, snapshot.get()));
    return true;
  }

  /** Whether the commit index moved. */
  boolean onAppendResponse(Message.AppendResponse response) {
    Progress progress = state.tracker.peer(response.from());
    if (progress == null) {
      return false;
    }
    progress.heard(state.ticks);
    if (response.rejected()) {
      onRejected(response, progress);
      return false;
    }
    boolean wasPaused = progress.isPaused();
    boolean confirmsProbe =
        progress.mode() == PeerMode.PROBE && progress.match() == response.index();
    if (!progress.acknowledged(response.index()) && !confirmsProbe) {
      return false;
    }
    switch (progress.mode()) {
      case PROBE -> progress.becomeReplicate();
      case SNAPSHOT -> {
        if (progress.match() + 1 >= state.log.firstIndex()) {
          progress.becomeReplicate();
        }
      }
      case REPLICATE -> progress.releaseWindow(response.index());
    }
    boolean committed = advanceCommit();
    if (!committed && wasPaused) {
      // The peer may have missed a commit index while nothing could be sent.
      send(response.from(), true);
    }
    boolean more = true;
    while (more) {
      more = send(response.from(), false);
    }
    return committed;
  }

  private void onRejected(Message.AppendResponse response, Progress progress) {
    long base = response.hintIndex();
    if (response.hintTerm() > 0) {
      base =
          state.log.lastIndexNotAfter(Math.min(base, state.log.lastIndex()), response.hintTerm());
    }
    if (progress.rejected(response.index(), base)) {
      if (progress.mode() == PeerMode.REPLICATE) {
        progress.becomeProbe();
      }
      send(response.from(), true);
    }
  }

  void onHeartbeatResponse(Message.HeartbeatResponse response) {
    Progress progress = state.tracker.peer(response.from());
    if (progress == null) {
      return;
    }
    progress.heard(state.ticks);
    progress.ackRound(Math.min(response.round(), state.round));
    progress.unpause();
    if (progress.match() < state.log.lastIndex() || progress.mode() == PeerMode.PROBE) {
      send(response.from(), true);
    }
  }

  /** What the peer wants can be read now. */
  void onFetched(long peer) {
    boolean more = true;
    while (more) {
      more = send(peer, false);
    }
  }

  void onUnreachable(long peer) {
    Progress progress = state.tracker.peer(peer);
    if (progress != null && progress.mode() == PeerMode.REPLICATE) {
      // What is in flight is probably lost.
      progress.becomeProbe();
    }
  }

  void onSnapshotReport(long peer, boolean delivered) {
    Progress progress = state.tracker.peer(peer);
    if (progress == null || progress.mode() != PeerMode.SNAPSHOT) {
      return;
    }
    if (!delivered) {
      progress.snapshotFailed();
    }
    progress.becomeProbe();
    // Wait for its acknowledgement, or for the next heartbeat's.
    progress.pause();
  }
}
