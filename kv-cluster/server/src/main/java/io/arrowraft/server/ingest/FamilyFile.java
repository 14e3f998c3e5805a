package io.arrowraft.server.ingest;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.store.StagedFile;
import io.arrowraft.server.state.Mutations;
import io.arrowraft.storage.engine.ColumnFamily;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.SortedFiles;
import java.util.zip.CRC32;

/** The pairs of one stream that go to one family. Belongs to one thread at a time. */
final class FamilyFile implements AutoCloseable {
  private final Engine engine;
  private final SortedFiles.Name name;
  private final StagedFile identity;
  private final CRC32 checksum = new CRC32();
  private final byte[] lengths = new byte[8];
  private SortedFiles.Writer writer;
  private byte[] firstKey;
  private byte[] lastKey;
  private long pairs;
  private long deletes;
  private long bytes;
  private long lowestTimestamp;

  /**
   * @param identity name, region and epoch of the file
   */
  FamilyFile(Engine engine, ColumnFamily family, StagedFile identity) {
    this.engine = engine;
    this.name = new SortedFiles.Name(identity.getName(), family);
    this.identity = identity;
  }

  /**
   * Appends a pair; the file is begun with the first one.
   *
   * @param regionKey the key without version
   */
  void put(byte[] key, byte[] value, byte[] regionKey, boolean delete) {
    if (writer == null) {
      writer = engine.sortedFiles().create(name);
      firstKey = regionKey;
    }
    writer.put(key, value);
    lastKey = regionKey;
    pairs++;
    deletes += delete ? 1 : 0;
    bytes += key.length + value.length;
    putInt(key.length, 0);
    putInt(value.length, 4);
    checksum.update(lengths, 0, 8);
    checksum.update(key, 0, key.length);
    checksum.update(value, 0, value.length);
  }

  /** Versions that follow are committed then. */
  void committedAt(long timestamp) {
    if (lowestTimestamp == 0 || Long.compareUnsigned(timestamp, lowestTimestamp) < 0) {
      lowestTimestamp = timestamp;
    }
  }

  private void putInt(int value, int at) {
    for (int i = 0; i < 4; i++) {
      lengths[at + i] = (byte) (value >>> (24 - 8 * i));
    }
  }

  String name() {
    return name.name();
  }

  boolean isEmpty() {
    return pairs == 0;
  }

  long byteSize() {
    return bytes;
  }

  /** Makes the file durable; its record is the caller's to write. */
  StagedFile finish() {
    writer.finish();
    return identity.toBuilder()
        .setFamily(Mutations.familyOf(name.family()))
        .setFirstKey(ByteString.copyFrom(firstKey))
        .setLastKey(ByteString.copyFrom(lastKey))
        .setPairs(pairs)
        .setDeletes(deletes)
        .setBytes(bytes)
        .setChecksum((int) checksum.getValue())
        .setCommitTimestamp(lowestTimestamp)
        .build();
  }

  @Override
  public void close() {
    if (writer != null) {
      writer.close();
    }
  }
}
