package io.arrowraft.server.region;

/** Versions that the caller would need may be gone: garbage collection has passed its timestamp. */
public final class SafePointPassedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long timestamp;
  private final long safePoint;

  /**
   * @param use what the timestamp is to the caller
   */
  public SafePointPassedException(String use, long timestamp, long safePoint) {
    super(
        use
            + " "
            + Long.toUnsignedString(timestamp)
            + " has fallen behind the GC safe point "
            + Long.toUnsignedString(safePoint)
            + ": begin again with a new timestamp; who needs old ones for long registers a service"
            + " safe point, or has gc-life-time raised",
        null,
        false,
        false);
    this.timestamp = timestamp;
    this.safePoint = safePoint;
  }

  /**
   * Refuses versions that would appear below what garbage collection has passed: the deletion that
   * hid their key from all readers may be gone.
   *
   * @throws SafePointPassedException if the commit timestamp is at or below the safe point
   */
  public static void requireImportable(long commitTs, long safePoint) {
    if (safePoint != 0 && Long.compareUnsigned(commitTs, safePoint) <= 0) {
      throw new SafePointPassedException(
          "the import of versions committed at", commitTs, safePoint);
    }
  }

  public long timestamp() {
    return timestamp;
  }

  public long safePoint() {
    return safePoint;
  }
}
