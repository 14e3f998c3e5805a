package io.arrowraft.server.ingest;

import io.arrowraft.proto.importsst.Pair;
import io.arrowraft.proto.importsst.RawWriteBatch;
import io.arrowraft.proto.importsst.SSTMeta;
import io.arrowraft.proto.importsst.WriteBatch;
import io.arrowraft.proto.store.StagedFile;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.MvccKeys;
import io.arrowraft.storage.mvcc.Write;
import io.arrowraft.storage.mvcc.WriteType;
import io.arrowraft.storage.txn.RawValue;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Makes files of one stream's pairs. The same stream gives the same pairs on every store: nothing
 * of the store's own, such as its clock, goes into them. Belongs to one thread at a time.
 */
final class Upload implements AutoCloseable {
  /** A timestamp's milliseconds are shifted by this. */
  private static final int PHYSICAL_SHIFT = 18;

  private final StagedFiles staged;
  private final IngestConfig config;
  private final Floor safePoint;
  private final ImportMeters meters;
  private final long sinceNanos;
  private final SSTMeta meta;
  private final FamilyFile values;
  private final FamilyFile writes;
  private final FamilyFile raw;
  private final List<String> names;
  private boolean closed;

  /** What versions must be newer than. */
  @FunctionalInterface
  interface Floor {
    /** Throws {@link io.arrowraft.server.region.SafePointPassedException} if it is not. */
    void requireNewer(long commitTimestamp);
  }

  Upload(
      Engine engine,
      StagedFiles staged,
      IngestConfig config,
      Floor safePoint,
      ImportMeters meters,
      SSTMeta meta) {
    this.staged = staged;
    this.config = config;
    this.safePoint = safePoint;
    this.meters = meters;
    this.sinceNanos = meters.nanos();
    this.meta = meta;
    this.values = file(engine, ColumnFamily.DEFAULT);
    this.writes = file(engine, ColumnFamily.WRITE);
    this.raw = file(engine, ColumnFamily.RAW);
    this.names = List.of(values.name(), writes.name(), raw.name());
    staged.begin(names);
  }

  private FamilyFile file(Engine engine, ColumnFamily family) {
    return new FamilyFile(engine, family, FileNames.identity(meta, family));
  }

  /** Transactional pairs: versions committed at the batch's timestamp, which is their start too. */
  void put(WriteBatch batch) {
    long timestamp = batch.getCommitTs();
    if (timestamp == 0) {
      throw FileNames.invalid("a batch needs a commit_ts");
    }
    safePoint.requireNewer(timestamp);
    values.committedAt(timestamp);
    writes.committedAt(timestamp);
    for (Pair pair : batch.getPairsList()) {
      byte[] key = MvccKeys.encode(plainKey(pair));
      byte[] version = MvccKeys.withTimestamp(key, timestamp);
      boolean delete = pair.getOp() == Pair.OP.Delete;
      Bytes value = Bytes.wrap(pair.getValue().toByteArray());
      boolean inline = !delete && value.length() <= Lock.SHORT_VALUE_BYTES_MAX;
      if (!delete && !inline) {
        put(values, version, value.unsafeArray(), key, false);
      }
      Write write =
          new Write(
              delete ? WriteType.DELETE : WriteType.PUT,
              timestamp,
              inline ? value : null,
              false,
              OptionalLong.empty(),
              0,
              Bytes.EMPTY);
      put(writes, version, write.encode(), key, delete);
    }
    requireRoom();
  }

  /** Raw pairs. */
  void put(RawWriteBatch batch) {
    long expiry = 0;
    if (batch.getTtl() != 0) {
      if (batch.getTs() == 0) {
        // By the stores' clocks the replicas would expire at different times.
        throw FileNames.invalid(
            "a ttl needs the batch's ts, from which it counts on all replicas alike; put pairs that"
                + " expire with RawBatchPut otherwise");
      }
      expiry = Math.addExact((batch.getTs() >>> PHYSICAL_SHIFT) / 1000, batch.getTtl());
    }
    for (Pair pair : batch.getPairsList()) {
      if (pair.getOp() == Pair.OP.Delete) {
        throw FileNames.invalid("raw pairs cannot be deletes");
      }
      byte[] key = plainKey(pair).unsafeArray();
      RawValue value = new RawValue(Bytes.wrap(pair.getValue().toByteArray()), expiry);
      put(raw, key, value.encode(), key, false);
    }
    requireRoom();
  }

  private static void put(
      FamilyFile file, byte[] key, byte[] value, byte[] regionKey, boolean delete) {
    try {
      file.put(key, value, regionKey, delete);
    } catch (IllegalArgumentException disorder) {
      throw new RpcException(
          RpcStatus.INVALID_ARGUMENT, "keys of a stream must ascend and differ", disorder);
    }
  }

  private Bytes plainKey(Pair pair) {
    if (pair.getKey().isEmpty() || pair.getKey().size() > config.keyBytesMax()) {
      throw FileNames.invalid(
          "a key must have 1 to " + config.keyBytesMax() + " bytes, has " + pair.getKey().size());
    }
    return Bytes.wrap(pair.getKey().toByteArray());
  }

  private void requireRoom() {
    long bytes = values.byteSize() + writes.byteSize() + raw.byteSize();
    if (bytes > config.streamBytesMax()) {
      throw new RpcException(
          RpcStatus.RESOURCE_EXHAUSTED,
          "a stream may bring "
              + config.streamBytesMax()
              + " bytes (streamBytesMax), this one brought "
              + bytes
              + "; divide it");
    }
  }

  /** Makes the files and their records durable. */
  List<SSTMeta> finish() {
    List<StagedFile> files = new ArrayList<>();
    for (FamilyFile file : List.of(values, writes, raw)) {
      if (!file.isEmpty()) {
        files.add(file.finish());
      }
    }
    staged.add(files);
    List<SSTMeta> metas = files.stream().map(file -> FileNames.meta(meta, file)).toList();
    meters.staged(sinceNanos, metas);
    return metas;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      values.close();
      writes.close();
      raw.close();
      staged.end(names);
    }
  }
}
