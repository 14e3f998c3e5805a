package io.arrowraft.storage.engine;

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
