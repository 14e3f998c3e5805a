package io.arrowraft.pd.client;

import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.proto.pdpb.TsoRequest;
import io.arrowraft.proto.pdpb.TsoResponse;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.Timer;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Timestamps over one stream. Whoever asks while a request is under way shares the next one, so
 * that any number of callers costs a bounded number of messages. Lives on the client's loop.
 */
final class TimestampStream {
  private static final RpcMethod<TsoRequest, TsoResponse> TSO =
      RpcMethods.of(PDGrpc.getTsoMethod());
  private static final int BATCHES_IN_FLIGHT_MAX = 2;
  private static final int BATCH_MAX = 10_000;

  private record Waiter(CompletableFuture<Timestamp> result, Deadline deadline) {}

  private final PdClientConfig config;
  private final RpcClient rpc;
  private final EventLoop loop;
  private final TimeSource time;
  private final LeaderFinder finder;
  private final PdCalls calls;
  // Oldest first, and so ordered by deadline.
  private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();
  private Connection connection;
  private boolean connecting;
  private boolean closed;

  TimestampStream(
      PdClientConfig config,
      RpcClient rpc,
      EventLoop loop,
      TimeSource time,
      LeaderFinder finder,
      PdCalls calls) {
    this.config = config;
    this.rpc = rpc;
    this.loop = loop;
    this.time = time;
    this.finder = finder;
    this.calls = calls;
  }

  /** A timestamp; callable from any thread. */
  CompletableFuture<Timestamp> next() {
    CompletableFuture<Timestamp> result = new CompletableFuture<>();
    loop.execute(() -> enqueue(result));
    return result;
  }

  void close() {
    loop.requireInLoop();
    closed = true;
    if (connection != null) {
      Connection ended = connection;
      connection = null;
      waiting.addAll(ended.takeBack());
      ended.timer.cancel();
      ended.stream.fail(new RpcException(RpcStatus.CANCELLED, "the client is closed"));
    }
    failAll(PdCalls.closedFailure());
  }

  private void enqueue(CompletableFuture<Timestamp> result) {
    if (closed) {
      result.completeExceptionally(PdCalls.closedFailure());
      return;
    }
    if (waiting.size() >= config.timestampWaitersMax()) {
      result.completeExceptionally(
          new PdException(
              PdException.Code.OVERLOADED,
              waiting.size() + " callers wait for a timestamp already; back off"));
      return;
    }
    waiting.add(new Waiter(result, Deadline.after(config.callTimeout(), time)));
    if (connection != null) {
      connection.pump();
    } else {
      connect(0);
    }
  }

  private void connect(int attempt) {
    if (connecting || closed) {
      return;
    }
    connecting = true;
    calls
        .leader()
        .whenComplete(
            (leader, failure) -> {
              connecting = false;
              if (closed) {
                return;
              }
              if (failure != null) {
                failAll(Async.cause(failure));
                return;
              }
              try {
                connection = new Connection(leader, attempt);
                connection.pump();
              } catch (RpcException refused) {
                connection = null;
                reconnectLater(attempt);
              }
            });
  }

  private void broken(Connection ended, String why) {
    if (connection != ended) {
      return;
    }
    connection = null;
    ended.timer.cancel();
    finder.forget(ended.leader);
    List<Waiter> back = ended.takeBack();
    for (int i = back.size() - 1; i >= 0; i--) {
      waiting.addFirst(back.get(i));
    }
    expire(why);
    if (!waiting.isEmpty()) {
      reconnectLater(ended.attempt);
    }
  }

  private void reconnectLater(int attempt) {
    if (!connecting) {
      connecting = true;
      loop.schedule(
          calls.backoff(attempt),
          () -> {
            connecting = false;
            expire("no connection");
            if (!waiting.isEmpty()) {
              connect(attempt + 1);
            }
          });
    }
  }

  private void expire(String why) {
    while (!waiting.isEmpty() && waiting.peekFirst().deadline().isExpired(time)) {
      waiting
          .pollFirst()
          .result()
          .completeExceptionally(
              new PdException(
                  PdException.Code.TIMEOUT,
                  "the placement driver gave no timestamp within "
                      + config.callTimeout()
                      + ": "
                      + why));
    }
  }

  private void failAll(Throwable failure) {
    List<Waiter> failed = new ArrayList<>(waiting);
    waiting.clear();
    failed.forEach(waiter -> waiter.result().completeExceptionally(failure));
  }

  /** One stream to one leader. */
  private final class Connection implements RpcReceiver<TsoResponse> {
    private final LeaderFinder.Leader leader;
    private final ArrayDeque<List<Waiter>> inFlight = new ArrayDeque<>();
    private final RpcStream<TsoRequest> stream;
    private int attempt;
    private Timer timer = () -> {};

    Connection(LeaderFinder.Leader leader, int attempt) {
      this.leader = leader;
      this.attempt = attempt;
      this.stream = rpc.open(leader.address(), TSO, Duration.ZERO, this);
      stream.request(BATCHES_IN_FLIGHT_MAX);
    }

    void pump() {
      while (!waiting.isEmpty() && inFlight.size() < BATCHES_IN_FLIGHT_MAX) {
        List<Waiter> batch = new ArrayList<>();
        while (!waiting.isEmpty() && batch.size() < BATCH_MAX) {
          batch.add(waiting.pollFirst());
        }
        inFlight.add(batch);
        stream.send(
            TsoRequest.newBuilder().setHeader(leader.header()).setCount(batch.size()).build());
        if (inFlight.size() == 1) {
          watch();
        }
      }
    }

    List<Waiter> takeBack() {
      List<Waiter> all = new ArrayList<>();
      inFlight.forEach(all::addAll);
      inFlight.clear();
      return all;
    }

    @Override
    public void onMessage(TsoResponse response) {
      loop.execute(() -> answered(response));
    }

    @Override
    public void onComplete() {
      loop.execute(() -> broken(this, "the placement driver ended the stream"));
    }

    @Override
    public void onError(RpcException failure) {
      loop.execute(
          () -> {
            PdException permanent = PdFailures.permanent("Tso", failure);
            if (connection == this && permanent != null) {
              waiting.addAll(takeBack());
              failAll(permanent);
            }
            broken(this, failure.getMessage());
          });
    }

    private void answered(TsoResponse response) {
      List<Waiter> batch = connection == this ? inFlight.peekFirst() : null;
      if (batch == null) {
        return;
      }
      PdException error = PdFailures.ofHeader("Tso", response.getHeader());
      if (error != null || response.getCount() != batch.size()) {
        String why =
            error != null
                ? error.getMessage()
                : "answered " + response.getCount() + " timestamps for " + batch.size();
        stream.fail(new RpcException(RpcStatus.CANCELLED, why));
        broken(this, why);
        return;
      }
      inFlight.pollFirst();
      attempt = 0;
      timer.cancel();
      if (!inFlight.isEmpty()) {
        watch();
      }
      stream.request(1);
      pump();
      long last =
          Timestamp.of(response.getTimestamp().getPhysical(), response.getTimestamp().getLogical())
              .value();
      long first = last - batch.size() + 1;
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).result().complete(new Timestamp(first + i));
      }
    }

    /** An answer that does not come breaks the stream, so that another member is tried. */
    private void watch() {
      timer =
          loop.schedule(
              config.attemptTimeout(),
              () -> {
                if (connection == this) {
                  String why = "no answer within " + config.attemptTimeout();
                  stream.fail(new RpcException(RpcStatus.CANCELLED, why));
                  broken(this, why);
                }
              });
    }
  }
}
