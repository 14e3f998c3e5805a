package io.arrowraft.server.fakes;

import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Keeps what a server sends, through bytes as a transport would, and takes only what it has room
 * for.
 */
public final class RecordingStream implements RpcStream<Response> {
  private final List<Response> sent = new ArrayList<>();
  private int room;
  private boolean completed;
  private RpcException failure;

  public RecordingStream(int room) {
    this.room = room;
  }

  @Override
  public synchronized void send(Response message) {
    try {
      sent.add(Response.parseFrom(message.toByteArray()));
    } catch (com.google.protobuf.InvalidProtocolBufferException impossible) {
      throw new AssertionError(impossible);
    }
    room--;
    notifyAll();
  }

  @Override
  public synchronized boolean isReady() {
    return room > 0;
  }

  public synchronized void makeRoom(int more) {
    room += more;
  }

  @Override
  public void request(int count) {}

  @Override
  public synchronized void complete() {
    completed = true;
    notifyAll();
  }

  @Override
  public synchronized void fail(RpcException cause) {
    if (failure == null) {
      failure = cause;
    }
    notifyAll();
  }

  public synchronized List<Response> sent() {
    return List.copyOf(sent);
  }

  public synchronized RpcException failure() {
    return failure;
  }

  public synchronized boolean isCompleted() {
    return completed;
  }

  /** Waits until {@code count} messages have come or the stream has ended. */
  public synchronized List<Response> await(int count) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (sent.size() < count && !completed && failure == null) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError("only " + sent.size() + " messages of " + count);
      }
      try {
        wait(1 + left / 1_000_000);
      } catch (InterruptedException interrupted) {
        throw new AssertionError(interrupted);
      }
    }
    return List.copyOf(sent);
  }
}
