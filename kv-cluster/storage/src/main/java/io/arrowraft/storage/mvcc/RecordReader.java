package io.arrowraft.storage.mvcc;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.EngineException;
import java.util.Arrays;

/**
 * Reads the primitive encodings that TiKV's records are made of; reusable, one record at a time.
 */
final class RecordReader {
  private final String record;
  private byte[] bytes;
  private int start;
  private int at;
  private int end;

  /**
   * @param record what is being read, for error messages
   */
  RecordReader(String record) {
    this.record = record;
  }

  RecordReader open(byte[] source, int offset, int length) {
    bytes = source;
    start = offset;
    at = offset;
    end = offset + length;
    return this;
  }

  boolean hasMore() {
    return at < end;
  }

  int position() {
    return at;
  }

  int raw() {
    need(1);
    return bytes[at++] & 0xff;
  }

  long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      long part = raw();
      value |= (part & 0x7f) << shift;
      if (part < 0x80) {
        return value;
      }
    }
    throw malformed();
  }

  long fixed() {
    need(8);
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | (bytes[at++] & 0xff);
    }
    return value;
  }

  Bytes compactBytes() {
    long zigzag = varint();
    if ((zigzag & 1) != 0 || zigzag >>> 1 > end - at) {
      throw malformed();
    }
    return take((int) (zigzag >>> 1));
  }

  /** A count of items, each of at least {@code itemBytes} bytes, that must still fit. */
  int count(int itemBytes) {
    long count = varint();
    if (count < 0 || count > (end - at) / itemBytes) {
      throw malformed();
    }
    return (int) count;
  }

  void skip(int length) {
    need(length);
    at += length;
  }

  Bytes take(int length) {
    need(length);
    Bytes taken = Bytes.wrap(Arrays.copyOfRange(bytes, at, at + length));
    at += length;
    return taken;
  }

  /** What is left, the byte read last included: an unknown tag and all that follows it. */
  Bytes unknownTail() {
    Bytes tail = Bytes.wrap(Arrays.copyOfRange(bytes, at - 1, end));
    at = end;
    return tail;
  }

  EngineException malformed() {
    return CorruptDataException.unplaced(
        "malformed "
            + record
            + " record at byte "
            + (at - start)
            + ": "
            + Bytes.wrap(Arrays.copyOfRange(bytes, start, end)),
        null);
  }

  private void need(int length) {
    if (end - at < length) {
      throw malformed();
    }
  }
}
