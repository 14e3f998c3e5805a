package io.arrowraft.server.coprocessor;

import io.arrowraft.coprocessor.engine.ExecutionLimits;
import io.arrowraft.coprocessor.plan.PlanCodec;
import io.arrowraft.coprocessor.plan.PlanException;
import io.arrowraft.coprocessor.plan.PlanNode;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.proto.coprocessor.Request;
import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.Timer;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import io.arrowraft.server.region.KeySpan;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.region.RegionStore;
import io.arrowraft.server.txn.KeyBounds;
import io.arrowraft.server.txn.LockInfos;
import io.arrowraft.server.txn.MemoryLocks;
import io.arrowraft.server.txn.ReadViews;
import io.arrowraft.server.txn.ReplicaReads;
import io.arrowraft.server.txn.ScanBuffers;
import io.arrowraft.server.txn.TxnReads;
import io.arrowraft.storage.mvcc.LockedKey;
import io.arrowraft.storage.mvcc.MvccKeys;
import io.arrowraft.storage.mvcc.ReadView;
import io.arrowraft.storage.mvcc.ScanOptions;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes plans next to the data. The package page describes what goes over the wire. Safe for use
 * by any thread.
 */
public final class CoprocessorEndpoint implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CoprocessorEndpoint.class);

  /** Kinds of request that belong to TiDB's own plans. */
  private static final int TIDB_FIRST = 103;

  private static final int TIDB_LAST = 105;

  /** What the endpoint is built from. */
  public record Wiring(
      RegionStore regions,
      WorkerPool workers,
      EventLoop timers,
      TimeSource time,
      MemoryLocks memoryLocks,
      CoprocessorCounters counters) {}

  /**
   * A request to execute.
   *
   * @param refusal makes the response for a failure, or throws the status that ends the call
   */
  public record Work(
      RegionRequest region, Request request, RpcCall call, Function<Throwable, Response> refusal) {
    public Work {
      Objects.requireNonNull(region, "region");
      Objects.requireNonNull(request, "request");
      Objects.requireNonNull(call, "call");
      Objects.requireNonNull(refusal, "refusal");
    }
  }

  /** A plan whose responses stream. */
  public interface Stream {
    /** A stream that has ended already. */
    Stream ENDED =
        new Stream() {
          @Override
          public void onReady() {}

          @Override
          public void cancel(RpcException reason) {}
        };

    /** The receiver can take more. */
    void onReady();

    void cancel(RpcException reason);
  }

  /** A request that has been understood. */
  private record Job(PlanRequest plan, PlanRanges ranges, ReadView view) {}

  private final Wiring wiring;
  private final CoprocessorConfig config;
  private final BufferAllocator allocator;
  private final ScanBuffers buffers;
  private final AtomicInteger open = new AtomicInteger();

  public CoprocessorEndpoint(Wiring wiring, CoprocessorConfig config) {
    this.wiring = wiring;
    this.config = config;
    this.allocator = new RootAllocator(config.memoryBytesMax());
    this.buffers = new ScanBuffers(config.scanBytesPerFill(), 2 * config.threads());
  }

  /**
   * Executes and gathers all batches in one response.
   *
   * @param bytesMax most bytes of the batches; more fails, and a stream would not
   */
  public CompletionStage<Response> unary(Work work, long bytesMax) {
    UnaryCollector collector = new UnaryCollector(bytesMax);
    begin(work, collector, execution -> {});
    return collector.result();
  }

  /** Executes and sends each batch as it comes, while the receiver can take it. */
  public Stream stream(Work work, RpcStream<Response> responses) {
    PlanStream stream = new PlanStream(responses);
    begin(work, stream, stream::started);
    return stream;
  }

  private void begin(Work work, ResponseSink sink, Consumer<PlanExecution> started) {
    try {
      Job job = understand(work.request());
      wiring.memoryLocks().observeRead(job.view().readTs());
      Optional<LockedKey> blocking = memoryLock(job);
      if (blocking.isPresent()) {
        sink.send(Response.newBuilder().setLocked(LockInfos.of(blocking.get())).build());
        sink.complete();
        return;
      }
      reserve();
      snapshot(work, job)
          .whenComplete(
              (snapshot, failure) -> {
                if (failure != null) {
                  open.decrementAndGet();
                  refuse(work, sink, failure);
                } else {
                  execute(work, job, snapshot, sink, started);
                }
              });
    } catch (RuntimeException failure) {
      refuse(work, sink, failure);
    }
  }

  private CompletionStage<RegionSnapshot> snapshot(Work work, Job job) {
    try {
      return work.region().replicaRead()
          ? wiring.regions().snapshot(work.region(), question(job))
          : wiring.regions().snapshot(work.region());
    } catch (RuntimeException failure) {
      return CompletableFuture.failedFuture(failure); // so that the place is given back
    }
  }

  private static byte[] question(Job job) {
    return ReplicaReads.questionOfRanges(
        job.ranges().ranges().stream()
            .map(range -> new ReplicaReads.Range(range.start(), range.end()))
            .toList(),
        job.view());
  }

  private void execute(
      Work work,
      Job job,
      RegionSnapshot snapshot,
      ResponseSink sink,
      Consumer<PlanExecution> started) {
    // The deadline may pass, and the execution end, before the timer's handle is known here.
    AtomicReference<Timer> deadline = new AtomicReference<>(() -> {});
    PlanExecution[] self = new PlanExecution[1];
    PlanExecution.Surroundings surroundings =
        new PlanExecution.Surroundings(
            wiring.workers(),
            failure ->
                work.refusal()
                    .apply(wiring.regions().readFailure(work.region().regionId(), failure)),
            wiring.counters(),
            () -> {
              open.decrementAndGet();
              deadline.get().cancel();
            });
    PlanExecution execution =
        new PlanExecution(
            surroundings,
            sink,
            snapshot,
            PlanShape.of(job.plan().plan()),
            () -> cursor(work, job, snapshot, self[0]));
    self[0] = execution;
    deadline.set(
        wiring
            .timers()
            .schedule(
                work.region().deadline().remaining(wiring.time()),
                () ->
                    execution.cancel(
                        new RpcException(
                            RpcStatus.DEADLINE_EXCEEDED,
                            "the deadline passed while the plan was executed"))));
    started.accept(execution);
    work.call()
        .onCancel(
            () ->
                execution.cancel(new RpcException(RpcStatus.CANCELLED, "cancelled by the caller")));
    execution.signal();
  }

  private PlanCursor cursor(Work work, Job job, RegionSnapshot snapshot, PlanExecution execution) {
    snapshot.requireReadable(job.view().readTs());
    KeyBounds bounds = KeyBounds.of(snapshot.region());
    job.ranges().requireInside(bounds);
    if (snapshot.load().isSampleWanted()) {
      snapshot.load().sample(spanOf(job.ranges()));
    }
    PlanNode plan = job.plan().plan();
    ScanOptions options =
        (EnginePlanCursor.isDescending(plan)
                ? ScanOptions.backward(job.view())
                : ScanOptions.forward(job.view()))
            .withFillCache(!work.request().getContext().getNotFillCache())
            .withCancelled(execution::isCancelled);
    long paging = work.request().getPagingSize();
    MvccRowSource source =
        new MvccRowSource(
            snapshot.data(),
            TxnReads.encoded(bounds),
            job.ranges(),
            options,
            buffers,
            new MvccRowSource.Limits(
                EnginePlanCursor.settlesMidway(plan) ? config.segmentBytesMax() : Long.MAX_VALUE,
                paging > 0 ? paging : Long.MAX_VALUE));
    ExecutionLimits limits =
        new ExecutionLimits(
            config.requestMemoryBytesMax(), config.groupsMax(), config.batchBytesMax());
    return new EnginePlanCursor(job.plan(), job.ranges(), source, allocator, limits);
  }

  private static KeySpan spanOf(PlanRanges wanted) {
    List<PlanRanges.Range> ranges = wanted.ranges();
    return new KeySpan(
        MvccKeys.encodeBound(ranges.get(0).start()),
        MvccKeys.encodeBound(ranges.get(ranges.size() - 1).end()));
  }

  /** Frees what is kept between plans; comes after the last plan has ended. */
  @Override
  public void close() {
    try {
      allocator.close();
    } catch (IllegalStateException leaked) {
      LOG.warn("plans still held memory when the coprocessor closed", leaked);
    }
  }

  private static Job understand(Request request) {
    long type = request.getTp();
    if (type != PlanRequest.REQUEST_TYPE) {
      throw new CoprocessorRefusal(
          "coprocessor request type "
              + type
              + (type >= TIDB_FIRST && type <= TIDB_LAST ? " carries TiDB's own plans and" : "")
              + " is not served; send plans as type "
              + PlanRequest.REQUEST_TYPE);
    }
    if (request.getStartTs() == 0) {
      throw new CoprocessorRefusal("start_ts is missing: a plan reads at a timestamp");
    }
    PlanRanges ranges =
        PlanRanges.of(request.getRangesList())
            .orElseThrow(
                () ->
                    new CoprocessorRefusal(
                        "ranges must be given, in ascending order and without overlap"));
    ReadView view =
        ReadViews.of(request.getContext(), request.getStartTs())
            .orElseThrow(
                () ->
                    new CoprocessorRefusal(
                        "isolation level "
                            + request.getContext().getIsolationLevel()
                            + " is not served; use SI or RC"));
    try {
      return new Job(PlanCodec.decode(request.getData().toByteArray()), ranges, view);
    } catch (PlanException refused) {
      throw new CoprocessorRefusal(refused.code() + ": " + refused.getMessage());
    }
  }

  private Optional<LockedKey> memoryLock(Job job) {
    return job.ranges().ranges().stream()
        .map(range -> wiring.memoryLocks().blocking(range.start(), range.end(), job.view()))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private void reserve() {
    if (open.incrementAndGet() > config.requestsMax()) {
      open.decrementAndGet();
      throw RegionErrors.serverIsBusy("too many plans are open");
    }
  }

  private static void refuse(Work work, ResponseSink sink, Throwable failure) {
    try {
      sink.send(work.refusal().apply(failure));
      sink.complete();
    } catch (RpcException status) {
      sink.fail(status);
    }
  }
}
