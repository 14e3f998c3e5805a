package io.arrowraft.server.service;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.tikvpb.BatchCommandsEmptyResponse;
import io.arrowraft.proto.tikvpb.BatchCommandsRequest;
import io.arrowraft.proto.tikvpb.BatchCommandsResponse;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One stream of batched requests. Each request is answered on its own, as soon as it can be; what
 * is ready at one time leaves in one message. While too many requests are under way, or answers
 * pile up, no further batch is taken. A store that stops takes no more batches, answers what it has
 * taken, and then ends the stream in order: what a client has no answer to by then was not taken.
 */
final class BatchCommands implements RpcReceiver<BatchCommandsRequest> {
  /** Requests under way, beyond which the stream takes no further batch. */
  private static final int UNDER_WAY_MAX = 4096;

  private static final int ANSWERS_PER_MESSAGE = 256;

  private final BatchedMethods methods;
  private final RpcStream<BatchCommandsResponse> responses;
  private final RpcCall call;

  // Guarded by this.
  private final ArrayDeque<Answer> ready = new ArrayDeque<>();

  /** Requests that have not been settled, in the order in which they came. */
  private final Set<BatchedCall> underWay = new LinkedHashSet<>();

  private boolean sendQueued;
  private boolean sending;
  private boolean owesRequest;
  private boolean requestsEnded;
  private boolean stopping;

  /** Some request will never be answered, though it may have had an effect. */
  private boolean lostAnswers;

  private boolean ended;

  private record Answer(long id, BatchCommandsResponse.Response response) {}

  private BatchCommands(
      BatchedMethods methods, RpcStream<BatchCommandsResponse> responses, RpcCall call) {
    this.methods = methods;
    this.responses = responses;
    this.call = call;
  }

  /** Serves a stream from now on. */
  static BatchCommands serve(
      BatchedMethods methods, RpcStream<BatchCommandsResponse> responses, RpcCall call) {
    BatchCommands commands = new BatchCommands(methods, responses, call);
    responses.request(1);
    return commands;
  }

  /** Ends the stream once what it has taken is answered. */
  void stop() {
    synchronized (this) {
      stopping = true;
    }
    send();
  }

  /** Whether nothing comes or goes on it any more. */
  synchronized boolean hasEnded() {
    return ended;
  }

  @Override
  public void onMessage(BatchCommandsRequest batch) {
    int count = batch.getRequestsCount();
    if (count != batch.getRequestIdsCount()) {
      responses.fail(
          new RpcException(
              RpcStatus.INVALID_ARGUMENT,
              "a batch of "
                  + count
                  + " requests has "
                  + batch.getRequestIdsCount()
                  + " ids; each request needs one"));
      return;
    }
    List<BatchedCall> calls = Stream.generate(() -> new BatchedCall(call)).limit(count).toList();
    synchronized (this) {
      if (ended) {
        // Delivered while the stream was ending: the client learns from its end that it was not
        // taken.
        return;
      }
      underWay.addAll(calls);
      owesRequest = true;
    }
    for (int i = 0; i < count; i++) {
      serve(batch.getRequestIds(i), batch.getRequests(i), calls.get(i));
    }
    takeMore();
  }

  private void serve(long id, BatchCommandsRequest.Request request, BatchedCall own) {
    FieldDescriptor kind = methods.kind(request);
    if (kind == null) {
      // A kind of a later protocol: clients wait for an answer to each id.
      answered(own, new Answer(id, BatchCommandsResponse.Response.getDefaultInstance()));
    } else if (methods.isEmpty(kind)) {
      answered(
          own,
          new Answer(
              id,
              BatchedMethods.response(
                  kind,
                  BatchCommandsEmptyResponse.newBuilder()
                      .setTestId(request.getEmpty().getTestId())
                      .build())));
    } else {
      methods
          .handle(kind, request, own)
          .whenComplete((answer, failure) -> settle(id, own, kind, answer, failure));
    }
  }

  private void settle(
      long id, BatchedCall own, FieldDescriptor kind, Message answer, Throwable failure) {
    if (failure == null) {
      answered(own, new Answer(id, BatchedMethods.response(kind, answer)));
    } else if (Async.cause(failure) instanceof RpcException rpc && rpc.outcomeUnknown()) {
      // It may yet take effect, and a region error would say that it does not.
      unanswered(own);
    } else {
      answered(own, new Answer(id, BatchedMethods.response(kind, failed(kind, failure))));
    }
  }

  private void unanswered(BatchedCall own) {
    synchronized (this) {
      underWay.remove(own);
      lostAnswers = true;
    }
    send();
  }

  /** A status would end the stream for all: one request's failure goes into its own answer. */
  private static Message failed(FieldDescriptor kind, Throwable failure) {
    Message.Builder answer = BatchedMethods.blank(kind);
    FieldDescriptor regionError = answer.getDescriptorForType().findFieldByName("region_error");
    return answer
        .setField(
            regionError, Error.newBuilder().setMessage(Async.cause(failure).toString()).build())
        .build();
  }

  private void answered(BatchedCall own, Answer answer) {
    synchronized (this) {
      underWay.remove(own);
      ready.add(answer);
      if (sendQueued) {
        return;
      }
      sendQueued = true;
    }
    responses.soon(this::sendQueued);
  }

  private void sendQueued() {
    synchronized (this) {
      sendQueued = false;
    }
    send();
  }

  /** One thread at a time sends; what others have ready meanwhile goes with its next message. */
  private void send() {
    synchronized (this) {
      if (sending) {
        return;
      }
      sending = true;
    }
    while (true) {
      BatchCommandsResponse message;
      boolean last;
      synchronized (this) {
        last = (requestsEnded || stopping) && underWay.isEmpty() && ready.isEmpty() && !ended;
        ended |= last;
        if (last || ready.isEmpty() || !responses.isReady()) {
          sending = false;
          message = null;
        } else {
          message = nextMessage();
        }
      }
      if (message == null) {
        if (last) {
          end();
        }
        break;
      }
      responses.send(message);
    }
    takeMore();
  }

  private void end() {
    boolean inOrder;
    synchronized (this) {
      inOrder = !lostAnswers;
    }
    if (inOrder) {
      responses.complete();
    } else {
      responses.fail(
          new RpcException(RpcStatus.UNAVAILABLE, "the outcome of some requests is not known"));
    }
  }

  private BatchCommandsResponse nextMessage() {
    BatchCommandsResponse.Builder message = BatchCommandsResponse.newBuilder();
    while (!ready.isEmpty() && message.getRequestIdsCount() < ANSWERS_PER_MESSAGE) {
      Answer answer = ready.poll();
      message.addRequestIds(answer.id()).addResponses(answer.response());
    }
    return message.build();
  }

  private void takeMore() {
    synchronized (this) {
      if (!owesRequest || stopping || underWay.size() + ready.size() >= UNDER_WAY_MAX) {
        return;
      }
      owesRequest = false;
    }
    responses.request(1);
  }

  @Override
  public void onReady() {
    send();
  }

  @Override
  public void onComplete() {
    synchronized (this) {
      requestsEnded = true;
    }
    send();
  }

  @Override
  public void onError(RpcException failure) {
    List<BatchedCall> calls;
    synchronized (this) {
      ended = true;
      ready.clear();
      calls = List.copyOf(underWay);
    }
    // Their answers go nowhere.
    calls.forEach(BatchedCall::cancel);
  }
}
