package io.arrowraft.client.keyvalue;

import io.arrowraft.runtime.Bytes;
import java.util.Objects;

/**
 * What a scan goes through. Immutable.
 *
 * @param start inclusive; empty for the first key
 * @param end exclusive; empty for no bound
 * @param descending whether it begins at the end
 * @param keysOnly whether pairs come back with empty values, which are not sent
 */
public record ScanRange(Bytes start, Bytes end, boolean descending, boolean keysOnly) {
  public ScanRange {
    Objects.requireNonNull(start, "start");
    Objects.requireNonNull(end, "end");
  }

  /** From {@code start} up, with values. */
  public static ScanRange of(Bytes start, Bytes end) {
    return new ScanRange(start, end, false, false);
  }

  /** From the end down. */
  public ScanRange downwards() {
    return new ScanRange(start, end, true, keysOnly);
  }

  /** Without the values. */
  public ScanRange withoutValues() {
    return new ScanRange(start, end, descending, true);
  }

  /** What is left of it at a page's continuation. */
  public ScanRange continuedAt(Bytes continuation) {
    return descending
        ? new ScanRange(start, continuation, true, keysOnly)
        : new ScanRange(continuation, end, false, keysOnly);
  }

  public boolean isEmpty() {
    return !end.isEmpty() && start.compareTo(end) >= 0;
  }
}
