package io.arrowraft.pd.service;

import io.arrowraft.pd.tso.TimestampOracle;
import io.arrowraft.proto.pdpb.GetMinTSRequest;
import io.arrowraft.proto.pdpb.GetMinTSResponse;
import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.proto.pdpb.Timestamp;
import io.arrowraft.proto.pdpb.TsoRequest;
import io.arrowraft.proto.pdpb.TsoResponse;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;

/** Timestamps. */
final class TimestampHandlers {
  /** Requests of one stream that may wait at once. */
  private static final int REQUESTS_IN_FLIGHT_MAX = 16;

  private final LeaderState leader;

  TimestampHandlers(LeaderState leader) {
    this.leader = leader;
  }

  void bind(Bindings bindings) {
    bindings.service().stream(
        RpcMethods.of(PDGrpc.getTsoMethod()),
        (responses, call) -> new Requests(responses, bindings.loop()));
    bindings.always(
        PDGrpc.getGetMinTSMethod(),
        GetMinTSRequest::getHeader,
        (request, ok, call) ->
            leader
                .timestamps()
                .next(1)
                .thenApply(
                    last ->
                        GetMinTSResponse.newBuilder()
                            .setHeader(ok)
                            .setTimestamp(timestamp(last))
                            .build()));
  }

  private static Timestamp timestamp(long value) {
    return Timestamp.newBuilder()
        .setPhysical(value >>> TimestampOracle.LOGICAL_BITS)
        .setLogical(value & (TimestampOracle.LOGICAL_COUNT - 1))
        .build();
  }

  /** One stream. The service answers waiters in order, so responses keep the order of requests. */
  private final class Requests implements RpcReceiver<TsoRequest> {
    private final RpcStream<TsoResponse> responses;
    private final EventLoop loop;
    private int unanswered;
    private boolean callerDone;
    private boolean ended;

    Requests(RpcStream<TsoResponse> responses, EventLoop loop) {
      this.responses = responses;
      this.loop = loop;
      responses.request(REQUESTS_IN_FLIGHT_MAX);
    }

    @Override
    public void onMessage(TsoRequest request) {
      loop.execute(() -> answer(request));
    }

    @Override
    public void onComplete() {
      loop.execute(
          () -> {
            callerDone = true;
            completeIfDone();
          });
    }

    @Override
    public void onError(RpcException failure) {
      loop.execute(() -> ended = true);
    }

    private void answer(TsoRequest request) {
      if (ended) {
        return;
      }
      int count = request.getCount();
      try {
        Headers.requireForTimestamps(leader, request.getHeader());
        if (count < 1 || count > TimestampOracle.LOGICAL_COUNT) {
          throw new RpcException(
              RpcStatus.INVALID_ARGUMENT,
              "tso count should be positive and at most "
                  + TimestampOracle.LOGICAL_COUNT
                  + ", is "
                  + Integer.toUnsignedString(count));
        }
      } catch (RpcException refused) {
        fail(refused);
        return;
      }
      unanswered++;
      leader
          .timestamps()
          .next(count)
          .whenComplete(
              (last, failure) -> {
                unanswered--;
                if (failure != null) {
                  fail(Headers.wire(failure));
                } else if (!ended) {
                  responses.send(
                      TsoResponse.newBuilder()
                          .setHeader(Headers.ok(leader.state().clusterId()))
                          .setCount(count)
                          .setTimestamp(timestamp(last))
                          .build());
                  responses.request(1);
                  completeIfDone();
                }
              });
    }

    private void fail(RpcException failure) {
      if (!ended) {
        ended = true;
        responses.fail(failure);
      }
    }

    private void completeIfDone() {
      if (callerDone && unanswered == 0 && !ended) {
        ended = true;
        responses.complete();
      }
    }
  }
}
