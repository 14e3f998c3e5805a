package io.arrowraft.server.coprocessor;

import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStream;

/**
 * A plan's responses as a stream, which may become ready or be cancelled before the plan starts.
 */
final class PlanStream implements CoprocessorEndpoint.Stream, ResponseSink {
  private final RpcStream<Response> responses;
  private PlanExecution execution;
  private RpcException cancelled;

  PlanStream(RpcStream<Response> responses) {
    this.responses = responses;
  }

  void started(PlanExecution started) {
    RpcException reason;
    synchronized (this) {
      execution = started;
      reason = cancelled;
    }
    if (reason != null) {
      started.cancel(reason);
    }
  }

  @Override
  public void onReady() {
    PlanExecution current;
    synchronized (this) {
      current = execution;
    }
    if (current != null) {
      current.signal();
    }
  }

  @Override
  public void cancel(RpcException reason) {
    PlanExecution current;
    synchronized (this) {
      cancelled = reason;
      current = execution;
    }
    if (current != null) {
      current.cancel(reason);
    }
  }

  @Override
  public boolean isReady() {
    return responses.isReady();
  }

  @Override
  public void send(Response response) {
    responses.send(response);
  }

  @Override
  public void complete() {
    responses.complete();
  }

  @Override
  public void fail(RpcException failure) {
    responses.fail(failure);
  }
}
