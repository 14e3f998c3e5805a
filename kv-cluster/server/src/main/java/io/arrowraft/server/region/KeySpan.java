package io.arrowraft.server.region;

import java.util.Arrays;

/**
 * Keys that one request touched, as region keys.
 *
 * @param start inclusive; empty for the beginning of the region
 * @param end exclusive; empty for the end of the region
 */
public record KeySpan(byte[] start, byte[] end) {
  /** A single key. */
  public static KeySpan of(byte[] key) {
    return new KeySpan(key, Arrays.copyOf(key, key.length + 1));
  }
}
