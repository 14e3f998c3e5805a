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
   * The smallest plain key whose encoding is not below {@code bound}: the plain key of a whole
   * encoding; but a bound may be any bytes, as a split of raw data makes it.
   */
  static Bytes lowerBound(Bytes bound) {
    byte[] source = bound.unsafeArray();
    byte[] plain = new byte[source.length];
    int length = 0;
    for (int at = 0; at < source.length; at += GROUP + 1) {
      int available = Math.min(GROUP, source.length - at);
      System.arraycopy(source, at, plain, length, available);
      boolean hasMarker = at + GROUP < source.length;
      int marker = hasMarker ? source[at + GROUP] & 0xFF : 0;
      if (marker == MARKER) {
        length += GROUP;
        continue;
      }
      // Zeros at the end are padding as far as anybody can tell, and a padded key is the smaller.
      int needed = available;
      while (needed > 0 && source[at + needed - 1] == 0) {
        needed--;
      }
      int marked = marker - (MARKER - GROUP);
      boolean endsBelow = marked >= needed && at + GROUP + 1 < source.length;
      length += Math.max(needed, endsBelow ? marked + 1 : marked);
      break;
    }
    return Bytes.wrap(Arrays.copyOf(plain, length));
  }
}
