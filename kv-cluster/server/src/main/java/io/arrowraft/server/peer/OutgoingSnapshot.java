package io.arrowraft.server.peer;

import io.arrowraft.raft.SnapshotSource;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.snapshot.FrozenRegion;
import io.arrowraft.storage.engine.CorruptDataException;
import io.arrowraft.storage.engine.EngineException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * The chunks of a frozen region in pieces that fit the transport: each piece begins with a byte
 * that tells whether it ends its chunk. Chunks are read on a worker.
 */
final class OutgoingSnapshot implements SnapshotSource {
  static final byte CHUNK_GOES_ON = 0;
  static final byte CHUNK_ENDS = 1;
  private static final int PIECE_BYTES_MAX = 1 << 20;

  private final FrozenRegion region;
  private final WorkerPool workers;
  private final EventLoop timers;
  private final SnapshotBudget budget;
  private final Consumer<CorruptDataException> unreadable;
  private byte[] chunk = {};
  private int sent;
  private boolean closed;

  /**
   * @param timers on which pieces wait for their turn
   * @param budget told once when the engine's old data is let go
   * @param unreadable told if the region's data is damaged; another replica has to send it
   */
  OutgoingSnapshot(
      FrozenRegion region,
      WorkerPool workers,
      EventLoop timers,
      SnapshotBudget budget,
      Consumer<CorruptDataException> unreadable) {
    this.unreadable = unreadable;
    this.region = region;
    this.workers = workers;
    this.timers = timers;
    this.budget = budget;
  }

  @Override
  public CompletionStage<Optional<byte[]>> next() {
    CompletableFuture<Optional<byte[]>> result = new CompletableFuture<>();
    try {
      workers.execute(() -> read(result));
    } catch (RejectedExecutionException full) {
      result.completeExceptionally(RegionErrors.serverIsBusy("workers are busy"));
    }
    return result;
  }

  private void read(CompletableFuture<Optional<byte[]>> result) {
    Optional<byte[]> piece;
    try {
      piece = nextPiece();
    } catch (EngineException failure) {
      if (failure instanceof CorruptDataException met) {
        unreadable.accept(met);
      }
      result.completeExceptionally(failure);
      return;
    }
    Duration delay = piece.map(bytes -> budget.paceOut(bytes.length)).orElse(Duration.ZERO);
    if (delay.isZero()) {
      result.complete(piece);
    } else {
      timers.schedule(delay, () -> result.complete(piece));
    }
  }

  private synchronized Optional<byte[]> nextPiece() {
    if (closed) {
      return Optional.empty();
    }
    if (sent == chunk.length) {
      Optional<byte[]> next = region.next();
      if (next.isEmpty()) {
        return Optional.empty();
      }
      chunk = next.get();
      sent = 0;
    }
    int end = Math.min(chunk.length, sent + PIECE_BYTES_MAX - 1);
    byte[] piece = new byte[1 + end - sent];
    piece[0] = end == chunk.length ? CHUNK_ENDS : CHUNK_GOES_ON;
    System.arraycopy(chunk, sent, piece, 1, end - sent);
    sent = end;
    return Optional.of(piece);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      chunk = Arrays.copyOf(chunk, 0);
      region.close();
      budget.endSending();
    }
  }
}
