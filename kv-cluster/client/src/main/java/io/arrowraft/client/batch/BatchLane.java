package io.arrowraft.client.batch;

import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** The requests to one store that have not left yet, and the stream that takes them. */
final class BatchLane {
  static final int SWEEP_MILLIS = 50;
  private static final int WAITING_MAX = 4096;

  private final String address;
  private final RpcClient direct;
  private final EventLoop loop;
  private final TimeSource time;
  private final BatchMeters meters;
  private final Deque<BatchEntry> waiting = new ArrayDeque<>();
  private BatchStream stream;
  private boolean departureQueued;
  private boolean sweepQueued;
  private boolean knowsNoBatches;

  BatchLane(String address, RpcClient direct, EventLoop loop, TimeSource time, BatchMeters meters) {
    this.address = address;
    this.direct = direct;
    this.loop = loop;
    this.time = time;
    this.meters = meters;
  }

  void enter(BatchEntry entry) {
    if (knowsNoBatches) {
      entry.alone().run();
      return;
    }
    if (waiting.size() >= WAITING_MAX) {
      entry
          .failed()
          .accept(
              RpcException.notSent(
                  entry.what() + ": " + WAITING_MAX + " requests wait for the connection already"));
      return;
    }
    waiting.add(entry);
    departSoon();
    sweepLater();
  }

  /** Once what else is queued on the loop has joined. */
  private void departSoon() {
    if (!departureQueued) {
      departureQueued = true;
      loop.execute(
          () -> {
            departureQueued = false;
            depart();
          });
    }
  }

  private void depart() {
    if (waiting.isEmpty()) {
      return;
    }
    if (stream == null) {
      meters.streams().increment();
      stream = new BatchStream(loop, meters, new StreamEvents());
      stream.open(direct, address);
    }
    // Opening may have failed at once, and what waited with it.
    if (stream != null) {
      stream.sendFrom(waiting);
    }
  }

  private void sweepLater() {
    if (!sweepQueued) {
      sweepQueued = true;
      loop.schedule(Duration.ofMillis(SWEEP_MILLIS), this::sweep);
    }
  }

  /** Ends the requests whose time is over. */
  private void sweep() {
    sweepQueued = false;
    waiting.removeIf(this::endedWaiting);
    boolean more = stream != null && stream.sweep(time);
    if (more || !waiting.isEmpty()) {
      sweepLater();
    }
  }

  private boolean endedWaiting(BatchEntry entry) {
    if (entry.abandoned().get()) {
      return true;
    }
    if (!entry.deadline().isExpired(time)) {
      return false;
    }
    entry
        .failed()
        .accept(RpcException.notSent(entry.what() + ": the connection took nothing in time"));
    return true;
  }

  void close() {
    RpcException closed = new RpcException(RpcStatus.CANCELLED, "the RPC client is closed");
    BatchStream last = stream;
    stream = null;
    if (last != null) {
      last.close(closed);
    }
    failWaiting(closed);
  }

  private void failWaiting(RpcException failure) {
    // A failure may make its caller send again, which belongs to the next stream.
    Deque<BatchEntry> unsent = new ArrayDeque<>(waiting);
    waiting.clear();
    unsent.forEach(entry -> entry.failed().accept(failure));
  }

  /** What the stream tells its lane. */
  private final class StreamEvents implements BatchStream.Events {
    @Override
    public void ready() {
      depart();
    }

    @Override
    public void broken(BatchStream which, RpcException failure) {
      if (stream != which) {
        return;
      }
      stream = null;
      if (failure.status() == RpcStatus.UNIMPLEMENTED) {
        knowsNoBatches = true;
        Deque<BatchEntry> unsent = new ArrayDeque<>(waiting);
        waiting.clear();
        unsent.forEach(entry -> entry.alone().run());
      } else if (failure.isUnreached()) {
        failWaiting(failure);
      } else {
        // They go with the next stream, which fails them if the store is gone.
        departSoon();
      }
    }

    @Override
    public void endedInOrder(BatchStream which) {
      if (stream == which) {
        stream = null;
        departSoon();
      }
    }
  }
}
