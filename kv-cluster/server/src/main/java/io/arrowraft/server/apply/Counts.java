package io.arrowraft.server.apply;

import io.arrowraft.proto.store.DataCounts;
import io.arrowraft.proto.store.Family;
import io.arrowraft.proto.store.StagedFile;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.WriteBatch;

/**
 * Estimates of a region's data, kept at apply since the engine has no hook that would count there.
 * Overwrites are not recognised; the size checker's scans correct what drifts.
 *
 * @param bytes keys and values
 * @param keys versions of transactional data plus raw pairs
 * @param deletes delete records among the versions
 * @param garbage versions that may be garbage, or become it: what the last visit of garbage
 *     collection left beside the newest PUT of each key, and all versions written since
 */
public record Counts(long bytes, long keys, long deletes, long garbage) {
  public static final Counts ZERO = new Counts(0, 0, 0);

  /** First byte of a commit record that removes its key. */
  private static final byte WRITE_DELETE = 'D';

  public Counts {
    bytes = Math.max(0, bytes);
    keys = Math.max(0, keys);
    deletes = Math.max(0, deletes);
    garbage = Math.max(0, garbage);
  }

  /** What a scan for size finds: of garbage it says nothing. */
  public Counts(long bytes, long keys, long deletes) {
    this(bytes, keys, deletes, 0);
  }

  /** These with another count of garbage. */
  public Counts withGarbage(long other) {
    return new Counts(bytes, keys, deletes, other);
  }

  public static Counts of(DataCounts stored) {
    return new Counts(
        stored.getBytes(), stored.getKeys(), stored.getDeletes(), stored.getGarbage());
  }

  public DataCounts toProto() {
    return DataCounts.newBuilder()
        .setBytes(bytes)
        .setKeys(keys)
        .setDeletes(deletes)
        .setGarbage(garbage)
        .build();
  }

  /** An even share, for the parts of a split until they are scanned. */
  public Counts dividedBy(int parts) {
    return new Counts(bytes / parts, keys / parts, deletes / parts, (garbage + parts - 1) / parts);
  }

  public Counts plus(Counts other) {
    return new Counts(
        bytes + other.bytes, keys + other.keys, deletes + other.deletes, garbage + other.garbage);
  }

  /** The counts after a file has been taken in. */
  public Counts after(StagedFile file) {
    boolean counted = file.getFamily() == Family.WRITE || file.getFamily() == Family.RAW;
    return new Counts(
        bytes + file.getBytes(),
        keys + (counted ? file.getPairs() : 0),
        deletes + file.getDeletes(),
        garbage + (file.getFamily() == Family.WRITE ? file.getPairs() : 0));
  }

  /** The counts after {@code operation}. */
  public Counts after(WriteBatch.Operation operation) {
    ColumnFamily family = operation.family();
    if (family == ColumnFamily.LOCK) {
      return this;
    }
    boolean counted = family == ColumnFamily.WRITE || family == ColumnFamily.RAW;
    if (operation instanceof WriteBatch.Put put) {
      boolean delete =
          family == ColumnFamily.WRITE && put.value().length > 0 && put.value()[0] == WRITE_DELETE;
      return new Counts(
          bytes + put.key().length + put.value().length,
          keys + (counted ? 1 : 0),
          deletes + (delete ? 1 : 0),
          garbage + (family == ColumnFamily.WRITE ? 1 : 0));
    }
    if (operation instanceof WriteBatch.Delete removal) {
      return new Counts(bytes - removal.key().length, keys - (counted ? 1 : 0), deletes, garbage);
    }
    return this;
  }
}
