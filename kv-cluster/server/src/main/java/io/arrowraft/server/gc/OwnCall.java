package io.arrowraft.server.gc;

import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.rpc.RpcCall;
import java.util.Optional;

/** The store's own work, where a call of a client is expected: nobody cancels it. */
enum OwnCall implements RpcCall {
  INSTANCE;

  @Override
  public Optional<Deadline> deadline() {
    return Optional.empty();
  }

  @Override
  public String peer() {
    return "garbage collection";
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.empty();
  }

  @Override
  public void onCancel(Runnable action) {
    // Never.
  }

  @Override
  public boolean isCancelled() {
    return false;
  }
}
