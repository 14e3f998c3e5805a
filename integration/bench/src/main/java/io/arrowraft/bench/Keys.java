package io.arrowraft.bench;

import java.nio.ByteBuffer;

/** Keys of 16 bytes, spread evenly over the key space, and values of 100. */
final class Keys {
  static final int VALUE_BYTES = 100;

  private Keys() {}

  /** The key of a number. */
  static byte[] key(long number) {
    long mixed = number * 0x9E3779B97F4A7C15L;
    mixed ^= mixed >>> 32;
    mixed *= 0xD6E8FEB86659FD93L;
    return ByteBuffer.allocate(16).putLong(mixed).putLong(number).array();
  }

  /** A value that tells which key it belongs to. */
  static byte[] value(long number) {
    return ByteBuffer.allocate(VALUE_BYTES).putLong(number).array();
  }

  /** The number in a value. */
  static long number(byte[] value) {
    return ByteBuffer.wrap(value).getLong();
  }
}
