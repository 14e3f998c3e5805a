package io.arrowraft.coprocessor.read;

import java.util.Optional;

/**
 * Pulls the result of a plan, batch after batch, in key order of the ranges it was opened with.
 * Belongs to one thread.
 */
public interface TableReader extends AutoCloseable {

  /**
   * The next batch, or empty at the end. Waits for stores; after a failure the reader is only good
   * for {@link #close()}.
   */
  Optional<ReadBatch> next();

  ReadStatistics statistics();

  /** Cancels what runs and frees every buffer. Idempotent. */
  @Override
  void close();
}
