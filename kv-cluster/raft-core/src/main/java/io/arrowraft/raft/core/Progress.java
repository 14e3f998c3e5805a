package io.arrowraft.raft.core;

import io.arrowraft.raft.core.RaftStatus.PeerMode;

/** What a leader knows about one peer, and what it may send to it. */
final class Progress {
  private final Inflights inflights;
  private PeerMode mode = PeerMode.PROBE;
  private long match;
  private long next;

  /**
   * In probe: the one message allowed is out. In replicate: the window is full. Lifted by any
   * answer.
   */
  private boolean paused;

  private long pendingSnapshot;
  private long lastHeardTick;
  private long ackedRound;

  Progress(long next, long match, long nowTick, RaftOptions options) {
    this.next = next;
    this.match = match;
    lastHeardTick = nowTick;
    inflights = new Inflights(options.inflightMessagesMax(), options.inflightBytesMax());
  }

  PeerMode mode() {
    return mode;
  }

  long match() {
    return match;
  }

  long next() {
    return next;
  }

  long lastHeardTick() {
    return lastHeardTick;
  }

  long ackedRound() {
    return ackedRound;
  }

  void heard(long tick) {
    lastHeardTick = tick;
  }

  void ackRound(long round) {
    ackedRound = Math.max(ackedRound, round);
  }

  void forgetRounds() {
    ackedRound = 0;
  }

  boolean isPaused() {
    return mode == PeerMode.SNAPSHOT || paused;
  }

  boolean isWindowFull() {
    return mode == PeerMode.REPLICATE && inflights.isFull();
  }

  void unpause() {
    paused = false;
  }

  void pause() {
    paused = true;
  }

  void becomeProbe() {
    next = mode == PeerMode.SNAPSHOT ? Math.max(match, pendingSnapshot) + 1 : match + 1;
    enter(PeerMode.PROBE);
  }

  void becomeReplicate() {
    enter(PeerMode.REPLICATE);
    next = match + 1;
  }

  void becomeSnapshot(long snapshotIndex) {
    enter(PeerMode.SNAPSHOT);
    pendingSnapshot = snapshotIndex;
    next = snapshotIndex + 1;
  }

  /** A snapshot that did not arrive tells nothing about the peer's log. */
  void snapshotFailed() {
    pendingSnapshot = 0;
  }

  private void enter(PeerMode entered) {
    mode = entered;
    paused = false;
    pendingSnapshot = 0;
    inflights.clear();
  }

  /** Whether the acknowledgement was news. */
  boolean acknowledged(long index) {
    if (index <= match) {
      return false;
    }
    match = index;
    next = Math.max(next, index + 1);
    paused = false;
    return true;
  }

  void releaseWindow(long index) {
    inflights.acknowledged(index);
  }

  /** Whether the rejection was news, and moved {@code next} back. */
  boolean rejected(long index, long hintNextBase) {
    if (mode == PeerMode.REPLICATE) {
      if (index <= match) {
        return false;
      }
      next = match + 1;
      return true;
    }
    if (next - 1 != index) {
      return false;
    }
    next = Math.max(Math.min(index, hintNextBase + 1), match + 1);
    paused = false;
    return true;
  }

  void sent(int entries, long bytes) {
    if (mode == PeerMode.REPLICATE) {
      if (entries > 0) {
        next += entries;
        inflights.add(next - 1, bytes);
      }
      paused = inflights.isFull();
    } else if (entries > 0) {
      paused = true;
    }
  }
}
