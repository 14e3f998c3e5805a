package io.arrowraft.pd.client;

import java.util.Comparator;

/**
 * A point in the cluster's order of events: physical milliseconds since the epoch {@code << 18 |}
 * logical.
 *
 * @param value the 64 bits, ordered as unsigned
 */
public record Timestamp(long value) implements Comparable<Timestamp> {
  private static final int LOGICAL_BITS = 18;
  private static final Comparator<Timestamp> ORDER =
      Comparator.comparing(Timestamp::value, Long::compareUnsigned);

  /** Before everything. */
  public static final Timestamp ZERO = new Timestamp(0);

  /** After everything: a read at it sees the newest versions. */
  public static final Timestamp MAX = new Timestamp(-1L);

  /**
   * The timestamp with these parts.
   *
   * @param logical 18 bits
   */
  public static Timestamp of(long physicalMillis, long logical) {
    if (physicalMillis < 0 || physicalMillis >= 1L << (64 - LOGICAL_BITS)) {
      throw new IllegalArgumentException("physical part out of range: " + physicalMillis);
    }
    if (logical < 0 || logical >= 1L << LOGICAL_BITS) {
      throw new IllegalArgumentException("logical part out of range: " + logical);
    }
    return new Timestamp(physicalMillis << LOGICAL_BITS | logical);
  }

  public long physicalMillis() {
    return value >>> LOGICAL_BITS;
  }

  public long logical() {
    return value & ((1L << LOGICAL_BITS) - 1);
  }

  /** The timestamp right after this one. */
  public Timestamp next() {
    return new Timestamp(value + 1);
  }

  /** The timestamp right before this one. */
  public Timestamp previous() {
    return new Timestamp(value - 1);
  }

  public boolean isAfter(Timestamp other) {
    return compareTo(other) > 0;
  }

  @Override
  public int compareTo(Timestamp other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return Long.toUnsignedString(value);
  }
}
