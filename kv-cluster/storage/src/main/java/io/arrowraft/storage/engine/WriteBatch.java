package io.arrowraft.storage.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * An ordered list of changes that an engine applies atomically. Not thread-safe. Keys and values
 * are not copied: they belong to the batch once given to it.
 */
public final class WriteBatch {

  /** One change. */
  public sealed interface Operation {
    ColumnFamily family();
  }

  /** Sets a key. */
  public record Put(ColumnFamily family, byte[] key, byte[] value) implements Operation {}

  /** Removes a key, if it is there. */
  public record Delete(ColumnFamily family, byte[] key) implements Operation {}

  /**
   * Removes the keys from {@code start} inclusive to {@code end} exclusive; an empty end means to
   * the end of the family.
   */
  public record DeleteRange(ColumnFamily family, byte[] start, byte[] end) implements Operation {}

  private final List<Operation> operations = new ArrayList<>();
  private long byteSize;

  public WriteBatch put(ColumnFamily family, byte[] key, byte[] value) {
    Objects.requireNonNull(family, "family");
    operations.add(
        new Put(
            family, Objects.requireNonNull(key, "key"), Objects.requireNonNull(value, "value")));
    byteSize += key.length + (long) value.length;
    return this;
  }

  public WriteBatch delete(ColumnFamily family, byte[] key) {
    Objects.requireNonNull(family, "family");
    operations.add(new Delete(family, Objects.requireNonNull(key, "key")));
    byteSize += key.length;
    return this;
  }

  public WriteBatch deleteRange(ColumnFamily family, byte[] start, byte[] end) {
    Objects.requireNonNull(family, "family");
    operations.add(
        new DeleteRange(
            family, Objects.requireNonNull(start, "start"), Objects.requireNonNull(end, "end")));
    byteSize += start.length + (long) end.length;
    return this;
  }

  /** Adds the operations of another batch after those of this one. */
  public WriteBatch append(WriteBatch other) {
    operations.addAll(other.operations);
    byteSize += other.byteSize;
    return this;
  }

  /** The operations in order; a view that must not outlive changes to the batch. */
  public List<Operation> operations() {
    return Collections.unmodifiableList(operations);
  }

  /** Bytes of keys and values, without the engine's overhead. */
  public long byteSize() {
    return byteSize;
  }

  public int count() {
    return operations.size();
  }

  public boolean isEmpty() {
    return operations.isEmpty();
  }

  /** Forgets all operations so that the batch can be filled again. */
  public void clear() {
    operations.clear();
    byteSize = 0;
  }
}
