package io.arrowraft.storage.mvcc;

/** The running totals behind {@link ReadStatistics}; plain fields, as one thread owns a read. */
final class ReadCounters {
  long processedKeys;
  long scannedVersions;
  long seeks;
  long valueBytes;
  long locksSeen;

  ReadStatistics statistics() {
    return new ReadStatistics(processedKeys, scannedVersions, seeks, valueBytes, locksSeen);
  }
}
