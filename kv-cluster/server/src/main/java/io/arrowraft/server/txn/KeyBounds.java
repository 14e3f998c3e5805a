package io.arrowraft.server.txn;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.server.region.RegionErrors;
import java.util.Arrays;

/**
 * A region's range in region keys (as stored), with the checks that a request's keys must pass
 * after its epoch has.
 *
 * @param start inclusive; empty for the beginning of the key space
 * @param end exclusive; empty for the end of the key space
 */
public record KeyBounds(Region region, byte[] start, byte[] end) {

  public static KeyBounds of(Region region) {
    return new KeyBounds(
        region, region.getStartKey().toByteArray(), region.getEndKey().toByteArray());
  }

  /** Refuses a key outside of the region with {@code KeyNotInRegion}. */
  public void requireContains(byte[] key) {
    if (Arrays.compareUnsigned(key, start) < 0 || !isBelowEnd(key)) {
      throw RegionErrors.keyNotInRegion(key, region);
    }
  }

  /** Refuses an exclusive upper bound that lies outside of the region; its own end is inside. */
  public void requireContainsAsEnd(byte[] key) {
    if (Arrays.compareUnsigned(key, start) < 0
        || (end.length > 0 && Arrays.compareUnsigned(key, end) > 0)) {
      throw RegionErrors.keyNotInRegion(key, region);
    }
  }

  /** The later of {@code key} and the region's start; an empty key is the beginning. */
  public byte[] clampStart(byte[] key) {
    return Arrays.compareUnsigned(key, start) < 0 ? start : key;
  }

  /** The earlier of {@code key} and the region's end; an empty key is the end of the key space. */
  public byte[] clampEnd(byte[] key) {
    if (key.length == 0) {
      return end;
    }
    return isBelowEnd(key) ? key : end;
  }

  private boolean isBelowEnd(byte[] key) {
    return end.length == 0 || Arrays.compareUnsigned(key, end) < 0;
  }
}
