package io.arrowraft.pd.replication;

import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.state.StatePieces;
import io.arrowraft.pd.state.StateWrite;
import io.arrowraft.raft.SnapshotSink;
import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.runtime.Invariant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The content of the one snapshot that may be on its way in. It is kept in memory, where the whole
 * state has to fit anyway, until it replaces the state in one batch: a crash before leaves the old
 * state, and the leader sends again. Safe for use by any thread.
 */
final class IncomingSnapshots {
  private static final long BYTES_MAX = 512L << 20;

  /** A whole state. */
  record Content(Snapshot snapshot, List<StateWrite> records, PdState state) {}

  private Arriving arriving;
  private Content arrived;

  /** Where to put the content of a snapshot; empty while another one is here. */
  synchronized Optional<SnapshotSink> accept(Snapshot snapshot) {
    if (arriving != null || arrived != null) {
      return Optional.empty();
    }
    arriving = new Arriving(snapshot);
    return Optional.of(arriving);
  }

  /** The content of a snapshot that has arrived. */
  synchronized Content take(Snapshot snapshot) {
    Content content = arrived;
    Invariant.check(
        content != null && content.snapshot().equals(snapshot),
        "a snapshot is to be installed whose content has not arrived",
        "snapshot",
        snapshot,
        "arrived",
        content == null ? null : content.snapshot());
    arrived = null;
    return content;
  }

  /** Whether the content of a snapshot is here. */
  synchronized boolean has(Snapshot snapshot) {
    return arrived != null && arrived.snapshot().equals(snapshot);
  }

  /** Forgets what has arrived and is not wanted. */
  synchronized void drop() {
    arrived = null;
  }

  private synchronized void end(Arriving ended, Content content) {
    if (arriving == ended) {
      arriving = null;
      arrived = content;
    }
  }

  private final class Arriving implements SnapshotSink {
    private final Snapshot snapshot;
    private final PdState state = new PdState();
    private final List<StateWrite> records = new ArrayList<>();
    private long bytes;

    Arriving(Snapshot snapshot) {
      this.snapshot = snapshot;
    }

    @Override
    public CompletionStage<Void> write(byte[] piece) {
      bytes += piece.length;
      if (bytes > BYTES_MAX) {
        return CompletableFuture.failedFuture(
            new IllegalStateException("the state is larger than " + BYTES_MAX + " bytes"));
      }
      try {
        for (StateWrite record : StatePieces.decode(UnsafeByteOperations.unsafeWrap(piece))) {
          state.load(record.key(), record.value());
          records.add(record);
        }
        return CompletableFuture.completedFuture(null);
      } catch (RuntimeException malformed) {
        return CompletableFuture.failedFuture(malformed);
      }
    }

    @Override
    public CompletionStage<Void> finish() {
      end(this, new Content(snapshot, records, state));
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void abort() {
      end(this, null);
    }
  }
}
