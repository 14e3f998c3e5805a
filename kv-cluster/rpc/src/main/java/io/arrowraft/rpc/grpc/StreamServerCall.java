package io.arrowraft.rpc.grpc;

import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.util.concurrent.Executor;

/** Serves one method in which a side streams. */
final class StreamServerCall<Q, R> implements ServerCallHandler<Q, R> {
  private final RpcService.StreamHandler<Q, R> handler;
  private final TimeSource time;
  private final IoThreads ioThreads;

  StreamServerCall(RpcService.StreamHandler<Q, R> handler, TimeSource time, IoThreads ioThreads) {
    this.handler = handler;
    this.time = time;
    this.ioThreads = ioThreads;
  }

  @Override
  public ServerCall.Listener<Q> startCall(ServerCall<Q, R> call, Metadata headers) {
    GrpcCall context = new GrpcCall(call, headers, time);
    ServerStream<R> responses = new ServerStream<>(call, ioThreads.here());
    call.sendHeaders(new Metadata());
    RpcReceiver<Q> requests;
    try {
      requests = handler.accept(responses, context);
    } catch (RuntimeException refused) {
      call.close(Statuses.toStatus(refused), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    return new ServerCall.Listener<>() {
      @Override
      public void onMessage(Q message) {
        requests.onMessage(message);
      }

      @Override
      public void onHalfClose() {
        requests.onComplete();
      }

      @Override
      public void onReady() {
        requests.onReady();
      }

      @Override
      public void onCancel() {
        context.cancel();
        requests.onError(new RpcException(RpcStatus.CANCELLED, "cancelled by the caller"));
      }
    };
  }

  /** gRPC's calls are not safe for several senders; the lock makes this one so. */
  private static final class ServerStream<R> implements RpcStream<R> {
    private final ServerCall<?, R> call;
    private final Executor writer;
    private boolean ended;

    ServerStream(ServerCall<?, R> call, Executor writer) {
      this.call = call;
      this.writer = writer;
    }

    @Override
    public synchronized void send(R message) {
      if (!ended && !call.isCancelled()) {
        call.sendMessage(message);
      }
    }

    @Override
    public boolean isReady() {
      return call.isReady();
    }

    @Override
    public void soon(Runnable task) {
      writer.execute(task);
    }

    @Override
    public void request(int count) {
      call.request(count);
    }

    @Override
    public void complete() {
      end(Status.OK);
    }

    @Override
    public void fail(RpcException failure) {
      end(Statuses.toStatus(failure));
    }

    private synchronized void end(Status status) {
      if (!ended) {
        ended = true;
        if (!call.isCancelled()) {
          call.close(status, new Metadata());
        }
      }
    }
  }
}
