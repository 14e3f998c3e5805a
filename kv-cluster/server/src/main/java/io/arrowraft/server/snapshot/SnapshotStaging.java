package io.arrowraft.server.snapshot;

import io.arrowraft.proto.store.SnapshotChunk;
import io.arrowraft.proto.store.SnapshotManifest;
import io.arrowraft.server.state.RegionRecords;
import io.arrowraft.server.state.Versioned;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.zip.CRC32C;

/** Takes the chunks of one snapshot in and keeps them until it is installed. */
public final class SnapshotStaging {
  /** Whether more chunks are wanted. */
  public enum Progress {
    WANTS_MORE,
    COMPLETE,
    /** Checksum, count or order is wrong: what was staged is of no use. */
    DAMAGED
  }

  private final Engine engine;
  private final SnapshotManifest manifest;
  private final CRC32C checksum = new CRC32C();
  private int chunks;
  private Progress progress = Progress.WANTS_MORE;

  /** Begins to stage, on nothing: chunks left from an earlier attempt are removed. */
  public SnapshotStaging(Engine engine, SnapshotManifest manifest) {
    this.engine = engine;
    this.manifest = manifest;
    discard();
  }

  public SnapshotManifest manifest() {
    return manifest;
  }

  /** How many chunks have come. */
  public int chunks() {
    return chunks;
  }

  public Progress progress() {
    return progress;
  }

  public Progress add(byte[] bytes) {
    if (progress != Progress.WANTS_MORE) {
      progress = Progress.DAMAGED;
      return progress;
    }
    SnapshotChunk chunk;
    try {
      chunk = Versioned.decode(bytes, SnapshotChunk.parser());
    } catch (io.arrowraft.runtime.InvariantViolation malformed) {
      // Bytes from the wire prove nothing about this store.
      progress = Progress.DAMAGED;
      return progress;
    }
    if (chunk.hasSeal()) {
      boolean whole =
          chunk.getSeal().getChunks() == chunks
              && chunk.getSeal().getChecksum() == (int) checksum.getValue();
      progress = whole ? Progress.COMPLETE : Progress.DAMAGED;
    } else if (chunk.getKeysCount() != chunk.getValuesCount()) {
      progress = Progress.DAMAGED;
    } else {
      WriteBatch batch = new WriteBatch();
      RegionRecords.putChunk(batch, manifest.getRegion().getId(), chunks, chunk);
      engine.write(batch, false);
      checksum.update(bytes);
      chunks++;
    }
    return progress;
  }

  /** Removes what was staged. */
  public void discard() {
    WriteBatch batch = new WriteBatch();
    RegionRecords.deleteChunks(batch, manifest.getRegion().getId());
    engine.write(batch, false);
  }
}
