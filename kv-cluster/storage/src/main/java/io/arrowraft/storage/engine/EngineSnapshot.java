package io.arrowraft.storage.engine;

/**
 * A frozen state of an engine; cheap to take, and to be closed, since it holds old data on disk.
 */
public interface EngineSnapshot extends EngineReader, AutoCloseable {
  /** Releases the snapshot; idempotent. Iterators opened from it stay usable until closed. */
  @Override
  void close();
}
