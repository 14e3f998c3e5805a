package io.arrowraft.storage.txn;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.EngineException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A raw value in its envelope: a version byte, for an expiring value eight bytes of expiry time,
 * big-endian, and the value. Raw values alone have envelopes; they live in a family of their own.
 *
 * @param expiresAtSeconds the first second since the epoch at which the value is gone; 0 for never
 */
public record RawValue(Bytes value, long expiresAtSeconds) {
  private static final byte LASTING = 0x10;
  private static final byte EXPIRING = 0x11;

  public RawValue {
    Objects.requireNonNull(value, "value");
    if (expiresAtSeconds < 0) {
      throw new IllegalArgumentException(
          "expiresAtSeconds must not be negative, was " + expiresAtSeconds);
    }
  }

  /** A value that stays. */
  public static RawValue lasting(Bytes value) {
    return new RawValue(value, 0);
  }

  /** A value with a time to live in seconds from now; 0 for one that stays. */
  public static RawValue withTtl(Bytes value, long ttlSeconds, long nowSeconds) {
    return new RawValue(value, ttlSeconds == 0 ? 0 : Math.addExact(nowSeconds, ttlSeconds));
  }

  public boolean isExpiredAt(long nowSeconds) {
    return expiresAtSeconds != 0 && nowSeconds >= expiresAtSeconds;
  }

  /** Seconds left to live; 0 for a value that stays. */
  public long ttlSeconds(long nowSeconds) {
    return expiresAtSeconds == 0 ? 0 : Math.max(0, expiresAtSeconds - nowSeconds);
  }

  /** The stored form. */
  public byte[] encode() {
    boolean expiring = expiresAtSeconds != 0;
    ByteBuffer out = ByteBuffer.allocate((expiring ? 9 : 1) + value.length());
    out.put(expiring ? EXPIRING : LASTING);
    if (expiring) {
      out.putLong(expiresAtSeconds);
    }
    return out.put(value.unsafeArray()).array();
  }

  /**
   * Reads the stored form.
   *
   * @throws EngineException of kind CORRUPTION when it is malformed or of an unknown version
   */
  public static RawValue decode(byte[] stored) {
    ByteBuffer in = ByteBuffer.wrap(stored);
    byte version = in.hasRemaining() ? in.get() : 0;
    boolean expiring = version == EXPIRING && in.remaining() >= 8;
    if (version != LASTING && !expiring) {
      throw CorruptDataException.unplaced(
          "not an envelope of a raw value, of "
              + stored.length
              + " bytes with version byte "
              + version,
          null);
    }
    long expiresAt = expiring ? in.getLong() : 0;
    if (expiresAt < 0) {
      throw CorruptDataException.unplaced("a raw value expires at " + expiresAt, null);
    }
    byte[] value = new byte[in.remaining()];
    in.get(value);
    return new RawValue(Bytes.wrap(value), expiresAt);
  }
}
