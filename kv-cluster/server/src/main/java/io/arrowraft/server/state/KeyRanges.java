package io.arrowraft.server.state;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.metapb.Region;
import java.util.Arrays;

/** Arithmetic of key ranges whose empty end means the end of the key space. */
public final class KeyRanges {
  /** Bytes of a memcomparable group: eight of the key and a marker. */
  private static final int GROUP_BYTES = 9;

  private static final int MARKER_FULL = 0xFF;

  private KeyRanges() {}

  public static boolean contains(Region region, byte[] key) {
    return compare(region.getStartKey(), key) <= 0
        && (region.getEndKey().isEmpty() || compare(region.getEndKey(), key) > 0);
  }

  /** Whether the key lies inside and is not the start: where a split can be. */
  public static boolean containsInside(Region region, byte[] key) {
    return compare(region.getStartKey(), key) < 0
        && (region.getEndKey().isEmpty() || compare(region.getEndKey(), key) > 0);
  }

  public static boolean overlap(Region left, Region right) {
    return beginsBeforeEnd(left, right) && beginsBeforeEnd(right, left);
  }

  /** Unsigned order. */
  public static int compare(ByteString left, byte[] right) {
    return Arrays.compareUnsigned(left.toByteArray(), right);
  }

  /** Unsigned order. */
  public static int compare(ByteString left, ByteString right) {
    return ByteString.unsignedLexicographicalComparator().compare(left, right);
  }

  /**
   * The row that a stored key belongs to: a memcomparable-encoded key is cut where its encoding
   * ends, so that whatever follows (a version's timestamp) can never be divided from it; any other
   * key stays as it is.
   */
  public static byte[] rowBoundary(byte[] key) {
    for (int group = 0; group + GROUP_BYTES <= key.length; group += GROUP_BYTES) {
      int marker = key[group + GROUP_BYTES - 1] & 0xFF;
      if (marker == MARKER_FULL) {
        continue;
      }
      int padding = MARKER_FULL - marker;
      if (padding > GROUP_BYTES - 1 || !isPadded(key, group, padding)) {
        return key;
      }
      return Arrays.copyOf(key, group + GROUP_BYTES);
    }
    return key;
  }

  private static boolean isPadded(byte[] key, int group, int padding) {
    for (int i = GROUP_BYTES - 1 - padding; i < GROUP_BYTES - 1; i++) {
      if (key[group + i] != 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean beginsBeforeEnd(Region one, Region other) {
    return other.getEndKey().isEmpty() || compare(one.getStartKey(), other.getEndKey()) < 0;
  }
}
