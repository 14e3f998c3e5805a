package io.arrowraft.pd.testing;

import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.rpc.RpcCall;
import java.util.Optional;

/** A call without deadline or headers that nobody cancels. */
public final class FakeCall implements RpcCall {
  @Override
  public Optional<Deadline> deadline() {
    return Optional.empty();
  }

  @Override
  public String peer() {
    return "test";
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.empty();
  }

  @Override
  public void onCancel(Runnable action) {
    // Never cancelled, so the action never runs.
  }

  @Override
  public boolean isCancelled() {
    return false;
  }
}
