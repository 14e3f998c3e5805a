package io.arrowraft.client.region;

import io.arrowraft.runtime.Bytes;
import java.util.Arrays;

/**
 * TiKV's order-preserving key encoding: groups of eight bytes, each followed by a marker of 0xFF
 * minus the number of zero bytes that pad the group; the last group is always padded.
 */
final class MemcomparableKeys {
  private static final int GROUP = 8;
  private static final int MARKER = 0xFF;

  private MemcomparableKeys() {}

  static Bytes encode(Bytes key) {
    byte[] plain = key.unsafeArray();
    int groups = plain.length / GROUP + 1;
    byte[] encoded = new byte[groups * (GROUP + 1)];
    for (int group = 0; group < groups; group++) {
      int from = group * GROUP;
      int count = Math.min(GROUP, plain.length - from);
      int to = group * (GROUP + 1);
      System.arraycopy(plain, from, encoded, to, count);
      encoded[to + GROUP] = (byte) (MARKER - (GROUP - count));
    }
    return Bytes.wrap(encoded);
  }

  /**
   * The plain key of {@code encoded}. A bound that is no whole encoding, as a split of raw data
   * makes it, gives the smallest plain key that is not below it.
   */
  static Bytes lowerBound(Bytes encoded) {
    byte[] source = encoded.unsafeArray();
    byte[] plain = new byte[source.length];
    int length = 0;
    for (int at = 0; at < source.length; at += GROUP + 1) {
      int available = Math.min(GROUP, source.length - at);
      int padding = at + GROUP < source.length ? MARKER - (source[at + GROUP] & 0xFF) : 0;
      boolean isLast = padding > 0 && padding <= GROUP;
      int count = isLast ? GROUP - padding : available;
      System.arraycopy(source, at, plain, length, count);
      length += count;
      if (isLast) {
        break;
      }
    }
    return Bytes.wrap(Arrays.copyOf(plain, length));
  }
}
