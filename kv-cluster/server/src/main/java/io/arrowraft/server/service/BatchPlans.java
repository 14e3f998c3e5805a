package io.arrowraft.server.service;

import io.arrowraft.proto.coprocessor.BatchRequest;
import io.arrowraft.proto.coprocessor.BatchResponse;
import io.arrowraft.proto.coprocessor.RegionInfo;
import io.arrowraft.proto.coprocessor.Request;
import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One plan over several regions of this store: executed region by region, each answered by one
 * message. The next region begins when the receiver can take its answer, so that no more than one
 * answer waits here. A region that has moved is named for the caller to find; what ends a plan in
 * one region ends the call.
 */
final class BatchPlans implements RpcReceiver<BatchRequest> {
  /** Executes the plan in one region. */
  @FunctionalInterface
  interface InRegion {
    CompletionStage<Response> execute(Request request, RpcCall call);
  }

  private final InRegion plans;
  private final RpcStream<BatchResponse> responses;
  private final RpcCall call;
  private BatchRequest request;
  private int next;
  private boolean busy;
  private boolean ended;

  BatchPlans(InRegion plans, RpcStream<BatchResponse> responses, RpcCall call) {
    this.plans = plans;
    this.responses = responses;
    this.call = call;
    // Two, so that the end of the request direction is seen without another round.
    responses.request(2);
  }

  @Override
  public void onMessage(BatchRequest message) {
    synchronized (this) {
      if (request != null) {
        end(new RpcException(RpcStatus.INVALID_ARGUMENT, "a call carries one request"));
        return;
      }
      request = message;
    }
    advance();
  }

  @Override
  public void onComplete() {
    synchronized (this) {
      if (request == null) {
        end(new RpcException(RpcStatus.INVALID_ARGUMENT, "the call ended without a request"));
      }
    }
  }

  @Override
  public void onError(RpcException failure) {
    synchronized (this) {
      ended = true;
    }
  }

  @Override
  public void onReady() {
    advance();
  }

  /** Begins regions as long as it is time; in a loop, since answers may be there at once. */
  private void advance() {
    for (Request one = begin(); one != null; one = begin()) {
      CompletableFuture<Response> answer = plans.execute(one, call).toCompletableFuture();
      if (!answer.isDone()) {
        answer.whenComplete(
            (response, failure) -> {
              answered(response, failure);
              advance();
            });
        return;
      }
      answer.whenComplete(this::answered);
    }
  }

  /** The next region's request; null if it is not its time. */
  private synchronized Request begin() {
    if (ended || busy || request == null || !responses.isReady()) {
      return null;
    }
    if (next == request.getRegionsCount()) {
      ended = true;
      responses.complete();
      return null;
    }
    busy = true;
    return inRegion(request.getRegions(next));
  }

  private Request inRegion(RegionInfo region) {
    Context context =
        request.getContext().toBuilder()
            .setRegionId(region.getRegionId())
            .setRegionEpoch(region.getRegionEpoch())
            .clearPeer()
            .build();
    return Request.newBuilder()
        .setContext(context)
        .setTp(request.getTp())
        .setData(request.getData())
        .setStartTs(request.getStartTs())
        .addAllRanges(region.getRangesList())
        .build();
  }

  private synchronized void answered(Response response, Throwable failure) {
    if (ended) {
      return;
    }
    if (failure != null) {
      Throwable cause = Async.cause(failure);
      end(
          cause instanceof RpcException status
              ? status
              : new RpcException(RpcStatus.INTERNAL, "the plan failed: " + cause, cause));
      return;
    }
    BatchResponse answer = answer(request.getRegions(next), response);
    responses.send(answer);
    busy = false;
    next = answer.getOtherError().isEmpty() ? next + 1 : request.getRegionsCount();
  }

  private static BatchResponse answer(RegionInfo region, Response response) {
    BatchResponse.Builder answer = BatchResponse.newBuilder();
    if (response.hasRegionError()) {
      answer.addRetryRegions(
          Region.newBuilder().setId(region.getRegionId()).setRegionEpoch(region.getRegionEpoch()));
    } else if (response.hasLocked()) {
      answer.setOtherError(
          "region "
              + region.getRegionId()
              + " has a lock in the way; resolve it and ask again: "
              + response.getLocked());
    } else if (!response.getOtherError().isEmpty()) {
      answer.setOtherError(response.getOtherError());
    } else {
      answer.setData(response.getData());
    }
    return answer.build();
  }

  private void end(RpcException failure) {
    ended = true;
    responses.fail(failure);
  }
}
