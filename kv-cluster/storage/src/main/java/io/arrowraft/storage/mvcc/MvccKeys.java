package io.arrowraft.storage.mvcc;

import io.arrowraft.runtime.Bytes;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.EngineException;
import java.util.Arrays;

/**
 * TiKV's key encoding. A user key is cut into groups of eight bytes, the last one padded with
 * zeros; each group is followed by a marker, 0xFF minus the number of padding bytes. The encoding
 * keeps the order of user keys, and no encoded key is a prefix of another, so that a version suffix
 * can follow without mixing the versions of different keys.
 */
public final class MvccKeys {
  /**
   * Bytes of the version suffix: the timestamp, big-endian and inverted, so that newer sorts first.
   */
  public static final int TIMESTAMP_BYTES = 8;

  private static final int GROUP_BYTES = 8;
  private static final int MARKER = 0xff;

  private MvccKeys() {}

  /** Encodes a user key. */
  public static byte[] encode(Bytes userKey) {
    byte[] source = userKey.unsafeArray();
    int groups = source.length / GROUP_BYTES + 1;
    byte[] encoded = new byte[groups * (GROUP_BYTES + 1)];
    for (int group = 0; group < groups; group++) {
      int from = group * GROUP_BYTES;
      int length = Math.min(GROUP_BYTES, source.length - from);
      int to = group * (GROUP_BYTES + 1);
      System.arraycopy(source, from, encoded, to, length);
      encoded[to + GROUP_BYTES] = (byte) (MARKER - (GROUP_BYTES - length));
    }
    return encoded;
  }

  /** Encodes a bound of a range, in which an empty key means "none" and stays empty. */
  public static byte[] encodeBound(Bytes userKey) {
    return userKey.isEmpty() ? userKey.toByteArray() : encode(userKey);
  }

  /**
   * Decodes a key without version suffix.
   *
   * @throws EngineException of kind CORRUPTION when it is no encoded key
   */
  public static Bytes decode(byte[] encoded) {
    return decode(encoded, encoded.length);
  }

  static Bytes decode(byte[] encoded, int length) {
    byte[] decoded = new byte[decodedLength(encoded, length)];
    int at = 0;
    for (int group = 0; group < length; group += GROUP_BYTES + 1) {
      int size = Math.min(GROUP_BYTES, decoded.length - at);
      System.arraycopy(encoded, group, decoded, at, size);
      at += size;
    }
    return Bytes.wrap(decoded);
  }

  /** The length of the user key in the first {@code length} bytes, having checked their form. */
  static int decodedLength(byte[] encoded, int length) {
    boolean sized = length > 0 && length % (GROUP_BYTES + 1) == 0;
    int padding = sized ? MARKER - (encoded[length - 1] & 0xff) : -1;
    if (padding < 1 || padding > GROUP_BYTES) {
      throw malformed(encoded, length);
    }
    for (int marker = GROUP_BYTES; marker < length - 1; marker += GROUP_BYTES + 1) {
      if ((encoded[marker] & 0xff) != MARKER) {
        throw malformed(encoded, length);
      }
    }
    for (int at = length - 1 - padding; at < length - 1; at++) {
      if (encoded[at] != 0) {
        throw malformed(encoded, length);
      }
    }
    return length / (GROUP_BYTES + 1) * GROUP_BYTES - padding;
  }

  /** How long the encoding of a user key is. */
  public static int encodedLength(int userKeyLength) {
    return (userKeyLength / GROUP_BYTES + 1) * (GROUP_BYTES + 1);
  }

  /** The stored key of one version of an encoded key. */
  public static byte[] withTimestamp(byte[] encoded, long timestamp) {
    byte[] key = Arrays.copyOf(encoded, encoded.length + TIMESTAMP_BYTES);
    putTimestamp(key, encoded.length, timestamp);
    return key;
  }

  static void putTimestamp(byte[] target, int at, long timestamp) {
    long inverted = ~timestamp;
    for (int i = 0; i < TIMESTAMP_BYTES; i++) {
      target[at + i] = (byte) (inverted >>> (56 - 8 * i));
    }
  }

  /** Refuses what is too short to be the key of a version. */
  static void checkVersioned(byte[] key, int length) {
    if (length <= TIMESTAMP_BYTES) {
      throw malformed(key, length);
    }
  }

  /** The timestamp at the end of a version's key, of which {@code length} bytes are in use. */
  static long timestamp(byte[] key, int length) {
    if (length < TIMESTAMP_BYTES) {
      throw malformed(key, length);
    }
    long inverted = 0;
    for (int at = length - TIMESTAMP_BYTES; at < length; at++) {
      inverted = inverted << 8 | (key[at] & 0xff);
    }
    return ~inverted;
  }

  /** The timestamp at the end of a version's key. */
  public static long timestamp(byte[] key) {
    return timestamp(key, key.length);
  }

  /** The encoded key within a version's key. */
  public static byte[] withoutTimestamp(byte[] key) {
    if (key.length < TIMESTAMP_BYTES) {
      throw malformed(key, key.length);
    }
    return Arrays.copyOf(key, key.length - TIMESTAMP_BYTES);
  }

  private static EngineException malformed(byte[] key, int length) {
    return CorruptDataException.unplaced(
        "not an encoded key: " + Bytes.copyOf(Arrays.copyOf(key, length)), null);
  }
}
