package io.arrowraft.raft;

import java.util.Optional;

/** What arrives from other stores. Called from any thread; must not block. */
public interface RaftReceiver {
  /** Takes a message, or drops it. */
  void receive(RaftEnvelope envelope);

  /**
   * The content of a snapshot is about to arrive.
   *
   * @param envelope carries the message that announces the snapshot; it is passed to {@link
   *     #receive} after the content
   * @return where to put the content; empty to refuse
   */
  Optional<SnapshotSink> receiveSnapshot(RaftEnvelope envelope);
}
