package io.arrowraft.table;

import java.math.BigInteger;
import java.util.Arrays;

/**
 * Writes memcomparable bytes: raw parts of a key, and datums, each of which begins with a flag byte
 * that tells its kind. One builder is reused for many keys; it never shrinks.
 */
public final class KeyBuilder {
  private byte[] buffer = new byte[64];
  private int length;

  /** Forgets what was written. */
  public KeyBuilder reset() {
    length = 0;
    return this;
  }

  public int length() {
    return length;
  }

  public byte[] toByteArray() {
    return Arrays.copyOf(buffer, length);
  }

  public Bytes toBytes() {
    return Bytes.owning(toByteArray());
  }

  private void reserve(int more) {
    if (buffer.length - length < more) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, length + more));
    }
  }

  /** Bytes as they are. */
  public KeyBuilder raw(byte... bytes) {
    reserve(bytes.length);
    System.arraycopy(bytes, 0, buffer, length, bytes.length);
    length += bytes.length;
    return this;
  }

  /** Eight bytes that order as the signed number does. */
  public KeyBuilder rawInt(long value) {
    return bigEndian(value ^ Long.MIN_VALUE);
  }

  private KeyBuilder bigEndian(long value) {
    reserve(8);
    for (int shift = 56; shift >= 0; shift -= 8) {
      buffer[length++] = (byte) (value >>> shift);
    }
    return this;
  }

  private KeyBuilder flag(byte flag) {
    reserve(1);
    buffer[length++] = flag;
    return this;
  }

  public KeyBuilder nullDatum() {
    return flag(Memcomparable.NULL_FLAG);
  }

  public KeyBuilder intDatum(long value) {
    return flag(Memcomparable.INT_FLAG).rawInt(value);
  }

  /** A number whose bits are unsigned. */
  public KeyBuilder unsignedDatum(long value) {
    return flag(Memcomparable.UINT_FLAG).bigEndian(value);
  }

  /** -0.0 is written as 0.0 and every NaN as the one NaN, which is above all else. */
  public KeyBuilder doubleDatum(double value) {
    return flag(Memcomparable.FLOAT_FLAG).bigEndian(Memcomparable.orderedKeyBits(value));
  }

  /** A signed duration in nanoseconds. */
  public KeyBuilder durationDatum(long nanos) {
    return flag(Memcomparable.DURATION_FLAG).rawInt(nanos);
  }

  public KeyBuilder bytesDatum(byte[] value) {
    return flag(Memcomparable.BYTES_FLAG).rawBytes(value, 0, value.length);
  }

  /** Groups of eight bytes, each followed by 0xFF less the number of padding bytes in it. */
  public KeyBuilder rawBytes(byte[] value, int from, int count) {
    reserve((count / 8 + 1) * 9);
    int end = from + count;
    for (int at = from; at <= end; at += 8) {
      int present = Math.min(8, end - at);
      System.arraycopy(value, at, buffer, length, present);
      Arrays.fill(buffer, length + present, length + 8, (byte) 0);
      buffer[length + 8] = (byte) (0xFF - (8 - present));
      length += 9;
    }
    return this;
  }

  public KeyBuilder decimalDatum(BigInteger unscaled, DecimalLayout layout) {
    flag(Memcomparable.DECIMAL_FLAG);
    reserve(2 + layout.size());
    length = layout.write(unscaled, buffer, length);
    return this;
  }
}
