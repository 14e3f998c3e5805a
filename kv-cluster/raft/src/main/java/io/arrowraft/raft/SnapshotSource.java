package io.arrowraft.raft;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The content of a snapshot, piece by piece. Used by one caller at a time. */
public interface SnapshotSource extends AutoCloseable {
  /**
   * The next piece, of at most 1 MiB; empty at the end. Not called again before it has completed.
   */
  CompletionStage<Optional<byte[]>> next();

  /** Idempotent. */
  @Override
  void close();
}
