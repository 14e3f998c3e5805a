package io.arrowraft.storage.engine;

import java.util.Objects;

/**
 * Bounds of an iterator.
 *
 * @param lower first key that may be seen, inclusive; empty for none
 * @param upper first key that may not be seen, exclusive; empty for none
 * @param fillCache whether blocks read may displace others in the block cache; false for long scans
 */
public record IterateOptions(byte[] lower, byte[] upper, boolean fillCache) {
  private static final byte[] UNBOUNDED = new byte[0];

  public IterateOptions {
    Objects.requireNonNull(lower, "lower");
    Objects.requireNonNull(upper, "upper");
  }

  /** No bounds. */
  public static IterateOptions all() {
    return new IterateOptions(UNBOUNDED, UNBOUNDED, true);
  }

  /** Keys from {@code lower} inclusive to {@code upper} exclusive; empty means unbounded. */
  public static IterateOptions range(byte[] lower, byte[] upper) {
    return new IterateOptions(lower, upper, true);
  }

  /** The same bounds, leaving the block cache as it is. */
  public IterateOptions withoutFillingCache() {
    return new IterateOptions(lower, upper, false);
  }
}
