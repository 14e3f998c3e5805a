package io.arrowraft.storage.memory;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EngineReader;
import io.arrowraft.storage.engine.IterateOptions;
import io.arrowraft.storage.engine.WriteBatch;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** An immutable state of all column families; applying a batch gives the next one. */
final class MemoryState implements EngineReader {
  static final MemoryState EMPTY = new MemoryState(emptyTrees());

  private final SortedTree[] trees;

  private MemoryState(SortedTree[] trees) {
    this.trees = trees;
  }

  private static SortedTree[] emptyTrees() {
    SortedTree[] trees = new SortedTree[ColumnFamily.values().length];
    Arrays.fill(trees, SortedTree.EMPTY);
    return trees;
  }

  SortedTree tree(ColumnFamily family) {
    return trees[family.ordinal()];
  }

  MemoryState apply(WriteBatch batch) {
    SortedTree[] next = trees.clone();
    for (WriteBatch.Operation operation : batch.operations()) {
      int at = operation.family().ordinal();
      if (operation instanceof WriteBatch.Put put) {
        next[at] = next[at].put(put.key(), put.value());
      } else if (operation instanceof WriteBatch.Delete delete) {
        next[at] = next[at].delete(delete.key());
      } else if (operation instanceof WriteBatch.DeleteRange range) {
        next[at] = next[at].deleteRange(range.start(), range.end());
      }
    }
    return new MemoryState(next);
  }

  long byteSize() {
    long sum = 0;
    for (SortedTree tree : trees) {
      sum += tree.byteSize();
    }
    return sum;
  }

  @Override
  public byte[] get(ColumnFamily family, byte[] key) {
    byte[] value = tree(family).get(key);
    return value == null ? null : value.clone();
  }

  @Override
  public int get(ColumnFamily family, ByteBuffer key, ByteBuffer value) {
    byte[] wanted = new byte[key.remaining()];
    key.get(key.position(), wanted);
    byte[] found = tree(family).get(wanted);
    return found == null ? -1 : copy(found, value);
  }

  @Override
  public EngineIterator iterator(ColumnFamily family, IterateOptions options) {
    return new MemoryIterator(tree(family), options);
  }

  static int copy(byte[] source, ByteBuffer target) {
    if (source.length <= target.remaining()) {
      target.put(source);
    }
    return source.length;
  }
}
