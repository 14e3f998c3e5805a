package io.arrowraft.server.fakes;

import com.google.protobuf.MessageLite;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Keeps what a server sends, through bytes as a transport would, and takes only what it has room
 * for.
 */
public final class RecordingStream<T extends MessageLite> implements RpcStream<T> {
  private final List<T> sent = new ArrayList<>();
  private int room;
  private boolean completed;
  private RpcException failure;

  public RecordingStream(int room) {
    this.room = room;
  }

  @Override
  public synchronized void send(T message) {
    try {
      sent.add(copy(message));
    } catch (com.google.protobuf.InvalidProtocolBufferException impossible) {
      throw new AssertionError(impossible);
    }
    room--;
    notifyAll();
  }

  @SuppressWarnings("unchecked") // A message's parser makes messages of its type.
  private T copy(T message) throws com.google.protobuf.InvalidProtocolBufferException {
    return (T) message.getParserForType().parseFrom(message.toByteArray());
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

  public synchronized List<T> sent() {
    return List.copyOf(sent);
  }

  public synchronized RpcException failure() {
    return failure;
  }

  public synchronized boolean isCompleted() {
    return completed;
  }

  /** Waits until {@code count} messages have come or the stream has ended. */
  public synchronized List<T> await(int count) {
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
