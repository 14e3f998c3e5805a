package io.arrowraft.raft.core;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * One log entry. The array is shared, not copied: nobody may change it after the entry is made.
 *
 * @param term the term of the leader that created it, at least 1
 * @param index its place in the log, at least 1
 */
public record Entry(long term, long index, EntryType type, byte[] data) {
  /** What an entry costs besides its data when sizes are limited. */
  static final int OVERHEAD_BYTES = 24;

  public Entry {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(data, "data");
    if (term < 0 || index < 0) {
      throw new IllegalArgumentException("negative term or index: " + term + ", " + index);
    }
  }

  public static Entry normal(long term, long index, byte[] data) {
    return new Entry(term, index, EntryType.NORMAL, data);
  }

  /** The size that limits of messages, pages and caches count. */
  public long sizeBytes() {
    return (long) data.length + OVERHEAD_BYTES;
  }

  public static long sizeBytes(List<Entry> entries) {
    long total = 0;
    for (Entry entry : entries) {
      total += entry.sizeBytes();
    }
    return total;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Entry that
        && term == that.term
        && index == that.index
        && type == that.type
        && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return Objects.hash(term, index, type) * 31 + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return term + "/" + index + " " + type + " " + data.length + "B";
  }
}
