package io.arrowraft.pd.schedule.check;

import com.google.protobuf.ByteString;
import java.util.Arrays;

/**
 * Tells whether two keys belong to the same table. Keys of tables are {@code t}, eight bytes of
 * table id and more; transactional keys are memcomparable: groups of eight bytes, each followed by
 * a marker.
 */
final class TableBorders {
  private static final int GROUP = 8;
  private static final int MARKER_FULL = 0xFF;
  private static final int PREFIX = 9;

  private TableBorders() {}

  /** Whether {@code border}, where one region ends and the next begins, lies between two tables. */
  static boolean separates(ByteString start, ByteString border) {
    return !Arrays.equals(table(start), table(border));
  }

  /** The table's prefix; nothing if the key belongs to none. */
  private static byte[] table(ByteString key) {
    if (key.isEmpty() || key.byteAt(0) != 't') {
      return new byte[0];
    }
    byte[] prefix = new byte[PREFIX];
    if (key.size() > GROUP + 1 && (key.byteAt(GROUP) & 0xFF) == MARKER_FULL) {
      key.substring(0, GROUP).copyTo(prefix, 0);
      prefix[GROUP] = key.byteAt(GROUP + 1);
      return prefix;
    }
    return key.size() >= PREFIX ? key.substring(0, PREFIX).toByteArray() : key.toByteArray();
  }
}
