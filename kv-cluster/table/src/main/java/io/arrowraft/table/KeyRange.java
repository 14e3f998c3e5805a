package io.arrowraft.table;

import java.util.Objects;
import java.util.Optional;

/** The keys from {@code start} to {@code end}, the end excluded; an empty end has no bound. */
public record KeyRange(Bytes start, Bytes end) {
  public KeyRange {
    Objects.requireNonNull(start, "start");
    Objects.requireNonNull(end, "end");
  }

  public static KeyRange of(byte[] start, byte[] end) {
    return new KeyRange(Bytes.copyOf(start), Bytes.copyOf(end));
  }

  /** The one key {@code key}. */
  public static KeyRange point(byte[] key) {
    byte[] end = new byte[key.length + 1];
    System.arraycopy(key, 0, end, 0, key.length);
    return new KeyRange(Bytes.copyOf(key), Bytes.owning(end));
  }

  /** Every key that begins with {@code prefix}. */
  public static KeyRange prefix(byte[] prefix) {
    return new KeyRange(Bytes.copyOf(prefix), prefixEnd(prefix));
  }

  /** The smallest key above all that begin with {@code prefix}; empty if there is none. */
  static Bytes prefixEnd(byte[] prefix) {
    for (int i = prefix.length - 1; i >= 0; i--) {
      if (prefix[i] != (byte) 0xFF) {
        byte[] end = new byte[i + 1];
        System.arraycopy(prefix, 0, end, 0, i + 1);
        end[i]++;
        return Bytes.owning(end);
      }
    }
    return Bytes.EMPTY;
  }

  public boolean isEmpty() {
    return !end.isEmpty() && start.compareTo(end) >= 0;
  }

  public boolean contains(Bytes key) {
    return key.compareTo(start) >= 0 && (end.isEmpty() || key.compareTo(end) < 0);
  }

  /** The keys in both ranges, or empty if there is none. */
  public Optional<KeyRange> intersection(KeyRange other) {
    Bytes newStart = start.compareTo(other.start) >= 0 ? start : other.start;
    Bytes newEnd;
    if (end.isEmpty()) {
      newEnd = other.end;
    } else if (other.end.isEmpty()) {
      newEnd = end;
    } else {
      newEnd = end.compareTo(other.end) <= 0 ? end : other.end;
    }
    KeyRange both = new KeyRange(newStart, newEnd);
    return both.isEmpty() ? Optional.empty() : Optional.of(both);
  }
}
