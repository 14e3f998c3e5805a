package io.arrowraft.storage.mvcc;

import io.arrowraft.runtime.Bytes;
import java.util.Arrays;

/** Appends the primitive encodings that TiKV's records are made of. */
final class RecordWriter {
  private byte[] bytes = new byte[64];
  private int length;

  RecordWriter raw(int value) {
    room(1);
    bytes[length++] = (byte) value;
    return this;
  }

  RecordWriter raw(Bytes value) {
    byte[] content = value.unsafeArray();
    room(content.length);
    System.arraycopy(content, 0, bytes, length, content.length);
    length += content.length;
    return this;
  }

  /** Little-endian groups of seven bits. */
  RecordWriter varint(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
    return this;
  }

  /** Big-endian, eight bytes. */
  RecordWriter fixed(long value) {
    room(8);
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes[length++] = (byte) (value >>> shift);
    }
    return this;
  }

  /** The length as a signed (zigzag) varint, then the content. */
  RecordWriter compactBytes(Bytes value) {
    return varint((long) value.length() << 1).raw(value);
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  private void room(int needed) {
    if (bytes.length - length < needed) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + needed));
    }
  }
}
