package io.arrowraft.storage.engine;

import java.util.List;

/**
 * Files of sorted pairs that lie beside an engine's data until {@link Engine#ingest} makes them
 * part of it. Writing one costs readers and writers of the engine nothing.
 *
 * <p>A finished file is durable. One that is not finished is gone after a restart; one that was
 * deleted may be there again after a crash, so whoever keeps files also keeps a record of those
 * that count.
 *
 * <p>Safe for use by any thread; a {@link Writer} belongs to one thread at a time.
 */
public interface SortedFiles {
  /**
   * A finished file.
   *
   * @param name as it was created under
   * @param family the only one whose pairs it holds
   */
  record Name(String name, ColumnFamily family) {
    /** Names become file names. */
    private static final String LEGAL = "[a-z0-9-]{1,100}";

    public Name {
      if (!name.matches(LEGAL)) {
        throw new IllegalArgumentException(
            "the name of a sorted file must match " + LEGAL + ", is '" + name + "'");
      }
    }
  }

  /** A file on its way. */
  interface Writer extends AutoCloseable {
    /**
     * Appends a pair.
     *
     * @param key above the one before
     * @throws IllegalArgumentException if the key is not
     */
    void put(byte[] key, byte[] value);

    /** About as many bytes as the file takes on disk now. */
    long byteSize();

    /**
     * Ends the file and makes it durable, in place of another of its name.
     *
     * @throws IllegalStateException if nothing was put
     */
    void finish();

    /** Gives up what is not finished; idempotent. */
    @Override
    void close();
  }

  /**
   * Begins a file.
   *
   * @throws EngineException when the engine is closed or the disk refuses
   */
  Writer create(Name name);

  /** Names of all finished files, in order. */
  List<String> names();

  boolean contains(String name);

  /** Bytes on disk of all files, finished or not. */
  long byteSize();

  /** Removes a finished file, if it is there. What was ingested from it stays. */
  void delete(String name);
}
