package io.arrowraft.storage.engine;

import java.util.List;

/**
 * An ordered store with column families, atomic batches and snapshots. The package page lists what
 * every engine keeps.
 */
public interface Engine extends EngineReader, AutoCloseable {

  /** Freezes the current state; the caller closes it. */
  EngineSnapshot snapshot();

  /**
   * Applies a batch atomically, visible to readers when the call returns.
   *
   * @param sync whether the batch, and with it everything written before, is durable on return
   */
  void write(WriteBatch batch, boolean sync);

  /**
   * Makes everything written before this call durable.
   *
   * <p>Once a write or a sync has failed for the disk's sake, every later one fails likewise: what
   * is on the disk is no longer known, and a second sync that succeeds would prove nothing.
   */
  void sync();

  /** Files that wait to be ingested. */
  SortedFiles sortedFiles();

  /**
   * Makes the pairs of finished files part of the data, over what their keys had before. On return
   * they are durable and visible to readers, and everything written before the call is durable too;
   * snapshots and iterators opened before do not see them. A crash within the call may leave each
   * file ingested or not, in order. The files stay where they are, so that the call can be repeated
   * with the same effect; {@link SortedFiles#delete} removes them.
   *
   * @throws EngineException of kind CORRUPTION if a file is not there or not readable: nothing of
   *     it and of those after it was taken in
   */
  void ingest(List<SortedFiles.Name> files);

  /**
   * Estimates the bytes stored between {@code start} inclusive and {@code end} exclusive, memory
   * included; an empty end means to the end of the family. Old versions and deleted data may count.
   */
  long approximateSize(ColumnFamily family, byte[] start, byte[] end);

  /**
   * How far background work is behind; cheap, but not for an event loop.
   *
   * @throws EngineException when the engine is closed
   */
  EnginePressure pressure();

  /** Memory held by this instance. */
  MemoryUsage memoryUsage();

  /**
   * Refuses new readers and writers, waits for open ones up to the engine's close deadline, and
   * releases everything; idempotent.
   *
   * @throws EngineException of kind BUSY when readers stay open past the deadline; the engine is
   *     then released when the last of them closes
   */
  @Override
  void close();
}
