package io.arrowraft.server.service;

import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.rpc.RpcCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One request of a batch as a call of its own, so that what it wants to be told of is forgotten
 * with it: its stream may live for months. Safe for use by any thread.
 */
final class BatchedCall implements RpcCall {
  private final RpcCall stream;
  private final List<Runnable> cancelActions = new ArrayList<>(1);
  private boolean cancelled;

  BatchedCall(RpcCall stream) {
    this.stream = stream;
  }

  @Override
  public Optional<Deadline> deadline() {
    return stream.deadline();
  }

  @Override
  public String peer() {
    return stream.peer();
  }

  @Override
  public Optional<String> header(String name) {
    return stream.header(name);
  }

  @Override
  public void onCancel(Runnable action) {
    synchronized (this) {
      if (!cancelled) {
        cancelActions.add(action);
        return;
      }
    }
    action.run();
  }

  @Override
  public synchronized boolean isCancelled() {
    return cancelled;
  }

  /** The stream has ended, and nobody waits for the answer any more. */
  void cancel() {
    List<Runnable> actions;
    synchronized (this) {
      cancelled = true;
      actions = List.copyOf(cancelActions);
      cancelActions.clear();
    }
    actions.forEach(Runnable::run);
  }
}
