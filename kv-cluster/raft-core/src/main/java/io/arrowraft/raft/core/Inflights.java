package io.arrowraft.raft.core;

import java.util.ArrayDeque;

/** The append requests on their way to one peer: bounded in number and in bytes. */
final class Inflights {
  private record Sent(long lastIndex, long bytes) {}

  private final int messagesMax;
  private final long bytesMax;
  private final ArrayDeque<Sent> window = new ArrayDeque<>();
  private long bytes;

  Inflights(int messagesMax, long bytesMax) {
    this.messagesMax = messagesMax;
    this.bytesMax = bytesMax;
  }

  boolean isFull() {
    return window.size() >= messagesMax || bytes >= bytesMax;
  }

  void add(long lastIndex, long messageBytes) {
    window.addLast(new Sent(lastIndex, messageBytes));
    bytes += messageBytes;
  }

  void acknowledged(long index) {
    while (!window.isEmpty() && window.peekFirst().lastIndex() <= index) {
      bytes -= window.removeFirst().bytes();
    }
  }

  void clear() {
    window.clear();
    bytes = 0;
  }
}
