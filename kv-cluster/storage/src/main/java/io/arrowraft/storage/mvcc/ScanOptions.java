package io.arrowraft.storage.mvcc;

import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * How to scan.
 *
 * @param view what may be seen
 * @param reverse from the end of the range to its start
 * @param keyOnly leave the values empty and save reading them
 * @param fillCache whether the scan may displace blocks in the cache
 * @param locksMax how many blocking locks to report at once, so that a client resolves them
 *     together
 * @param cancelled asked every so often; a scan that is no longer wanted stops with a result
 */
public record ScanOptions(
    ReadView view,
    boolean reverse,
    boolean keyOnly,
    boolean fillCache,
    int locksMax,
    BooleanSupplier cancelled) {
  private static final int LOCKS_MAX_DEFAULT = 64;

  public ScanOptions {
    Objects.requireNonNull(view, "view");
    Objects.requireNonNull(cancelled, "cancelled");
    if (locksMax < 1) {
      throw new IllegalArgumentException("locksMax must be positive, was " + locksMax);
    }
  }

  /** A forward scan with values that nothing cancels. */
  public static ScanOptions forward(ReadView view) {
    return new ScanOptions(view, false, false, true, LOCKS_MAX_DEFAULT, () -> false);
  }

  /** A reverse scan with values that nothing cancels. */
  public static ScanOptions backward(ReadView view) {
    return new ScanOptions(view, true, false, true, LOCKS_MAX_DEFAULT, () -> false);
  }

  public ScanOptions withKeyOnly(boolean only) {
    return new ScanOptions(view, reverse, only, fillCache, locksMax, cancelled);
  }

  public ScanOptions withFillCache(boolean fill) {
    return new ScanOptions(view, reverse, keyOnly, fill, locksMax, cancelled);
  }

  public ScanOptions withCancelled(BooleanSupplier source) {
    return new ScanOptions(view, reverse, keyOnly, fillCache, locksMax, source);
  }
}
