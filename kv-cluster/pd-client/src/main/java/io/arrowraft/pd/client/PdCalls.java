package io.arrowraft.pd.client;

import io.arrowraft.proto.pdpb.RequestHeader;
import io.arrowraft.proto.pdpb.ResponseHeader;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.Timer;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Unary calls to the leader, repeated until they are answered or their time is up. Lives on the
 * client's loop.
 */
final class PdCalls {

  /**
   * A kind of call.
   *
   * @param method what to call
   * @param header the header of a response, which may hold an error
   */
  record Kind<Q, R>(RpcMethod<Q, R> method, Function<R, ResponseHeader> header) {}

  private final PdClientConfig config;
  private final RpcClient rpc;
  private final EventLoop loop;
  private final TimeSource time;
  private final RandomGenerator random;
  private final LeaderFinder finder;
  private final Counter retries;
  private final Set<CompletableFuture<?>> underWay = new LinkedHashSet<>();
  private boolean closed;

  PdCalls(
      PdClientConfig config,
      RpcClient rpc,
      EventLoop loop,
      TimeSource time,
      RandomGenerator random,
      LeaderFinder finder,
      Counter retries) {
    this.config = config;
    this.rpc = rpc;
    this.loop = loop;
    this.time = time;
    this.random = random;
    this.finder = finder;
    this.retries = retries;
  }

  /** Makes a call; callable from any thread. */
  <Q, R> CompletableFuture<R> call(Kind<Q, R> kind, Function<RequestHeader, Q> request) {
    CompletableFuture<R> result = new CompletableFuture<>();
    loop.run(
        () -> {
          if (!begin(result)) {
            return;
          }
          new Attempts<>(kind, request, deadline(), result).next();
        });
    return result;
  }

  /** The leader, sought until the deadline of a call; callable from any thread. */
  CompletableFuture<LeaderFinder.Leader> leader() {
    CompletableFuture<LeaderFinder.Leader> result = new CompletableFuture<>();
    loop.run(
        () -> {
          if (begin(result)) {
            new Attempts<>(null, null, deadline(), new CompletableFuture<>()).seek(result);
          }
        });
    return result;
  }

  /** The pause before retry number {@code attempt}, from 0, with jitter. */
  Duration backoff(int attempt) {
    long min = config.backoffMin().toNanos();
    long max = config.backoffMax().toNanos();
    long full = Math.min(max, min << Math.min(attempt, 20));
    return Duration.ofNanos(full / 2 + random.nextLong(full / 2 + 1));
  }

  void close() {
    loop.requireInLoop();
    closed = true;
    for (CompletableFuture<?> call : List.copyOf(underWay)) {
      call.completeExceptionally(closedFailure());
    }
  }

  static PdException closedFailure() {
    return new PdException(PdException.Code.CLOSED, "the placement driver client is closed");
  }

  private boolean begin(CompletableFuture<?> result) {
    if (closed) {
      result.completeExceptionally(closedFailure());
      return false;
    }
    underWay.add(result);
    result.whenComplete((value, failure) -> loop.run(() -> underWay.remove(result)));
    return true;
  }

  private Deadline deadline() {
    return Deadline.after(
        finder.everAnswered() ? config.callTimeout() : config.connectTimeout(), time);
  }

  /** One call through all of its attempts. */
  private final class Attempts<Q, R> {
    private final Kind<Q, R> kind;
    private final Function<RequestHeader, Q> request;
    private final Deadline deadline;
    private final CompletableFuture<R> result;
    private int failures;

    Attempts(
        Kind<Q, R> kind,
        Function<RequestHeader, Q> request,
        Deadline deadline,
        CompletableFuture<R> result) {
      this.kind = kind;
      this.request = request;
      this.deadline = deadline;
      this.result = result;
    }

    void next() {
      if (result.isDone()) {
        return;
      }
      finder
          .leader()
          .whenComplete(
              (leader, failure) -> {
                if (failure == null) {
                  attempt(leader);
                } else {
                  notFound(failure, result, this::next);
                }
              });
    }

    void seek(CompletableFuture<LeaderFinder.Leader> sought) {
      if (sought.isDone()) {
        return;
      }
      finder
          .leader()
          .whenComplete(
              (leader, failure) -> {
                if (failure == null) {
                  sought.complete(leader);
                } else {
                  notFound(failure, sought, () -> seek(sought));
                }
              });
    }

    private void notFound(Throwable failure, CompletableFuture<?> target, Runnable again) {
      if (Async.cause(failure) instanceof PdException e
          && e.code() != PdException.Code.UNREACHABLE) {
        target.completeExceptionally(e);
      } else {
        retry(Async.cause(failure), target, again);
      }
    }

    private void attempt(LeaderFinder.Leader leader) {
      Duration remaining = deadline.remaining(time);
      if (remaining.isZero()) {
        result.completeExceptionally(timeout(null));
        return;
      }
      Duration timeout =
          remaining.compareTo(config.attemptTimeout()) < 0 ? remaining : config.attemptTimeout();
      CompletableFuture<R> answer =
          rpc.call(leader.address(), kind.method(), request.apply(leader.header()), timeout);
      Timer doubts = doubt(leader, answer);
      Async.on(loop, answer)
          .whenComplete(
              (response, failure) -> {
                doubts.cancel();
                if (failure == null) {
                  answered(response);
                } else {
                  failed(leader, Async.cause(failure));
                }
              });
    }

    /** A call that takes long makes this client ask whether another member leads by now. */
    private Timer doubt(LeaderFinder.Leader leader, CompletableFuture<R> answer) {
      return loop.schedule(
          LeaderFinder.DOUBT_AFTER,
          () -> {
            if (!answer.isDone()) {
              finder
                  .isReplaced(leader)
                  .thenAccept(
                      replaced -> {
                        if (replaced) {
                          answer.completeExceptionally(
                              new RpcException(
                                  RpcStatus.UNAVAILABLE,
                                  "another member than " + leader.address() + " leads"));
                        } else if (!answer.isDone()) {
                          doubt(leader, answer);
                        }
                      });
            }
          });
    }

    private void answered(R response) {
      ResponseHeader header = kind.header().apply(response);
      PdException error = PdFailures.ofHeader(kind.method().name(), header);
      if (error == null) {
        result.complete(response);
      } else {
        result.completeExceptionally(error);
      }
    }

    private void failed(LeaderFinder.Leader leader, Throwable failure) {
      if (!(failure instanceof RpcException rpcFailure)) {
        result.completeExceptionally(
            new PdException(
                PdException.Code.REJECTED,
                kind.method().name() + " failed: " + failure.getMessage(),
                failure));
        return;
      }
      if (rpcFailure.status() != RpcStatus.RESOURCE_EXHAUSTED) {
        finder.forget(leader);
      }
      PdException permanent = PdFailures.permanent(kind.method().name(), rpcFailure);
      if (permanent != null) {
        result.completeExceptionally(permanent);
      } else {
        retry(failure, result, this::next);
      }
    }

    private void retry(Throwable failure, CompletableFuture<?> target, Runnable again) {
      Duration pause = backoff(failures++);
      if (pause.compareTo(deadline.remaining(time)) >= 0) {
        target.completeExceptionally(failure instanceof PdException ? failure : timeout(failure));
        return;
      }
      retries.increment();
      loop.schedule(pause, again);
    }

    private PdException timeout(Throwable last) {
      return new PdException(
          PdException.Code.TIMEOUT,
          "the placement driver did not finish "
              + kind.method().name()
              + " in time after "
              + failures
              + " failed attempts"
              + (last == null ? "" : ", the last: " + last.getMessage()),
          last);
    }
  }
}
