package io.arrowraft.rpc.grpc;

import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcCall;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What gRPC knows of a call, in the port's words. Safe for use by any thread. */
final class GrpcCall implements RpcCall {
  private final ServerCall<?, ?> call;
  private final Metadata headers;
  private final Optional<Deadline> deadline;
  private final List<Runnable> cancelActions = new ArrayList<>(1);
  private boolean cancelled;

  GrpcCall(ServerCall<?, ?> call, Metadata headers, TimeSource time) {
    this.call = call;
    this.headers = headers;
    this.deadline =
        Optional.ofNullable(Context.current().getDeadline())
            .map(
                at ->
                    Deadline.after(
                        Duration.ofNanos(Math.max(0, at.timeRemaining(TimeUnit.NANOSECONDS))),
                        time));
  }

  @Override
  public Optional<Deadline> deadline() {
    return deadline;
  }

  @Override
  public String peer() {
    return String.valueOf(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(
        headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER)));
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
