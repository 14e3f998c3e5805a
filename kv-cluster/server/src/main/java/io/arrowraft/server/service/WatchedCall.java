package io.arrowraft.server.service;

import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.server.region.RequestTimes;
import java.util.Optional;

/** A call that carries the times of its request with it. */
record WatchedCall(RpcCall call, RequestTimes times) implements RpcCall {
  /** The times of any call. */
  static RequestTimes times(RpcCall call) {
    return call instanceof WatchedCall watched ? watched.times() : RequestTimes.UNWATCHED;
  }

  @Override
  public Optional<Deadline> deadline() {
    return call.deadline();
  }

  @Override
  public String peer() {
    return call.peer();
  }

  @Override
  public Optional<String> header(String name) {
    return call.header(name);
  }

  @Override
  public void onCancel(Runnable action) {
    call.onCancel(action);
  }

  @Override
  public boolean isCancelled() {
    return call.isCancelled();
  }
}
