package io.arrowraft.server.state;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * Keys of the store's own records. Layout: one byte of kind; for staged files their name; for
 * regions then the id (8 bytes, big endian), one byte of record, and for chunks the number (4
 * bytes, big endian).
 */
final class StateKeys {
  private static final byte IDENT = 0x01;
  private static final byte BOOTSTRAP = 0x02;
  private static final byte REGION = 0x03;
  private static final byte DAMAGE = 0x04;
  private static final byte SAFE_POINT = 0x05;
  private static final byte STAGED = 0x06;
  private static final byte REGION_STATE = 0x01;
  private static final byte APPLY_STATE = 0x02;
  private static final byte SNAPSHOT_CHUNK = 0x03;
  private static final int REGION_PREFIX = 1 + Long.BYTES;

  private StateKeys() {}

  static byte[] ident() {
    return new byte[] {IDENT};
  }

  static byte[] bootstrap() {
    return new byte[] {BOOTSTRAP};
  }

  /**
   * One key for each safe point, so that writers need not agree on an order: the last one counts.
   */
  static byte[] safePoint(long timestamp) {
    return ByteBuffer.allocate(9).put(SAFE_POINT).putLong(timestamp).array();
  }

  static byte[] safePointsStart() {
    return new byte[] {SAFE_POINT};
  }

  static byte[] safePointsEnd() {
    return new byte[] {SAFE_POINT + 1};
  }

  static byte[] regionsStart() {
    return new byte[] {REGION};
  }

  static byte[] regionsEnd() {
    return new byte[] {REGION + 1};
  }

  static byte[] damage(long regionId) {
    return ByteBuffer.allocate(9).put(DAMAGE).putLong(regionId).array();
  }

  static byte[] stagedStart() {
    return new byte[] {STAGED};
  }

  static byte[] stagedEnd() {
    return new byte[] {STAGED + 1};
  }

  static byte[] staged(String name) {
    byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(1 + ascii.length).put(STAGED).put(ascii).array();
  }

  static byte[] regionState(long regionId) {
    return region(regionId, REGION_STATE);
  }

  static byte[] applyState(long regionId) {
    return region(regionId, APPLY_STATE);
  }

  static byte[] chunk(long regionId, int number) {
    return ByteBuffer.allocate(14)
        .put(REGION)
        .putLong(regionId)
        .put(SNAPSHOT_CHUNK)
        .putInt(number)
        .array();
  }

  static byte[] chunksStart(long regionId) {
    return region(regionId, SNAPSHOT_CHUNK);
  }

  static byte[] chunksEnd(long regionId) {
    return region(regionId, (byte) (SNAPSHOT_CHUNK + 1));
  }

  /** The first key after all records of the region. */
  static byte[] nextRegion(long regionId) {
    return ByteBuffer.allocate(9).put(REGION).putLong(regionId + 1).array();
  }

  static long regionIdOf(byte[] key) {
    return ByteBuffer.wrap(key, 1, Long.BYTES).getLong();
  }

  /** The region whose records alone the keys from {@code start} to {@code end} can be. */
  static OptionalLong regionOf(byte[] start, byte[] end) {
    if (start.length < REGION_PREFIX || (start[0] != REGION && start[0] != DAMAGE)) {
      return OptionalLong.empty();
    }
    long regionId = regionIdOf(start);
    byte[] next = ByteBuffer.allocate(REGION_PREFIX).put(start[0]).putLong(regionId + 1).array();
    return end.length > 0 && Arrays.compareUnsigned(end, next) <= 0
        ? OptionalLong.of(regionId)
        : OptionalLong.empty();
  }

  static boolean isRegionState(byte[] key) {
    return key.length == 10 && key[0] == REGION && key[9] == REGION_STATE;
  }

  static boolean isChunk(byte[] key) {
    return key.length == 14 && key[0] == REGION && key[9] == SNAPSHOT_CHUNK;
  }

  private static byte[] region(long regionId, byte record) {
    return ByteBuffer.allocate(10).put(REGION).putLong(regionId).put(record).array();
  }
}
