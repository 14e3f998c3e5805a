package io.arrowraft.server.peer;

/** What has been written to a region since somebody last asked. Owned by the region's loop. */
final class Traffic {
  private long bytes;
  private long keys;
  private long bytesSinceScan;

  void onWritten(long writtenBytes, long writtenKeys) {
    bytes += writtenBytes;
    keys += writtenKeys;
    bytesSinceScan += writtenBytes;
  }

  /** Bytes since the last report. */
  long takeBytes() {
    long taken = bytes;
    bytes = 0;
    return taken;
  }

  /** Keys since the last report. */
  long takeKeys() {
    long taken = keys;
    keys = 0;
    return taken;
  }

  long bytesSinceScan() {
    return bytesSinceScan;
  }

  void onScan() {
    bytesSinceScan = 0;
  }
}
