package io.arrowraft.bench;

/** A store under test. Used by many threads at once, each of which waits for its operation. */
public interface KeyValueTarget extends AutoCloseable {
  /** Stores a value; returns when it is synced. */
  void put(byte[] key, byte[] value);

  /** Reads the latest acknowledged value; null if there is none. */
  byte[] get(byte[] key);

  /** Syncs of logs by all replicas together so far; negative if that cannot be known. */
  long syncs();

  @Override
  void close();
}
