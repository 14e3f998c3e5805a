package io.arrowraft.pd.region;

import com.google.protobuf.ByteString;
import java.util.Comparator;

/**
 * Order of region keys: unsigned bytes; as an end key, the empty key is the end of the key space.
 */
public final class Keys {
  /** The order of keys. */
  public static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();

  private Keys() {}

  /** Compares two keys. */
  public static int compare(ByteString a, ByteString b) {
    return ORDER.compare(a, b);
  }

  /** Whether a range that ends at {@code end} reaches beyond {@code key}. */
  static boolean endsAfter(ByteString end, ByteString key) {
    return end.isEmpty() || compare(end, key) > 0;
  }
}
