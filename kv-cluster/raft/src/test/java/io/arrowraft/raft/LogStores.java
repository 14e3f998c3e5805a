package io.arrowraft.raft;

import io.arrowraft.runtime.EventLoop;

/** Logs for tests of other packages. */
public final class LogStores {
  private LogStores() {}

  public static LogStore inMemory(EventLoop writer) {
    return new FakeLogStore(writer);
  }
}
