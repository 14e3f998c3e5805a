package io.arrowraft.server.service;

import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.errorpb.UndeterminedResult;
import io.arrowraft.proto.kvrpcpb.KeyError;
import io.arrowraft.proto.kvrpcpb.SafePointPassed;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.FaultHandler;
import io.arrowraft.runtime.InvariantViolation;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.server.region.OutcomeUnknownException;
import io.arrowraft.server.region.ReadBlockedException;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.SafePointPassedException;
import io.arrowraft.server.txn.ReplicaReads;
import io.arrowraft.server.txn.ResponseTooLargeException;
import io.arrowraft.storage.engine.EngineException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns every way in which a request can fail into the response that clients understand. The one
 * place where failures become protocol.
 */
final class Answers {
  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

  /** A step of a request that may throw. */
  @FunctionalInterface
  interface Step<T> {
    T run();
  }

  private final FaultHandler faults;

  Answers(FaultHandler faults) {
    this.faults = faults;
  }

  /** The stage that {@code work} starts, with failures in the form of the method's responses. */
  <R> CompletionStage<R> answer(ResponseForm<R> form, Step<CompletionStage<R>> work) {
    CompletionStage<R> stage;
    try {
      stage = work.run();
    } catch (RuntimeException failure) {
      stage = CompletableFuture.failedFuture(failure);
    }
    return stage.handle(
        (answer, failure) -> failure == null ? answer : refuse(form, Async.cause(failure)));
  }

  /** The response that says {@code failure}; throws an {@link RpcException} where none can. */
  <R> R refuse(ResponseForm<R> form, Throwable failure) {
    if (failure instanceof RegionErrorException refused) {
      return form.regionError().apply(refused.error());
    }
    if (failure instanceof ReadBlockedException blocked) {
      return form.keyError()
          .apply(KeyError.newBuilder().setLocked(ReplicaReads.lockIn(blocked.answer())).build());
    }
    if (failure instanceof SafePointPassedException passed) {
      return form.keyError().apply(safePointPassed(passed));
    }
    if (failure instanceof OutcomeUnknownException unknown) {
      return form.regionError().apply(undetermined(unknown));
    }
    if (failure instanceof InvalidRequestException invalid) {
      return form.invalid().apply(invalid.getMessage());
    }
    if (failure instanceof ResponseTooLargeException tooLarge) {
      throw new RpcException(RpcStatus.RESOURCE_EXHAUSTED, tooLarge.getMessage());
    }
    if (failure instanceof RpcException status) {
      throw status;
    }
    throw internal(failure);
  }

  private RpcException internal(Throwable failure) {
    if (failure instanceof EngineException engine && engine.kind() == EngineException.Kind.CLOSED) {
      return new RpcException(RpcStatus.UNAVAILABLE, "the store is shutting down");
    }
    if (failure instanceof EngineException || failure instanceof InvariantViolation) {
      // What cannot be read or cannot be must not be served from.
      faults.fatal("request", failure);
    } else {
      LOG.error("request failed for a reason that no response describes", failure);
    }
    return new RpcException(
        RpcStatus.INTERNAL, "the store could not serve this request: " + failure, failure);
  }

  /** Clients of TiKV know the text alone; nobody tries again for it. */
  private static KeyError safePointPassed(SafePointPassedException passed) {
    return KeyError.newBuilder()
        .setAbort(passed.getMessage())
        .setSafePointPassed(
            SafePointPassed.newBuilder()
                .setTimestamp(passed.timestamp())
                .setSafePoint(passed.safePoint()))
        .build();
  }

  private static Error undetermined(OutcomeUnknownException unknown) {
    return Error.newBuilder()
        .setMessage("it is not known whether the write will apply: " + unknown.getMessage())
        .setUndeterminedResult(
            UndeterminedResult.newBuilder().setMessage(String.valueOf(unknown.getMessage())))
        .build();
  }
}
