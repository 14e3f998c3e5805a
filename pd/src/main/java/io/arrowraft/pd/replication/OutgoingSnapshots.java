package io.arrowraft.pd.replication;

import com.google.protobuf.ByteString;
import io.arrowraft.pd.state.StatePieces;
import io.arrowraft.pd.state.StateWrite;
import io.arrowraft.raft.SnapshotSource;
import io.arrowraft.raft.core.Snapshot;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.storage.engine.EngineIterator;
import io.arrowraft.storage.engine.EngineSnapshot;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Snapshots for members that are too far behind for the log: a frozen engine each, read piece by
 * piece on a worker. Bounds, membership and applied index come from that one engine snapshot.
 */
final class OutgoingSnapshots {
  private static final Logger LOG = LoggerFactory.getLogger(OutgoingSnapshots.class);
  private static final int PIECE_BYTES = 256 << 10;

  /** Frozen and not sent yet. */
  private record Prepared(long token, StateRecordStore.Mark mark, EngineSnapshot engine) {}

  private final StateRecordStore records;
  private final EventLoop loop;
  private final WorkerPool pool;
  private Prepared prepared;
  private boolean preparing;
  private boolean closed;
  private long lastToken;

  OutgoingSnapshots(StateRecordStore records, EventLoop loop, WorkerPool pool) {
    this.records = records;
    this.loop = loop;
    this.pool = pool;
  }

  /** A snapshot at or above an index, or empty while one is being made. */
  Optional<Snapshot> snapshot(long indexMin) {
    if (prepared != null && prepared.mark().position().index() >= indexMin) {
      StateRecordStore.Position at = prepared.mark().position();
      byte[] token = ByteBuffer.allocate(8).putLong(prepared.token()).array();
      return Optional.of(new Snapshot(at.index(), at.term(), prepared.mark().membership(), token));
    }
    prepare();
    return Optional.empty();
  }

  /** The content of a snapshot that {@link #snapshot} has given; each can be opened once. */
  SnapshotSource open(Snapshot snapshot) {
    long token = ByteBuffer.wrap(snapshot.data()).getLong();
    if (prepared == null || prepared.token() != token) {
      return new Gone();
    }
    EngineSnapshot engine = prepared.engine();
    prepared = null;
    return new Source(engine, pool);
  }

  /** Lets go of what was not sent. Idempotent. */
  void reset() {
    if (prepared != null) {
      prepared.engine().close();
      prepared = null;
    }
  }

  /** The same for ever. */
  void close() {
    closed = true;
    reset();
  }

  private void prepare() {
    if (preparing || closed) {
      return;
    }
    reset();
    preparing = true;
    try {
      pool.execute(this::freeze);
    } catch (RejectedExecutionException busy) {
      preparing = false;
      LOG.debug("a snapshot waits for a worker", busy);
    }
  }

  private void freeze() {
    EngineSnapshot engine = records.snapshot();
    Optional<StateRecordStore.Mark> mark;
    try {
      mark = StateRecordStore.mark(engine);
    } catch (RuntimeException unreadable) {
      engine.close();
      throw unreadable;
    }
    loop.execute(
        () -> {
          preparing = false;
          if (closed || mark.isEmpty()) {
            engine.close();
          } else {
            prepared = new Prepared(++lastToken, mark.get(), engine);
          }
        });
  }

  /** Reads a frozen engine. */
  private static final class Source implements SnapshotSource {
    private final EngineSnapshot engine;
    private final WorkerPool pool;
    private EngineIterator iterator;
    private boolean at;
    private boolean closed;

    Source(EngineSnapshot engine, WorkerPool pool) {
      this.engine = engine;
      this.pool = pool;
    }

    @Override
    public CompletionStage<Optional<byte[]>> next() {
      CompletableFuture<Optional<byte[]>> piece = new CompletableFuture<>();
      try {
        pool.execute(
            () -> {
              try {
                piece.complete(read());
              } catch (RuntimeException unreadable) {
                piece.completeExceptionally(unreadable);
              }
            });
      } catch (RejectedExecutionException busy) {
        piece.completeExceptionally(busy);
      }
      return piece;
    }

    private synchronized Optional<byte[]> read() {
      if (closed) {
        throw new IllegalStateException("the snapshot is closed");
      }
      if (iterator == null) {
        iterator = StateRecordStore.iterator(engine);
        at = iterator.seekToFirst();
      }
      List<StateWrite> records = new ArrayList<>();
      long bytes = 0;
      while (at && bytes < PIECE_BYTES) {
        StateWrite record = StateRecordStore.record(iterator);
        bytes += record.key().size() + (long) record.value().size();
        records.add(record);
        at = iterator.next();
      }
      ByteString piece = records.isEmpty() ? ByteString.EMPTY : StatePieces.encode(records);
      return piece.isEmpty() ? Optional.empty() : Optional.of(piece.toByteArray());
    }

    @Override
    public synchronized void close() {
      if (!closed) {
        closed = true;
        if (iterator != null) {
          iterator.close();
        }
        engine.close();
      }
    }
  }

  /** What has been superseded meanwhile; the group asks again. */
  private static final class Gone implements SnapshotSource {
    @Override
    public CompletionStage<Optional<byte[]>> next() {
      return CompletableFuture.failedFuture(
          new IllegalStateException("the snapshot has been superseded"));
    }

    @Override
    public void close() {}
  }
}
