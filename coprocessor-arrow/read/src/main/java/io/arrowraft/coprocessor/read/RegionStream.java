package io.arrowraft.coprocessor.read;

import io.arrowraft.coprocessor.read.grpc.BatchFrame;
import io.arrowraft.proto.coprocessor.Request;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;

/**
 * One attempt at one region. The transport's threads deliver into a queue that never holds more
 * than was asked for, and the end; the reader's thread takes from it. The lock is all that they
 * share.
 */
final class RegionStream implements RpcReceiver<BatchFrame>, AutoCloseable {

  /** What a stream delivers. */
  sealed interface Event {
    /** Whoever takes it owns its buffer. */
    record Arrived(BatchFrame frame) implements Event {}

    record Completed() implements Event {}

    record Broken(RpcException failure) implements Event {}
  }

  private final ArrayDeque<Event> events = new ArrayDeque<>();
  private RpcStream<Request> stream;
  private boolean closed;

  /** Begins delivery. */
  void start(RpcStream<Request> opened, int credit) {
    synchronized (this) {
      stream = opened;
    }
    opened.request(credit);
  }

  @Override
  public void onMessage(BatchFrame frame) {
    add(new Event.Arrived(frame));
  }

  @Override
  public void onComplete() {
    add(new Event.Completed());
  }

  @Override
  public void onError(RpcException failure) {
    add(new Event.Broken(failure));
  }

  private synchronized void add(Event event) {
    if (closed) {
      release(event);
      return;
    }
    events.add(event);
    notifyAll();
  }

  private static void release(Event event) {
    if (event instanceof Event.Arrived arrived) {
      arrived.frame().close();
    }
  }

  /**
   * The next event; empty if none came within the bound. A frame that is taken makes room for one
   * more.
   */
  Optional<Event> take(Duration bound, Waiting waiting) throws InterruptedException {
    Event event;
    RpcStream<Request> source;
    synchronized (this) {
      waiting.until(() -> !events.isEmpty(), this, bound);
      event = events.poll();
      source = stream;
    }
    if (event instanceof Event.Arrived) {
      source.request(1);
    }
    return Optional.ofNullable(event);
  }

  /** Cancels what runs and frees what has come. Idempotent. */
  @Override
  public void close() {
    RpcStream<Request> running;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      events.forEach(RegionStream::release);
      events.clear();
      running = stream;
    }
    if (running != null) {
      running.fail(new RpcException(RpcStatus.CANCELLED, "the reader has what it needs"));
    }
  }
}
