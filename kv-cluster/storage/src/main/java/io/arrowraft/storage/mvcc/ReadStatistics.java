package io.arrowraft.storage.mvcc;

/**
 * What reading cost.
 *
 * @param processedKeys keys that were returned
 * @param scannedVersions write records that were looked at
 * @param seeks times an iterator had to search instead of step
 * @param valueBytes bytes of returned values
 * @param locksSeen locks that were looked at
 */
public record ReadStatistics(
    long processedKeys, long scannedVersions, long seeks, long valueBytes, long locksSeen) {
  public static final ReadStatistics NONE = new ReadStatistics(0, 0, 0, 0, 0);

  public ReadStatistics plus(ReadStatistics other) {
    return new ReadStatistics(
        processedKeys + other.processedKeys,
        scannedVersions + other.scannedVersions,
        seeks + other.seeks,
        valueBytes + other.valueBytes,
        locksSeen + other.locksSeen);
  }
}
