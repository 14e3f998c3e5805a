package io.arrowraft.storage.rocks;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Serialises a batch in RocksDB's own representation (write_batch.cc: sequence, count, then tagged
 * records), so that a batch of any size crosses into native code in one call.
 */
final class RocksBatchEncoder {
  static final int HEADER_BYTES = 12;

  /** What {@link WalAudit} reads: a record that RocksDB keeps in its log and nowhere else. */
  static final int MARK_BYTES = 3 + 2 * Long.BYTES;

  private static final byte LOG_DATA = 0x3;
  private static final byte MARK_VERSION = 1;
  private static final int COUNT_OFFSET = 8;
  private static final byte FAMILY_DELETION = 0x4;
  private static final byte FAMILY_VALUE = 0x5;
  private static final byte FAMILY_RANGE_DELETION = 0xE;
  private static final int RECORD_OVERHEAD_BYTES = 1 + 3 * 5;

  private final ToIntFunction<ColumnFamily> familyId;
  private final Function<ColumnFamily, byte[]> lastKey;
  private byte[] bytes;
  private int length = HEADER_BYTES + MARK_BYTES;
  private int count;

  /**
   * @param familyId the number under which an instance knows a family
   * @param lastKey the greatest key stored in a family, or null when it is empty; bounds a delete
   *     to the end of the family, for which RocksDB has no form
   */
  RocksBatchEncoder(ToIntFunction<ColumnFamily> familyId, Function<ColumnFamily, byte[]> lastKey) {
    this.familyId = familyId;
    this.lastKey = lastKey;
  }

  /**
   * What a batch says of those before it.
   *
   * @param durableSequence everything up to this sequence number is known to be durable
   * @param incarnation tells what an engine has written from what it wrote before it was opened
   *     last
   */
  record Mark(long durableSequence, long incarnation) {}

  /** The batch of nothing but a mark. */
  static byte[] markOnly(Mark mark) {
    byte[] bytes = new byte[HEADER_BYTES + MARK_BYTES];
    putMark(bytes, mark);
    return bytes;
  }

  private static void putMark(byte[] bytes, Mark mark) {
    ByteBuffer.wrap(bytes, HEADER_BYTES, MARK_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(LOG_DATA)
        .put((byte) (MARK_BYTES - 2))
        .put(MARK_VERSION)
        .putLong(mark.durableSequence())
        .putLong(mark.incarnation());
  }

  /** The mark of an encoded batch, which is positioned after its header; null if it has none. */
  static Mark mark(ByteBuffer batch) {
    return batch.remaining() >= MARK_BYTES
            && batch.get() == LOG_DATA
            && batch.get() == MARK_BYTES - 2
            && batch.get() == MARK_VERSION
        ? new Mark(batch.getLong(), batch.getLong())
        : null;
  }

  /** How many sequence numbers the batch encoded last takes. */
  int count() {
    return count;
  }

  /** Encodes a batch; once. */
  byte[] encode(WriteBatch batch, Mark mark) {
    long bound =
        HEADER_BYTES + MARK_BYTES + batch.byteSize() + (long) batch.count() * RECORD_OVERHEAD_BYTES;
    if (bound > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException("a batch of " + batch.byteSize() + " bytes is too large");
    }
    bytes = new byte[(int) bound];
    putMark(bytes, mark);
    for (WriteBatch.Operation operation : batch.operations()) {
      if (operation instanceof WriteBatch.Put put) {
        record(FAMILY_VALUE, put.family(), put.key());
        slice(put.value());
      } else if (operation instanceof WriteBatch.Delete delete) {
        record(FAMILY_DELETION, delete.family(), delete.key());
      } else if (operation instanceof WriteBatch.DeleteRange range) {
        deleteRange(batch, range);
      }
    }
    for (int i = 0; i < 4; i++) {
      bytes[COUNT_OFFSET + i] = (byte) (count >>> (8 * i));
    }
    return Arrays.copyOf(bytes, length);
  }

  private void deleteRange(WriteBatch batch, WriteBatch.DeleteRange range) {
    byte[] end = range.end().length > 0 ? range.end() : endOf(range, batch);
    if (end != null && Arrays.compareUnsigned(range.start(), end) < 0) {
      record(FAMILY_RANGE_DELETION, range.family(), range.start());
      slice(end);
    }
  }

  /** The successor of the greatest key that is stored or put by an earlier operation. */
  private byte[] endOf(WriteBatch.DeleteRange range, WriteBatch batch) {
    byte[] greatest = lastKey.apply(range.family());
    for (WriteBatch.Operation operation : batch.operations()) {
      if (operation instanceof WriteBatch.Put put
          && put.family() == range.family()
          && (greatest == null || Arrays.compareUnsigned(put.key(), greatest) > 0)) {
        greatest = put.key();
      }
    }
    return greatest == null ? null : Arrays.copyOf(greatest, greatest.length + 1);
  }

  private void record(byte tag, ColumnFamily family, byte[] key) {
    count++;
    room(RECORD_OVERHEAD_BYTES + key.length);
    bytes[length++] = tag;
    varint(familyId.applyAsInt(family));
    slice(key);
  }

  private void slice(byte[] content) {
    room(5 + content.length);
    varint(content.length);
    System.arraycopy(content, 0, bytes, length, content.length);
    length += content.length;
  }

  /** The bound holds but for the end key of a range that had none. */
  private void room(int needed) {
    if (bytes.length - length < needed) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + needed));
    }
  }

  private void varint(int value) {
    int rest = value;
    while ((rest & ~0x7f) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }
}
