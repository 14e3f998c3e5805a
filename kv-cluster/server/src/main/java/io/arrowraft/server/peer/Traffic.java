package io.arrowraft.server.peer;

import io.arrowraft.server.region.LoadCounts;
import io.arrowraft.server.region.RegionLoad;

/**
 * What has been read from and written to a region since somebody last asked. Owned by the region's
 * loop, {@link #load} excepted.
 */
final class Traffic {
  private final RegionLoad load = new RegionLoad();
  private LoadCounts sinceReport = new LoadCounts();
  private LoadCounts sinceRound = new LoadCounts();
  private long bytesSinceScan;
  private long keysSinceScan;
  private int hotRounds;

  /** Where requests are counted; for use by any thread. */
  RegionLoad load() {
    return load;
  }

  void onWritten(long writtenBytes, long writtenKeys) {
    sinceReport.addWritten(writtenKeys, writtenBytes);
    sinceRound.addWritten(writtenKeys, writtenBytes);
    bytesSinceScan += writtenBytes;
    keysSinceScan += writtenKeys;
  }

  private void collect() {
    LoadCounts taken = load.take();
    sinceReport.add(taken);
    sinceRound.add(taken);
  }

  /** Everything since the last report. */
  LoadCounts takeReport() {
    collect();
    LoadCounts taken = sinceReport;
    sinceReport = new LoadCounts();
    return taken;
  }

  /** Everything since the last round of measuring. */
  LoadCounts takeRound() {
    collect();
    LoadCounts taken = sinceRound;
    if (!taken.isEmpty()) {
      sinceRound = new LoadCounts();
    }
    return taken;
  }

  /** Adds what has come since the last round to the store's sum, between two rounds. */
  void collectInto(StoreTraffic store, long regionId) {
    LoadCounts taken = takeRound();
    if (!taken.isEmpty()) {
      store.add(regionId, taken);
    }
  }

  /** Another replica reports. */
  void forgetReport() {
    if (!sinceReport.isEmpty()) {
      sinceReport = new LoadCounts();
    }
  }

  long bytesSinceScan() {
    return bytesSinceScan;
  }

  long keysSinceScan() {
    return keysSinceScan;
  }

  void onScan() {
    bytesSinceScan = 0;
    keysSinceScan = 0;
  }

  /** Rounds in a row in which the region was busy. */
  int hotRounds() {
    return hotRounds;
  }

  void hotRounds(int rounds) {
    hotRounds = rounds;
  }
}
