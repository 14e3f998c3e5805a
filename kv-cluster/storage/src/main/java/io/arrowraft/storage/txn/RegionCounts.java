package io.arrowraft.storage.txn;

import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.mvcc.WriteType;
import java.util.List;

/**
 * Numbers of write records of a region, counted as they are applied, since the engine has no hook
 * that could count them while it compacts. They drive splits by keys and tell garbage collection
 * which regions hold old versions: {@code puts} bounds the number of keys from above, and a round
 * of garbage collection that visits a region brings the bound down to the truth.
 *
 * @param puts PUT records
 * @param deletes DELETE records
 * @param others LOCK and ROLLBACK records
 * @param removed write records removed, whatever they were
 * @param rawPuts sets of raw keys, overwriting ones included
 */
public record RegionCounts(long puts, long deletes, long others, long removed, long rawPuts) {
  public static final RegionCounts NONE = new RegionCounts(0, 0, 0, 0, 0);

  /** What one applied command adds. */
  public static RegionCounts of(List<Modification> modifications) {
    long puts = 0;
    long deletes = 0;
    long others = 0;
    long removed = 0;
    long rawPuts = 0;
    for (Modification modification : modifications) {
      if (modification.family() == ColumnFamily.RAW && modification instanceof Modification.Put) {
        rawPuts++;
      }
      if (modification.family() != ColumnFamily.WRITE) {
        continue;
      }
      if (modification instanceof Modification.Put put) {
        switch (WriteType.ofRecord(put.value())) {
          case PUT -> puts++;
          case DELETE -> deletes++;
          case LOCK, ROLLBACK -> others++;
        }
      } else {
        removed++;
      }
    }
    return new RegionCounts(puts, deletes, others, removed, rawPuts);
  }

  public RegionCounts plus(RegionCounts other) {
    return new RegionCounts(
        puts + other.puts,
        deletes + other.deletes,
        others + other.others,
        removed + other.removed,
        rawPuts + other.rawPuts);
  }

  /** Write records present, estimated: those added less those removed. */
  public long versions() {
    return Math.max(0, puts + deletes + others - removed);
  }
}
