package io.arrowraft.pd.replication;

import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.pd.state.PdState;
import io.arrowraft.pd.state.StatePieces;
import io.arrowraft.pd.state.StateWrite;
import io.arrowraft.raft.SnapshotSink;
import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.runtime.Invariant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * The content of the one snapshot that may be on its way in. Each piece goes to the engine before
 * the next one comes, beside the records that hold, so that no more than one is in memory. The
 * whole takes their place in one batch: a crash before leaves the old state, and the leader sends
 * again. Safe for use by any thread.
 */
final class IncomingSnapshots {
  /** More than the state of any cluster: what is larger would only fill the disk. */
  private static final long BYTES_MAX = 4L << 30;

  private final StateRecordStore records;
  private final StateWriter writer;
  private Arriving arriving;
  private Snapshot arrived;
  private boolean installing;

  IncomingSnapshots(StateRecordStore records, StateWriter writer) {
    this.records = records;
    this.writer = writer;
  }

  /** Where to put the content of a snapshot; empty while another one is here. */
  synchronized Optional<SnapshotSink> accept(Snapshot snapshot) {
    if (arriving != null || arrived != null) {
      return Optional.empty();
    }
    arriving = new Arriving(snapshot);
    // What an earlier one has left behind, or a crash.
    writer.run(records::dropStaged, () -> {});
    return Optional.of(arriving);
  }

  /**
   * A snapshot that has arrived takes the place of the state.
   *
   * @param mark up to where it holds
   * @param installed told of the new state, on the owner's loop
   */
  void install(Snapshot snapshot, StateRecordStore.Mark mark, Consumer<PdState> installed) {
    synchronized (this) {
      Invariant.check(
          snapshot.equals(arrived) && !installing,
          "a snapshot is to be installed whose content has not arrived",
          "snapshot",
          snapshot,
          "arrived",
          arrived);
      // Until it is done no other one may come.
      installing = true;
    }
    CompletableFuture<PdState> state = new CompletableFuture<>();
    writer.run(
        () -> state.complete(records.install(mark)),
        () -> {
          synchronized (this) {
            installing = false;
            arrived = null;
          }
          installed.accept(state.join());
        });
  }

  /** Whether the content of a snapshot is here. */
  synchronized boolean has(Snapshot snapshot) {
    return snapshot.equals(arrived);
  }

  /** Forgets what has arrived and is not wanted. */
  synchronized void drop() {
    if (!installing) {
      arrived = null;
    }
  }

  private synchronized void end(Arriving ended, Snapshot snapshot) {
    if (arriving == ended) {
      arriving = null;
      arrived = snapshot;
    }
  }

  private final class Arriving implements SnapshotSink {
    private final Snapshot snapshot;
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
      List<StateWrite> read;
      try {
        read = StatePieces.decode(UnsafeByteOperations.unsafeWrap(piece));
        // What cannot be loaded must not get as far as to the engine.
        PdState probe = new PdState();
        read.forEach(record -> probe.load(record.key(), record.value()));
      } catch (RuntimeException malformed) {
        return CompletableFuture.failedFuture(malformed);
      }
      CompletableFuture<Void> kept = new CompletableFuture<>();
      writer.run(() -> records.stage(read), () -> kept.complete(null));
      return kept;
    }

    @Override
    public CompletionStage<Void> finish() {
      end(this, snapshot);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void abort() {
      end(this, null);
    }
  }
}
