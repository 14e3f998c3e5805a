package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.MvccKeys;
import io.arrowraft.storage.mvcc.Write;
import java.util.ArrayList;
import java.util.List;

/** Collects what a command changes, in terms of locks, write records and long values. */
final class Changes {
  private final List<Modification> modifications = new ArrayList<>();

  List<Modification> modifications() {
    return modifications;
  }

  void putLock(Bytes key, Lock lock) {
    put(ColumnFamily.LOCK, MvccKeys.encode(key), lock.encode());
  }

  void unlock(Bytes key) {
    delete(ColumnFamily.LOCK, MvccKeys.encode(key));
  }

  void putWrite(Bytes key, long commitTs, Write write) {
    put(ColumnFamily.WRITE, version(key, commitTs), write.encode());
  }

  void deleteWrite(Bytes key, long commitTs) {
    delete(ColumnFamily.WRITE, version(key, commitTs));
  }

  void putValue(Bytes key, long startTs, Bytes value) {
    put(ColumnFamily.DEFAULT, version(key, startTs), value.unsafeArray());
  }

  void deleteValue(Bytes key, long startTs) {
    delete(ColumnFamily.DEFAULT, version(key, startTs));
  }

  private static byte[] version(Bytes key, long timestamp) {
    return MvccKeys.withTimestamp(MvccKeys.encode(key), timestamp);
  }

  private void put(ColumnFamily family, byte[] key, byte[] value) {
    modifications.add(new Modification.Put(family, key, value));
  }

  private void delete(ColumnFamily family, byte[] key) {
    modifications.add(new Modification.Delete(family, key));
  }
}
