package io.arrowraft.server.coprocessor;

import io.arrowraft.proto.coprocessor.KeyRange;
import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.proto.kvrpcpb.ExecDetailsV2;
import io.arrowraft.proto.kvrpcpb.ScanDetailV2;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.server.region.QueryKind;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.txn.LockInfos;
import io.arrowraft.server.txn.ReadCancelledException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Drives one plan: executes on a worker while the receiver can take more, lets go of the worker
 * while it cannot, and ends exactly once, by whatever comes first of the plan's end, a failure and
 * the caller's cancellation.
 *
 * <p>{@link #signal} and {@link #cancel} may be called from any thread; everything else happens in
 * one worker at a time.
 */
final class PlanExecution {
  /** Batches after which a worker turns to other plans. */
  private static final int BATCHES_PER_TURN = 8;

  /** What an execution needs from outside. */
  record Surroundings(
      WorkerPool workers,
      Function<Throwable, Response> refusal,
      CoprocessorCounters counters,
      Runnable onEnd) {}

  private final Surroundings outside;
  private final ResponseSink sink;
  private final RegionSnapshot snapshot;
  private final Supplier<PlanCursor> open;
  private final PlanShape shape;
  // Signals not yet seen; whoever raises it from zero owns the execution until it is zero again.
  private final AtomicInteger signals = new AtomicInteger();
  private final AtomicReference<RpcException> cancellation = new AtomicReference<>();
  private PlanCursor cursor;
  private boolean ended;
  private long rows;
  private long batches;
  private long bytes;

  /**
   * @param open starts the plan on {@code snapshot}; called on a worker
   */
  PlanExecution(
      Surroundings outside,
      ResponseSink sink,
      RegionSnapshot snapshot,
      PlanShape shape,
      Supplier<PlanCursor> open) {
    this.outside = outside;
    this.sink = sink;
    this.snapshot = snapshot;
    this.shape = shape;
    this.open = open;
  }

  /** Starts, or goes on after the receiver could take no more. */
  void signal() {
    if (signals.getAndIncrement() == 0) {
      runOnWorker();
    }
  }

  /** Ends the execution as soon as its worker sees it. */
  void cancel(RpcException reason) {
    if (cancellation.compareAndSet(null, reason)) {
      signal();
    }
  }

  boolean isCancelled() {
    return cancellation.get() != null;
  }

  private void runOnWorker() {
    try {
      outside.workers().execute(this::run);
    } catch (RejectedExecutionException full) {
      refuse(RegionErrors.serverIsBusy("too many plans are waiting"));
      drainSignals();
    }
  }

  private void run() {
    int seen = signals.get();
    while (true) {
      if (!ended && turn()) {
        runOnWorker();
        return;
      }
      seen = signals.addAndGet(-seen);
      if (seen == 0) {
        return;
      }
    }
  }

  private void drainSignals() {
    // Signals that come meanwhile find an execution that has ended.
    int seen = signals.get();
    while (seen != 0) {
      seen = signals.addAndGet(-seen);
    }
  }

  /** Executes for a while; {@code true} if there is more to do at once. */
  private boolean turn() {
    try {
      for (int i = 0; i < BATCHES_PER_TURN; i++) {
        if (isCancelled()) {
          end();
          sink.fail(cancellation.get());
          return false;
        }
        if (!sink.isReady()) {
          return false;
        }
        if (cursor == null) {
          cursor = open.get();
        }
        if (!deliver(cursor.next())) {
          return false;
        }
      }
      return true;
    } catch (ReadCancelledException gaveUp) {
      // Thrown because of the cancellation, so the next turn finds it.
      return true;
    } catch (RuntimeException failure) {
      refuse(failure);
      return false;
    }
  }

  /** Sends a piece; {@code false} if it was the last. */
  private boolean deliver(PlanCursor.Piece piece) {
    if (piece instanceof PlanCursor.Piece.Batch batch) {
      rows += batch.rows();
      batches++;
      bytes += batch.data().size();
      sink.send(Response.newBuilder().setData(batch.data()).build());
      return true;
    }
    if (piece instanceof PlanCursor.Piece.Settled settled) {
      sink.send(Response.newBuilder().setRange(settled.covered()).build());
      return true;
    }
    ExecDetailsV2 details = details(cursor.cost());
    end();
    if (piece instanceof PlanCursor.Piece.Locked locked) {
      locked.covered().ifPresent(covered -> sink.send(settling(covered, details)));
      sink.send(Response.newBuilder().setLocked(LockInfos.of(locked.lock())).build());
    } else if (piece instanceof PlanCursor.Piece.End finished) {
      sink.send(settling(finished.covered(), details));
    }
    sink.complete();
    return false;
  }

  private static Response settling(KeyRange covered, ExecDetailsV2 details) {
    return Response.newBuilder().setRange(covered).setExecDetailsV2(details).build();
  }

  private void refuse(RuntimeException failure) {
    end();
    try {
      sink.send(outside.refusal().apply(failure));
      sink.complete();
    } catch (RpcException status) {
      sink.fail(status);
    }
  }

  /** Releases everything, before the receiver hears of the end. */
  private void end() {
    if (ended) {
      return;
    }
    ended = true;
    PlanCursor.Cost cost = PlanCursor.Cost.NONE;
    try {
      if (cursor != null) {
        cost = cursor.cost();
        cursor.close();
      }
    } finally {
      snapshot.load().onRead(QueryKind.COPROCESSOR, cost.rowsScanned(), cost.bytesScanned());
      snapshot.close();
      outside
          .counters()
          .add(
              new CoprocessorCounters.Values(
                  1,
                  cost.rowsScanned(),
                  rows,
                  batches,
                  bytes,
                  shape.aggregates() ? 1 : 0,
                  shape.selects() ? 1 : 0));
      outside.onEnd().run();
    }
  }

  private static ExecDetailsV2 details(PlanCursor.Cost cost) {
    return ExecDetailsV2.newBuilder()
        .setScanDetailV2(
            ScanDetailV2.newBuilder()
                .setProcessedVersions(cost.rowsScanned())
                .setTotalVersions(cost.versionsScanned())
                .setProcessedVersionsSize(cost.bytesScanned()))
        .build();
  }
}
