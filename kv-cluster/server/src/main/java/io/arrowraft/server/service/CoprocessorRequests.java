package io.arrowraft.server.service;

import io.arrowraft.proto.coprocessor.BatchRequest;
import io.arrowraft.proto.coprocessor.BatchResponse;
import io.arrowraft.proto.coprocessor.KeyRange;
import io.arrowraft.proto.coprocessor.Request;
import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.proto.kvrpcpb.KeyError;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import io.arrowraft.server.coprocessor.CoprocessorEndpoint;
import io.arrowraft.server.coprocessor.CoprocessorRefusal;
import io.arrowraft.server.region.RegionRequest;
import java.util.concurrent.CompletionStage;

/** Answers work that is sent to the data. */
final class CoprocessorRequests {
  private static final ResponseForm<Response> FORM =
      new ResponseForm<>(
          error -> Response.newBuilder().setRegionError(error).build(),
          CoprocessorRequests::keyError,
          message -> Response.newBuilder().setOtherError(message).build());

  private final RequestGate gate;
  private final Answers answers;
  private final CoprocessorEndpoint endpoint;

  CoprocessorRequests(RequestGate gate, Answers answers, CoprocessorEndpoint endpoint) {
    this.gate = gate;
    this.answers = answers;
    this.endpoint = endpoint;
  }

  /** A response names a lock; whatever else stands in the way is told in words. */
  private static Response keyError(KeyError error) {
    return error.hasLocked()
        ? Response.newBuilder().setLocked(error.getLocked()).build()
        : Response.newBuilder().setOtherError(error.getAbort()).build();
  }

  CompletionStage<Response> unary(Request request, RpcCall call) {
    return answers.answer(FORM, () -> endpoint.unary(work(request, call), gate.responseBytesMax()));
  }

  /** One plan over several regions, one after the other. */
  RpcReceiver<BatchRequest> batch(RpcStream<BatchResponse> responses, RpcCall call) {
    return new BatchPlans(this::unary, responses, call);
  }

  RpcReceiver<Request> stream(RpcStream<Response> responses, RpcCall call) {
    // Two, so that the end of the request direction is seen without another round.
    responses.request(2);
    return new RpcReceiver<>() {
      private volatile CoprocessorEndpoint.Stream stream;

      @Override
      public void onMessage(Request request) {
        if (stream != null) {
          responses.fail(
              new RpcException(RpcStatus.INVALID_ARGUMENT, "a stream carries one request"));
          return;
        }
        stream = start(request, responses, call);
      }

      @Override
      public void onComplete() {
        if (stream == null) {
          responses.fail(
              new RpcException(RpcStatus.INVALID_ARGUMENT, "the call ended without a request"));
        }
      }

      @Override
      public void onError(RpcException failure) {
        if (stream != null) {
          stream.cancel(failure);
        }
      }

      @Override
      public void onReady() {
        if (stream != null) {
          stream.onReady();
        }
      }
    };
  }

  private CoprocessorEndpoint.Stream start(
      Request request, RpcStream<Response> responses, RpcCall call) {
    CoprocessorEndpoint.Work work;
    try {
      work = work(request, call);
    } catch (RuntimeException failure) {
      end(responses, failure);
      return CoprocessorEndpoint.Stream.ENDED;
    }
    return endpoint.stream(work, responses);
  }

  private void end(RpcStream<Response> responses, RuntimeException failure) {
    try {
      responses.send(refusal(failure));
      responses.complete();
    } catch (RpcException status) {
      responses.fail(status);
    }
  }

  private CoprocessorEndpoint.Work work(Request request, RpcCall call) {
    RegionRequest region = gate.admit(request.getContext(), call);
    for (KeyRange range : request.getRangesList()) {
      gate.bound(range.getStart());
      gate.bound(range.getEnd());
    }
    return new CoprocessorEndpoint.Work(region, request, call, this::refusal);
  }

  private Response refusal(Throwable failure) {
    Throwable cause = Async.cause(failure);
    return cause instanceof CoprocessorRefusal refused
        ? FORM.invalid().apply(refused.getMessage())
        : answers.refuse(FORM, cause);
  }
}
