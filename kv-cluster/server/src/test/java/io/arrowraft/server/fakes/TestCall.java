package io.arrowraft.server.fakes;

import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.rpc.RpcCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A call without a transport. */
public final class TestCall implements RpcCall {
  private final Map<String, String> headers = new LinkedHashMap<>();
  private final List<Runnable> actions = new ArrayList<>();
  private Optional<Deadline> deadline = Optional.empty();
  private boolean cancelled;

  public TestCall withHeader(String name, String value) {
    headers.put(name, value);
    return this;
  }

  public TestCall withDeadline(Deadline at) {
    deadline = Optional.of(at);
    return this;
  }

  public void cancel() {
    List<Runnable> run;
    synchronized (this) {
      cancelled = true;
      run = List.copyOf(actions);
      actions.clear();
    }
    run.forEach(Runnable::run);
  }

  /** How many actions wait for the call to be cancelled. */
  public synchronized int awaited() {
    return actions.size();
  }

  @Override
  public Optional<Deadline> deadline() {
    return deadline;
  }

  @Override
  public String peer() {
    return "test";
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  @Override
  public void onCancel(Runnable action) {
    synchronized (this) {
      if (!cancelled) {
        actions.add(action);
        return;
      }
    }
    action.run();
  }

  @Override
  public synchronized boolean isCancelled() {
    return cancelled;
  }
}
