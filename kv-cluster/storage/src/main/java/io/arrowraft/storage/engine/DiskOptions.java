package io.arrowraft.storage.engine;

/**
 * How a node treats the disk below its data directory.
 *
 * @param manualWalFlush the engines keep their logs in the memory of the process until they are
 *     told to sync, so that killing the process loses all that was not synced, as a power cut
 *     would; for crash tests
 * @param reservedBytes size of a file that only takes up room, to be given back to a node whose
 *     disk is full so that it can start; 0: none
 * @param lowSpaceBytesMax room below which the node takes no new data, if that is less than {@code
 *     lowSpacePercent}
 * @param lowSpacePercent the same as a share of the disk
 */
public record DiskOptions(
    boolean manualWalFlush, long reservedBytes, long lowSpaceBytesMax, int lowSpacePercent) {
  public DiskOptions {
    if (reservedBytes < 0 || lowSpaceBytesMax < 0) {
      throw new IllegalArgumentException(
          "reservedBytes and lowSpaceBytesMax must not be negative: "
              + reservedBytes
              + ", "
              + lowSpaceBytesMax);
    }
    if (lowSpacePercent < 0 || lowSpacePercent > 50) {
      throw new IllegalArgumentException(
          "lowSpacePercent must be in 0 to 50, is " + lowSpacePercent);
    }
  }

  /** New data is refused when less than 2 GiB or 5 % of the disk is left; no file is made. */
  public static DiskOptions defaults() {
    return new DiskOptions(false, 0, 2L << 30, 5);
  }

  public DiskOptions withManualWalFlush(boolean manual) {
    return new DiskOptions(manual, reservedBytes, lowSpaceBytesMax, lowSpacePercent);
  }

  public DiskOptions withReservedBytes(long bytes) {
    return new DiskOptions(manualWalFlush, bytes, lowSpaceBytesMax, lowSpacePercent);
  }

  public DiskOptions withLowSpace(long bytesMax, int percent) {
    return new DiskOptions(manualWalFlush, reservedBytes, bytesMax, percent);
  }

  /** Room below which no new data is taken on a disk of this size. */
  public long lowSpaceBytes(long capacityBytes) {
    return Math.min(lowSpaceBytesMax, capacityBytes / 100 * lowSpacePercent);
  }
}
