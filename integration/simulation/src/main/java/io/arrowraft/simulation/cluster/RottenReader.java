package io.arrowraft.simulation.cluster;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EngineSnapshot;
import io.arrowraft.storage.engine.IterateOptions;
import java.nio.ByteBuffer;

/** A view of an engine through the rot on its disk. */
record RottenReader(EngineSnapshot view, Rot rot) implements EngineSnapshot {
  @Override
  public byte[] get(ColumnFamily family, byte[] key) {
    return rot.read(family, key, view.get(family, key));
  }

  @Override
  public int get(ColumnFamily family, ByteBuffer key, ByteBuffer value) {
    byte[] wanted = new byte[key.remaining()];
    key.get(key.position(), wanted);
    byte[] found = get(family, wanted);
    return found == null ? -1 : copy(found, value);
  }

  @Override
  public EngineIterator iterator(ColumnFamily family, IterateOptions options) {
    return new RottenIterator(view.iterator(family, options), rot, family, options);
  }

  @Override
  public void close() {
    view.close();
  }

  private static int copy(byte[] source, ByteBuffer target) {
    if (source.length <= target.remaining()) {
      target.put(source);
    }
    return source.length;
  }

  /** Reads values where it stands, and finds damage on its way. */
  private record RottenIterator(
      EngineIterator keys, Rot rot, ColumnFamily family, IterateOptions options)
      implements EngineIterator {
    private boolean moved(boolean valid) {
      if (valid && !rot.isEmpty()) {
        rot.comeUpon(family, keys.key(), options.lower(), options.upper());
      }
      return valid;
    }

    @Override
    public boolean seek(byte[] key) {
      return moved(keys.seek(key));
    }

    @Override
    public boolean seek(ByteBuffer key) {
      return moved(keys.seek(key));
    }

    @Override
    public boolean seekForPrev(byte[] key) {
      return moved(keys.seekForPrev(key));
    }

    @Override
    public boolean seekToFirst() {
      return moved(keys.seekToFirst());
    }

    @Override
    public boolean seekToLast() {
      return moved(keys.seekToLast());
    }

    @Override
    public boolean next() {
      return moved(keys.next());
    }

    @Override
    public boolean prev() {
      return moved(keys.prev());
    }

    @Override
    public boolean valid() {
      return keys.valid();
    }

    @Override
    public byte[] key() {
      return keys.key();
    }

    @Override
    public byte[] value() {
      return rot.read(family, keys.key(), keys.value());
    }

    @Override
    public int key(ByteBuffer target) {
      return keys.key(target);
    }

    @Override
    public int value(ByteBuffer target) {
      return copy(value(), target);
    }

    @Override
    public void close() {
      keys.close();
    }
  }
}
