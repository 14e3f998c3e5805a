package io.arrowraft.storage.txn;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.List;
import java.util.Objects;

/** One change to the engine that a command asks for; the key is the stored key. */
public sealed interface Modification {
  ColumnFamily family();

  byte[] key();

  /** Adds the change to a batch. */
  void addTo(WriteBatch batch);

  /** Sets a stored key. */
  record Put(ColumnFamily family, byte[] key, byte[] value) implements Modification {
    public Put {
      Objects.requireNonNull(family, "family");
      Objects.requireNonNull(key, "key");
      Objects.requireNonNull(value, "value");
    }

    @Override
    public void addTo(WriteBatch batch) {
      batch.put(family, key, value);
    }
  }

  /** Removes a stored key. */
  record Delete(ColumnFamily family, byte[] key) implements Modification {
    public Delete {
      Objects.requireNonNull(family, "family");
      Objects.requireNonNull(key, "key");
    }

    @Override
    public void addTo(WriteBatch batch) {
      batch.delete(family, key);
    }
  }

  /** The changes as one batch. */
  static WriteBatch batchOf(List<Modification> modifications) {
    WriteBatch batch = new WriteBatch();
    modifications.forEach(modification -> modification.addTo(batch));
    return batch;
  }
}
