package io.arrowraft.storage.mvcc;

import io.arrowraft.runtime.Bytes;
import java.util.Arrays;
import java.util.Objects;

/**
 * A range of encoded keys, as regions have them.
 *
 * @param lower inclusive; empty for none
 * @param upper exclusive; empty for none
 */
public record EncodedRange(Bytes lower, Bytes upper) {
  /** Every key. */
  public static final EncodedRange ALL = new EncodedRange(Bytes.EMPTY, Bytes.EMPTY);

  public EncodedRange {
    Objects.requireNonNull(lower, "lower");
    Objects.requireNonNull(upper, "upper");
  }

  /** The keys from {@code start} inclusive to {@code end} exclusive; an empty key is no bound. */
  public static EncodedRange ofUserKeys(Bytes start, Bytes end) {
    return new EncodedRange(
        Bytes.wrap(MvccKeys.encodeBound(start)), Bytes.wrap(MvccKeys.encodeBound(end)));
  }

  /** The keys in both ranges. */
  public EncodedRange intersect(EncodedRange other) {
    Bytes start = lower.compareTo(other.lower) >= 0 ? lower : other.lower;
    Bytes end = upper;
    if (upper.isEmpty() || (!other.upper.isEmpty() && other.upper.compareTo(upper) < 0)) {
      end = other.upper;
    }
    return new EncodedRange(start, end);
  }

  /** Whether no key can be in the range. */
  public boolean isEmpty() {
    return !upper.isEmpty() && lower.compareTo(upper) >= 0;
  }

  public boolean contains(byte[] encoded) {
    return Arrays.compareUnsigned(encoded, lower.unsafeArray()) >= 0
        && (upper.isEmpty() || Arrays.compareUnsigned(encoded, upper.unsafeArray()) < 0);
  }
}
