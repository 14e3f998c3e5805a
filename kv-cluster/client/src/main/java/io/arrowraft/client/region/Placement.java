package io.arrowraft.client.region;

import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.error.RoutingException;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.client.retry.BackoffKind;
import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.PdException;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Calls of the placement driver with this package's failures. The placement driver's client retries
 * by itself what its servers could not serve; here only what the cluster lacks as yet (a store, a
 * region) is waited for.
 */
final class Placement {
  private final PdClient pd;
  private final EventLoop loop;
  private long clusterId;
  private boolean askedForClusterId;

  Placement(PdClient pd, EventLoop loop) {
    this.pd = pd;
    this.loop = loop;
  }

  PdClient pd() {
    return pd;
  }

  /** The cluster's id, 0 as long as it is not known. */
  long clusterId() {
    if (!askedForClusterId) {
      askedForClusterId = true;
      Async.on(loop, pd.clusterId())
          .whenComplete(
              (id, failure) -> {
                if (failure == null) {
                  clusterId = id;
                } else {
                  askedForClusterId = false;
                }
              });
    }
    return clusterId;
  }

  /** Asks until there is an answer, or a failure that waiting does not mend. */
  <T> CompletableFuture<T> ask(Supplier<CompletableFuture<T>> question, Backoff backoff) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    Async.on(loop, question.get())
        .whenComplete(
            (value, failure) -> {
              if (failure == null) {
                answer.complete(value);
                return;
              }
              Throwable cause = Async.cause(failure);
              if (!worthWaitingFor(cause)) {
                answer.completeExceptionally(translate(cause));
                return;
              }
              backoff
                  .pause(BackoffKind.PLACEMENT, cause.getMessage())
                  .thenCompose(paused -> ask(question, backoff))
                  .whenComplete((later, late) -> Async.settle(answer, later, late));
            });
    return answer;
  }

  private static boolean worthWaitingFor(Throwable cause) {
    return cause instanceof PdException pd
        && switch (pd.code()) {
          case NOT_BOOTSTRAPPED, REGION_NOT_FOUND, OVERLOADED -> true;
          case UNREACHABLE, TIMEOUT, CLUSTER_MISMATCH, STORE_REMOVED, REJECTED, CLOSED -> false;
        };
  }

  private static Throwable translate(Throwable cause) {
    if (cause instanceof ArrowraftException || !(cause instanceof PdException pd)) {
      return cause;
    }
    return switch (pd.code()) {
      case UNREACHABLE, TIMEOUT, NOT_BOOTSTRAPPED, REGION_NOT_FOUND, OVERLOADED ->
          new RoutingException(ErrorCode.PLACEMENT_UNREACHABLE, pd.getMessage(), pd);
      case CLOSED -> new InvalidRequestException(ErrorCode.CLIENT_CLOSED, pd.getMessage(), pd);
      case CLUSTER_MISMATCH, STORE_REMOVED, REJECTED ->
          new InvalidRequestException(ErrorCode.REQUEST_REFUSED, pd.getMessage(), pd);
    };
  }
}
