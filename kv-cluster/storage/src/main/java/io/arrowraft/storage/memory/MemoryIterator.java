package io.arrowraft.storage.memory;

import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.IterateOptions;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A cursor over one immutable tree; every step descends from the root. */
final class MemoryIterator implements EngineIterator {
  private final SortedTree tree;
  private final byte[] lower;
  private final byte[] upper;
  private SortedTree.Node current;
  private boolean closed;

  MemoryIterator(SortedTree tree, IterateOptions options) {
    this.tree = tree;
    this.lower = options.lower();
    this.upper = options.upper();
  }

  @Override
  public boolean seek(byte[] key) {
    byte[] from = Arrays.compareUnsigned(key, lower) < 0 ? lower : key;
    return stand(tree.atOrAfter(from, true));
  }

  @Override
  public boolean seek(ByteBuffer key) {
    byte[] bytes = new byte[key.remaining()];
    key.get(key.position(), bytes);
    return seek(bytes);
  }

  @Override
  public boolean seekForPrev(byte[] key) {
    if (upper.length > 0 && Arrays.compareUnsigned(key, upper) >= 0) {
      return stand(tree.atOrBefore(upper, false));
    }
    return stand(tree.atOrBefore(key, true));
  }

  @Override
  public boolean seekToFirst() {
    return seek(lower);
  }

  @Override
  public boolean seekToLast() {
    return stand(upper.length == 0 ? tree.last() : tree.atOrBefore(upper, false));
  }

  @Override
  public boolean next() {
    return stand(tree.atOrAfter(positioned().key, false));
  }

  @Override
  public boolean prev() {
    return stand(tree.atOrBefore(positioned().key, false));
  }

  @Override
  public boolean valid() {
    return !closed && current != null;
  }

  @Override
  public byte[] key() {
    return positioned().key.clone();
  }

  @Override
  public byte[] value() {
    return positioned().value.clone();
  }

  @Override
  public int key(ByteBuffer target) {
    return MemoryState.copy(positioned().key, target);
  }

  @Override
  public int value(ByteBuffer target) {
    return MemoryState.copy(positioned().value, target);
  }

  @Override
  public void close() {
    closed = true;
    current = null;
  }

  private boolean stand(SortedTree.Node node) {
    if (closed) {
      throw new EngineException(EngineException.Kind.CLOSED, "the iterator is closed");
    }
    boolean inside =
        node != null
            && Arrays.compareUnsigned(node.key, lower) >= 0
            && (upper.length == 0 || Arrays.compareUnsigned(node.key, upper) < 0);
    current = inside ? node : null;
    return inside;
  }

  private SortedTree.Node positioned() {
    if (closed) {
      throw new EngineException(EngineException.Kind.CLOSED, "the iterator is closed");
    }
    if (current == null) {
      throw new IllegalStateException("the iterator does not stand on a key");
    }
    return current;
  }
}
