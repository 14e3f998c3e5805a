package io.arrowraft.pd.client;

import io.arrowraft.pd.client.ArrivingCallers.Caller;
import io.arrowraft.proto.pdpb.PDGrpc;
import io.arrowraft.proto.pdpb.TsoRequest;
import io.arrowraft.proto.pdpb.TsoResponse;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.Async;
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
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Timestamps over one stream. Whoever asks while a request is under way shares the next one, so
 * that any number of callers costs a bounded number of messages. Lives on the client's loop.
 */
final class TimestampStream {
  private static final RpcMethod<TsoRequest, TsoResponse> TSO =
      RpcMethods.of(PDGrpc.getTsoMethod());
  private static final int BATCHES_IN_FLIGHT_MAX = 2;
  private static final int BATCH_MAX = 10_000;

  private final PdClientConfig config;
  private final RpcClient rpc;
  private final EventLoop loop;
  private final TimeSource time;
  private final LeaderFinder finder;
  private final PdCalls calls;
  private final ArrivingCallers arriving = new ArrivingCallers();
  // All that have asked and have no answer, wherever they are.
  private final AtomicInteger unanswered = new AtomicInteger();
  // Oldest first, and so ordered by deadline.
  private final ArrayDeque<Caller> waiting = new ArrayDeque<>();
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
    loop.execute(() -> finder.follow(this::leaderChanged));
  }

  /** A timestamp; callable from any thread. */
  CompletableFuture<Timestamp> next() {
    int asked = unanswered.incrementAndGet();
    if (asked > config.timestampWaitersMax()) {
      unanswered.decrementAndGet();
      return CompletableFuture.failedFuture(
          new PdException(
              PdException.Code.OVERLOADED,
              (asked - 1) + " callers wait for a timestamp already; back off"));
    }
    Caller caller = new Caller();
    if (arriving.add(caller)) {
      loop.execute(this::takeArriving);
    }
    return caller.result;
  }

  void close() {
    loop.requireInLoop();
    closed = true;
    if (connection != null) {
      Connection ended = connection;
      connection = null;
      waiting.addAll(ended.takeBack());
      ended.end("the client is closed");
    }
    failAll(PdCalls.closedFailure());
  }

  private void takeArriving() {
    arriving.moveTo(waiting, time.nanos() + config.callTimeout().toNanos());
    if (closed) {
      failAll(PdCalls.closedFailure());
    } else if (connection != null) {
      connection.pump();
    } else {
      connect(0);
    }
  }

  private void leaderChanged(LeaderFinder.Leader leader) {
    if (connection != null && !connection.leader.equals(leader)) {
      Connection ended = connection;
      ended.end("another member leads");
      broken(ended, "another member leads");
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
    List<Caller> back = ended.takeBack();
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
    while (!waiting.isEmpty() && waiting.peekFirst().deadlineNanos() - time.nanos() <= 0) {
      unanswered.decrementAndGet();
      waiting
          .pollFirst()
          .result
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
    List<Caller> failed = new ArrayList<>(waiting);
    waiting.clear();
    unanswered.addAndGet(-failed.size());
    failed.forEach(caller -> caller.result.completeExceptionally(failure));
  }

  /** One stream to one leader. */
  private final class Connection implements RpcReceiver<TsoResponse> {
    private final LeaderFinder.Leader leader;
    private final ArrayDeque<List<Caller>> inFlight = new ArrayDeque<>();
    private final RpcStream<TsoRequest> stream;
    private int attempt;
    private Timer timer = () -> {};
    private long oldestSentNanos;

    Connection(LeaderFinder.Leader leader, int attempt) {
      this.leader = leader;
      this.attempt = attempt;
      this.stream = rpc.open(leader.address(), TSO, Duration.ZERO, this);
      stream.request(BATCHES_IN_FLIGHT_MAX);
    }

    void pump() {
      while (!waiting.isEmpty() && inFlight.size() < BATCHES_IN_FLIGHT_MAX) {
        int count = Math.min(waiting.size(), BATCH_MAX);
        List<Caller> batch = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
          batch.add(waiting.pollFirst());
        }
        inFlight.add(batch);
        stream.send(TsoRequest.newBuilder().setHeader(leader.header()).setCount(count).build());
        if (inFlight.size() == 1) {
          watch();
        }
      }
    }

    List<Caller> takeBack() {
      List<Caller> all = new ArrayList<>();
      inFlight.forEach(all::addAll);
      inFlight.clear();
      return all;
    }

    void end(String why) {
      timer.cancel();
      stream.fail(new RpcException(RpcStatus.CANCELLED, why));
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
      List<Caller> batch = connection == this ? inFlight.peekFirst() : null;
      if (batch == null) {
        return;
      }
      PdException error = PdFailures.ofHeader("Tso", response.getHeader());
      if (error != null || response.getCount() != batch.size()) {
        String why =
            error != null
                ? error.getMessage()
                : "answered " + response.getCount() + " timestamps for " + batch.size();
        end(why);
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
      unanswered.addAndGet(-batch.size());
      long last =
          Timestamp.of(response.getTimestamp().getPhysical(), response.getTimestamp().getLogical())
              .value();
      long first = last - batch.size() + 1;
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).result.complete(new Timestamp(first + i));
      }
    }

    private void watch() {
      oldestSentNanos = time.nanos();
      doubt();
    }

    /**
     * An answer that does not come makes this client ask the others, and breaks the stream when
     * they know of another leader, or after too long.
     */
    private void doubt() {
      timer =
          loop.schedule(
              LeaderFinder.DOUBT_AFTER,
              () -> {
                if (connection != this) {
                  return;
                }
                if (time.nanos() - oldestSentNanos >= config.attemptTimeout().toNanos()) {
                  String why = "no answer within " + config.attemptTimeout();
                  end(why);
                  broken(this, why);
                } else {
                  // If there is another leader, all who follow the finder are told.
                  finder.isReplaced(leader);
                  doubt();
                }
              });
    }
  }
}
