package io.arrowraft.client;

import io.arrowraft.client.batch.BatchedRpcClient;
import io.arrowraft.client.bulk.Imports;
import io.arrowraft.client.coprocessor.CoprocessorCalls;
import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.error.RoutingException;
import io.arrowraft.client.grpc.GrpcClients;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.raw.RawClient;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.region.RegionSplits;
import io.arrowraft.client.retry.BackoffKind;
import io.arrowraft.client.table.Tables;
import io.arrowraft.client.txn.PessimisticTransaction;
import io.arrowraft.client.txn.SafePointHold;
import io.arrowraft.client.txn.Snapshot;
import io.arrowraft.client.txn.Transaction;
import io.arrowraft.client.txn.Transactions;
import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.PdClientConfig;
import io.arrowraft.pd.client.RpcPdClient;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.threads.Blocking;
import io.arrowraft.table.KeyRange;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * A client of one cluster. Everything is asynchronous; {@link #await} waits for a result at the
 * edge of a program that wants to.
 */
public final class ArrowraftClient implements AutoCloseable {
  private static final Duration ESTIMATE_WITHIN = Duration.ofSeconds(1);
  private static final Duration HELD_AT_MOST = Duration.ofDays(1);
  private static final int ENCODER_THREADS = 2;
  private static final int ENCODER_QUEUE_MAX = 1024;

  private final Environment environment;
  private final ClientOptions options;
  private final PdClient pd;
  private final BatchedRpcClient batched;
  private final RegionCalls calls;
  private final RawClient raw;
  private final Transactions transactions;
  private final Imports imports;
  private final Tables tables;
  private final CoprocessorCalls coprocessor;
  private final Runnable afterClose;
  private final AtomicBoolean portsReturned = new AtomicBoolean();
  private CompletableFuture<Void> closing;

  /**
   * A client over ports, whose owner keeps them: for simulated clusters and for processes that
   * share threads and connections.
   */
  public ArrowraftClient(Environment environment, RpcClient rpc, ClientOptions options) {
    this(environment, rpc, options, () -> {});
  }

  /**
   * A client over ports.
   *
   * @param afterClose gives back the ports once this client has closed; runs on the thread that
   *     called {@link #close()}
   */
  public ArrowraftClient(
      Environment environment, RpcClient rpc, ClientOptions options, Runnable afterClose) {
    EventLoop loop = environment.loops().newLoop("client");
    this.environment = environment;
    this.options = options;
    this.pd =
        new RpcPdClient(PdClientConfig.defaults(options.pdAddresses()), rpc, environment, loop);
    this.batched = new BatchedRpcClient(rpc, loop, environment.time(), environment.meters());
    this.calls =
        new RegionCalls(environment, loop, options.batchedCommands() ? batched : rpc, pd, options);
    this.transactions = new Transactions(calls);
    WorkerPool encoders =
        environment.loops().newPool("client-encode", ENCODER_THREADS, ENCODER_QUEUE_MAX);
    this.imports = new Imports(calls, transactions, pd, encoders);
    this.raw = new RawClient(calls, imports);
    this.tables = new Tables(transactions, imports, encoders, this::rowsIn);
    this.coprocessor = new CoprocessorCalls(calls, transactions.resolver());
    this.afterClose = afterClose;
  }

  /**
   * Connects over gRPC with threads of its own, and waits for the placement driver's first answer.
   *
   * @throws RoutingException {@link ErrorCode#PLACEMENT_UNREACHABLE} if nobody answers at the
   *     addresses
   */
  public static ArrowraftClient connect(ClientOptions options) {
    return GrpcClients.connect(options);
  }

  /** About how many rows a range holds, as the placement driver has heard; 0 if it cannot say. */
  private CompletableFuture<Long> rowsIn(KeyRange range) {
    return Async.within(
            pd.rangeStatistics(
                KeySpace.TRANSACTIONAL.regionKey(Bytes.wrap(range.start().toByteArray())),
                KeySpace.TRANSACTIONAL.regionKey(Bytes.wrap(range.end().toByteArray()))),
            ESTIMATE_WITHIN,
            calls.loop(),
            () -> new IllegalStateException("no statistics came in time"))
        .handle((statistics, failure) -> failure == null ? statistics.approximateKeys() : 0L);
  }

  /** Raw keys. */
  public RawClient raw() {
    return raw;
  }

  /** Tables by name. */
  public Tables tables() {
    return tables;
  }

  /** Loads past transactions, for ranges that nobody else uses. */
  public Imports imports() {
    return imports;
  }

  /** Work next to the data. */
  public CoprocessorCalls coprocessor() {
    return coprocessor;
  }

  /** Transactions, for who needs more than the short cuts here. */
  public Transactions transactions() {
    return transactions;
  }

  /** The placement driver: stores, regions, timestamps, safe points. */
  public PdClient placement() {
    return pd;
  }

  public ClientOptions options() {
    return options;
  }

  /** An optimistic transaction that starts now. */
  public CompletableFuture<Transaction> begin() {
    return transactions.begin();
  }

  /** A transaction that starts now and locks what it is about to change. */
  public CompletableFuture<PessimisticTransaction> beginPessimistic() {
    return transactions.beginPessimistic();
  }

  /** A new timestamp, greater than that of every commit that has been acknowledged. */
  public CompletableFuture<Timestamp> timestamp() {
    return transactions.timestamp();
  }

  /** The data as of now. */
  public CompletableFuture<Snapshot> snapshot() {
    return transactions.timestamp().thenApply(transactions::snapshotAt);
  }

  /** The data as of {@code timestamp}. */
  public Snapshot snapshotAt(Timestamp timestamp) {
    return transactions.snapshotAt(timestamp);
  }

  /**
   * Keeps what reads at {@code timestamp} need from being collected until the result is closed, for
   * reads that take longer than the cluster's {@code gc-life-time}; for a day at most. As {@link
   * SafePointHold#take}.
   *
   * @param service names the claim among those of all clients
   * @param timeToLive how long the claim outlives this process; it is renewed meanwhile
   */
  public CompletableFuture<SafePointHold> holdVersions(
      String service, Timestamp timestamp, Duration timeToLive) {
    return holdVersions(service, timestamp, timeToLive, HELD_AT_MOST);
  }

  /**
   * As {@link #holdVersions(String, Timestamp, Duration)}.
   *
   * @param atMost when it is let go of if nobody closes it
   */
  public CompletableFuture<SafePointHold> holdVersions(
      String service, Timestamp timestamp, Duration timeToLive, Duration atMost) {
    return SafePointHold.take(pd, calls.loop(), service, timestamp, timeToLive, atMost);
  }

  /** {@link Transactions#retrying}: for bodies that are asynchronous themselves. */
  public <T> CompletableFuture<T> retrying(Function<Transaction, CompletableFuture<T>> body) {
    return transactions.retrying(body);
  }

  /** {@link Transactions#retryingPessimistic}: for bodies that are asynchronous themselves. */
  public <T> CompletableFuture<T> retryingPessimistic(
      Function<PessimisticTransaction, CompletableFuture<T>> body) {
    return transactions.retryingPessimistic(body);
  }

  /**
   * Runs {@code body} on the calling thread in a transaction and commits it; runs it again, with a
   * new start timestamp, as long as it loses against others and the deadline permits. The body may
   * {@link #await}; it must take nothing along from an earlier run.
   */
  public <T> T transact(Function<Transaction, T> body) {
    Deadline deadline = Deadline.after(options.timeouts().operation(), environment.time());
    for (int attempt = 1; ; attempt++) {
      Transaction transaction = await(begin());
      try {
        T value = body.apply(transaction);
        await(transaction.commit());
        return value;
      } catch (ArrowraftException failure) {
        if (!Transactions.worthAnotherRun(failure)
            || attempt >= options.limits().transactionAttemptsMax()
            || deadline.isExpired(environment.time())) {
          throw failure;
        }
        await(
            calls.operation(backoff -> backoff.pause(BackoffKind.CONFLICT, failure.getMessage())));
      } finally {
        transaction.rollback();
      }
    }
  }

  /**
   * Splits regions so that each of {@code keys} begins one.
   *
   * @param space decides what the keys are
   * @return complete once the stores have done so
   */
  public CompletableFuture<Void> split(KeySpace space, List<Bytes> keys) {
    return new RegionSplits(calls).split(space, keys);
  }

  /**
   * Waits for a result. Not to be called on the client's own threads, that is, in what hangs on its
   * futures.
   *
   * @throws ArrowraftException as the stage fails, if it takes longer than any operation may, or at
   *     once if called on the client's loop
   */
  public <T> T await(CompletionStage<T> stage) {
    return await(stage, options.timeouts().operation().multipliedBy(3));
  }

  /** As {@link #await(CompletionStage)} with a bound of its own, for bulk loads and the like. */
  public <T> T await(CompletionStage<T> stage, Duration bound) {
    if (calls.loop().inLoop()) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_ARGUMENT, "the client's own loop must not wait for the client");
    }
    return Blocking.await(
        stage,
        bound,
        () -> new RoutingException(ErrorCode.REGION_UNAVAILABLE, "no result came within " + bound));
  }

  /**
   * Refuses new operations, lets those that run, and commits that go on in the background, end
   * within the bound of the options, ends the rest as of unknown outcome, and lets go of the ports.
   * Idempotent.
   */
  public synchronized CompletableFuture<Void> closeAsync() {
    if (closing == null) {
      calls.close();
      closing = new CompletableFuture<>();
      Async.within(
              calls.idle().thenCompose(idle -> transactions.idle()),
              options.timeouts().close(),
              calls.loop(),
              () -> new IllegalStateException("commits in the background did not end in time"))
          .whenComplete(
              // Whoever meets the locks that are left resolves them, so late is no failure.
              (idle, late) -> calls.loop().run(this::end));
    }
    return closing;
  }

  private void end() {
    calls.abandon();
    batched.close();
    pd.close();
    closing.complete(null);
  }

  @Override
  public void close() {
    try {
      await(closeAsync(), options.timeouts().close().plusSeconds(1));
    } finally {
      if (portsReturned.compareAndSet(false, true)) {
        afterClose.run();
      }
    }
  }
}
