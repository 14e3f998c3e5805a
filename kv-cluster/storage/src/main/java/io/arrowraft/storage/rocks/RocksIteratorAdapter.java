package io.arrowraft.storage.rocks;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.IterateOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;

/** A native iterator with the native objects its bounds live in. */
final class RocksIteratorAdapter implements EngineIterator {
  private final ColumnFamily family;
  private final IterateOptions options;
  private final ReaderGate gate;
  private final RocksIterator nativeIterator;
  private final List<AbstractNativeReference> owned = new ArrayList<>(3);
  private boolean valid;
  private boolean closed;

  /** Opens an iterator; the gate has been entered for it and is left when it closes. */
  RocksIteratorAdapter(
      RocksDB db,
      ColumnFamily family,
      ColumnFamilyHandle handle,
      Snapshot snapshot,
      IterateOptions options,
      ReaderGate gate) {
    this.family = family;
    this.options = options;
    this.gate = gate;
    ReadOptions read = new ReadOptions().setFillCache(options.fillCache());
    owned.add(read);
    if (snapshot != null) {
      read.setSnapshot(snapshot);
    }
    if (options.lower().length > 0) {
      Slice lower = new Slice(options.lower());
      owned.add(lower);
      read.setIterateLowerBound(lower);
    }
    if (options.upper().length > 0) {
      Slice upper = new Slice(options.upper());
      owned.add(upper);
      read.setIterateUpperBound(upper);
    }
    nativeIterator = db.newIterator(handle, read);
  }

  @Override
  public boolean seek(byte[] key) {
    open().seek(key);
    return moved();
  }

  @Override
  public boolean seek(ByteBuffer key) {
    int position = key.position();
    open().seek(key);
    key.position(position);
    return moved();
  }

  @Override
  public boolean seekForPrev(byte[] key) {
    open().seekForPrev(key);
    return moved();
  }

  @Override
  public boolean seekToFirst() {
    open().seekToFirst();
    return moved();
  }

  @Override
  public boolean seekToLast() {
    open().seekToLast();
    return moved();
  }

  @Override
  public boolean next() {
    positioned().next();
    return moved();
  }

  @Override
  public boolean prev() {
    positioned().prev();
    return moved();
  }

  @Override
  public boolean valid() {
    return valid && !closed;
  }

  @Override
  public byte[] key() {
    return positioned().key();
  }

  @Override
  public byte[] value() {
    return positioned().value();
  }

  @Override
  public int key(ByteBuffer target) {
    int start = target.position();
    int limit = target.limit();
    int size = positioned().key(target);
    return settle(target, start, limit, size);
  }

  @Override
  public int value(ByteBuffer target) {
    int start = target.position();
    int limit = target.limit();
    int size = positioned().value(target);
    return settle(target, start, limit, size);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    nativeIterator.close();
    owned.forEach(AbstractNativeReference::close);
    gate.leave();
  }

  /** RocksDB marks what it copied by the limit; the port moves the position instead. */
  static int settle(ByteBuffer target, int start, int limit, int size) {
    target.limit(limit);
    target.position(size <= limit - start ? start + size : start);
    return size;
  }

  private boolean moved() {
    valid = nativeIterator.isValid();
    if (!valid) {
      try {
        nativeIterator.status();
      } catch (RocksDBException e) {
        throw RocksErrors.translate(
            "moving an iterator",
            new CorruptDataException.Damage(family, options.lower(), options.upper()),
            e);
      }
    }
    return valid;
  }

  private RocksIterator open() {
    if (closed) {
      throw new EngineException(EngineException.Kind.CLOSED, "the iterator is closed");
    }
    return nativeIterator;
  }

  private RocksIterator positioned() {
    RocksIterator iterator = open();
    if (!valid) {
      throw new IllegalStateException("the iterator does not stand on a key");
    }
    return iterator;
  }
}
