package io.arrowraft.raft;

import java.util.concurrent.CompletionStage;

/** Takes the content of a snapshot that arrives. Ended by {@link #finish} or {@link #abort}. */
public interface SnapshotSink {
  /** Keeps a piece; the next one comes when this has completed. */
  CompletionStage<Void> write(byte[] piece);

  /**
   * The content is complete and its checksums are right. When this has completed the message is
   * delivered.
   */
  CompletionStage<Void> finish();

  /** The stream broke: what has arrived is of no use. */
  void abort();
}
