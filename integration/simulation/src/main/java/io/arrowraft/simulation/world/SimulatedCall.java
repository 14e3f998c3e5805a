package io.arrowraft.simulation.world;

import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.rpc.RpcCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the serving node knows of a call. */
final class SimulatedCall implements RpcCall {
  private final String peer;
  private final Optional<Deadline> deadline;
  private final List<Runnable> cancelActions = new ArrayList<>(1);
  private boolean cancelled;

  SimulatedCall(String peer, Optional<Deadline> deadline) {
    this.peer = peer;
    this.deadline = deadline;
  }

  @Override
  public Optional<Deadline> deadline() {
    return deadline;
  }

  @Override
  public String peer() {
    return peer;
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.empty();
  }

  @Override
  public void onCancel(Runnable action) {
    if (cancelled) {
      action.run();
    } else {
      cancelActions.add(action);
    }
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  void cancel() {
    if (!cancelled) {
      cancelled = true;
      cancelActions.forEach(Runnable::run);
      cancelActions.clear();
    }
  }
}
