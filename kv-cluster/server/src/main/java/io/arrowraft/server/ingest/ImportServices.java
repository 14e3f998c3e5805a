package io.arrowraft.server.ingest;

import io.arrowraft.proto.importsst.GetModeResponse;
import io.arrowraft.proto.importsst.ImportSSTGrpc;
import io.arrowraft.proto.importsst.IngestResponse;
import io.arrowraft.proto.importsst.RawWriteRequest;
import io.arrowraft.proto.importsst.RawWriteResponse;
import io.arrowraft.proto.importsst.SSTMeta;
import io.arrowraft.proto.importsst.SwitchMode;
import io.arrowraft.proto.importsst.SwitchModeResponse;
import io.arrowraft.proto.importsst.WriteRequest;
import io.arrowraft.proto.importsst.WriteResponse;
import io.arrowraft.proto.ingest.HoldRequest;
import io.arrowraft.proto.ingest.HoldResponse;
import io.arrowraft.proto.ingest.StagedFilesGrpc;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.Timer;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import io.arrowraft.server.flow.FlowController;
import io.arrowraft.server.region.OutcomeUnknownException;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionStore;
import io.arrowraft.server.region.SafePointPassedException;
import io.arrowraft.storage.engine.Engine;
import io.arrowraft.storage.engine.EngineException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The services of bulk import on one store. Safe for use by any thread. */
public final class ImportServices {
  private static final Logger LOG = LoggerFactory.getLogger(ImportServices.class);
  private static final Duration SWEEP_INTERVAL = Duration.ofSeconds(30);
  private static final Duration TIMEOUT_DEFAULT = Duration.ofSeconds(60);
  private static final int TASKS_MAX = 1_024;

  /** What a store asks another about its files. */
  public static final RpcMethod<HoldRequest, HoldResponse> HOLD =
      RpcMethods.of(StagedFilesGrpc.getHoldMethod());

  private final Environment environment;
  private final Engine engine;
  private final RegionStore regions;
  private final IngestConfig config;
  private final FlowController flow;
  private final EventLoop timers;
  private final WorkerPool workers;
  private final StagedFiles staged;
  private final Ingestion ingestion;
  private final ImportMode mode;
  private final ImportMeters meters;
  private final AtomicInteger streams = new AtomicInteger();
  private volatile Timer timer;
  private volatile boolean stopped;

  /**
   * @param flow told of import mode, and asked whether the disk takes more data
   * @param timers on which what has expired is looked for
   */
  public ImportServices(
      Environment environment,
      Engine engine,
      RegionStore regions,
      IngestConfig config,
      FlowController flow,
      ReplicaFiles replicas,
      EventLoop timers) {
    this.environment = environment;
    this.engine = engine;
    this.regions = regions;
    this.config = config;
    this.flow = flow;
    this.timers = timers;
    this.workers = environment.loops().newPool("import", config.threads(), TASKS_MAX);
    this.staged = new StagedFiles(engine, config, environment.time());
    this.ingestion = new Ingestion(regions, staged, replicas);
    this.meters = new ImportMeters(environment.meters(), environment.time(), config);
    this.mode = new ImportMode(environment.time(), config.importModeMax(), this::switched);
  }

  /** Removes what a crash has left, and what expires from now on; touches the disk. */
  public void start() {
    staged.open();
    arm();
  }

  public void stop() {
    stopped = true;
    Timer armed = timer;
    if (armed != null) {
      armed.cancel();
    }
  }

  /** What the store's RPC server binds. */
  public List<RpcService> services() {
    return List.of(
        RpcService.named(ImportSSTGrpc.SERVICE_NAME)
            .unary(
                RpcMethods.of(ImportSSTGrpc.getSwitchModeMethod()),
                (request, call) -> {
                  mode.set(request.getMode() == SwitchMode.Import);
                  return CompletableFuture.completedFuture(SwitchModeResponse.getDefaultInstance());
                })
            .unary(
                RpcMethods.of(ImportSSTGrpc.getGetModeMethod()),
                (request, call) ->
                    CompletableFuture.completedFuture(
                        GetModeResponse.newBuilder()
                            .setMode(mode.isImporting() ? SwitchMode.Import : SwitchMode.Normal)
                            .build()))
            .stream(
                RpcMethods.of(ImportSSTGrpc.getWriteMethod()),
                (responses, call) -> stream(new TransactionalForm(), responses))
            .stream(
                RpcMethods.of(ImportSSTGrpc.getRawWriteMethod()),
                (responses, call) -> stream(new RawForm(), responses))
            .unary(
                RpcMethods.of(ImportSSTGrpc.getIngestMethod()),
                (request, call) ->
                    ingest(
                        request.getContext(),
                        request.hasSst() ? List.of(request.getSst()) : List.of(),
                        call))
            .unary(
                RpcMethods.of(ImportSSTGrpc.getMultiIngestMethod()),
                (request, call) -> ingest(request.getContext(), request.getSstsList(), call))
            .build(),
        RpcService.named(StagedFilesGrpc.SERVICE_NAME)
            .unary(HOLD, (request, call) -> work(() -> hold(request)))
            .build());
  }

  private CompletionStage<HoldResponse> hold(HoldRequest request) {
    return CompletableFuture.completedFuture(
        HoldResponse.newBuilder().addAllMissing(staged.hold(request.getFilesList())).build());
  }

  // Streams.

  private <Q, R> RpcReceiver<Q> stream(UploadStream.Form<Q, R> form, RpcStream<R> responses) {
    if (streams.incrementAndGet() > config.streamsMax()) {
      streams.decrementAndGet();
      responses.fail(
          new RpcException(
              RpcStatus.RESOURCE_EXHAUSTED,
              "this store takes " + config.streamsMax() + " import streams at a time"));
      return new Ignored<>();
    }
    return new UploadStream<>(
        form, responses, workers, this::begin, this::told, streams::decrementAndGet);
  }

  private Upload begin(SSTMeta meta) {
    FileNames.check(meta);
    requireRoom();
    return new Upload(engine, staged, config, this::requireNewer, meters, meta);
  }

  private void requireNewer(long commitTimestamp) {
    SafePointPassedException.requireImportable(commitTimestamp, regions.safePoint());
  }

  private void requireRoom() {
    String full = flow.noSpace();
    if (!full.isEmpty()) {
      throw new RpcException(RpcStatus.RESOURCE_EXHAUSTED, full);
    }
    long bytes = staged.byteSize();
    meters.waiting(bytes);
    if (bytes > config.stagedBytesMax()) {
      throw new RpcException(
          RpcStatus.RESOURCE_EXHAUSTED,
          "files of "
              + bytes
              + " bytes wait on this store to be ingested, more than stagedBytesMax="
              + config.stagedBytesMax()
              + "; ingest them, or wait until they expire");
    }
  }

  private RpcException told(Throwable failure) {
    Throwable cause = Async.cause(failure);
    meters.refused();
    if (cause instanceof RpcException status) {
      return status;
    }
    if (cause instanceof SafePointPassedException passed) {
      return new RpcException(RpcStatus.FAILED_PRECONDITION, passed.getMessage(), passed);
    }
    if (cause instanceof EngineException refused) {
      return switch (refused.kind()) {
        case CLOSED, BUSY -> new RpcException(RpcStatus.UNAVAILABLE, "the store is shutting down");
        case DISK_FULL -> new RpcException(RpcStatus.RESOURCE_EXHAUSTED, refused.getMessage());
        case CORRUPTION, IO, IN_USE, FOREIGN_DIRECTORY -> fatal(refused);
      };
    }
    LOG.error("import failed for a reason that no answer describes", cause);
    return new RpcException(RpcStatus.INTERNAL, "the import failed: " + cause, cause);
  }

  private RpcException fatal(EngineException failure) {
    environment.faults().fatal("import", failure);
    return new RpcException(RpcStatus.INTERNAL, "the import failed: " + failure, failure);
  }

  private static final class TransactionalForm
      implements UploadStream.Form<WriteRequest, WriteResponse> {
    @Override
    public Optional<SSTMeta> meta(WriteRequest message) {
      return message.hasMeta() ? Optional.of(message.getMeta()) : Optional.empty();
    }

    @Override
    public void put(Upload upload, WriteRequest message) {
      upload.put(message.getBatch());
    }

    @Override
    public WriteResponse answer(List<SSTMeta> metas) {
      return WriteResponse.newBuilder().addAllMetas(metas).build();
    }
  }

  private static final class RawForm
      implements UploadStream.Form<RawWriteRequest, RawWriteResponse> {
    @Override
    public Optional<SSTMeta> meta(RawWriteRequest message) {
      return message.hasMeta() ? Optional.of(message.getMeta()) : Optional.empty();
    }

    @Override
    public void put(Upload upload, RawWriteRequest message) {
      upload.put(message.getBatch());
    }

    @Override
    public RawWriteResponse answer(List<SSTMeta> metas) {
      return RawWriteResponse.newBuilder().addAllMetas(metas).build();
    }
  }

  /** Takes what a refused stream still sends. */
  private static final class Ignored<T> implements RpcReceiver<T> {
    @Override
    public void onMessage(T message) {}

    @Override
    public void onComplete() {}

    @Override
    public void onError(RpcException failure) {}
  }

  // Ingesting.

  private CompletionStage<IngestResponse> ingest(
      Context context, List<SSTMeta> metas, RpcCall call) {
    if (metas.isEmpty()) {
      return CompletableFuture.failedFuture(
          FileNames.invalid("there is nothing to ingest: the request names no file"));
    }
    Deadline deadline =
        call.deadline().orElseGet(() -> Deadline.after(TIMEOUT_DEFAULT, environment.time()));
    long since = meters.nanos();
    return this.<Void>work(
            () -> {
              String full = flow.noSpace();
              if (!full.isEmpty()) {
                throw RegionErrors.diskFull(regions.storeId(), full);
              }
              return ingestion.ingest(RegionRequest.of(context, deadline), metas);
            })
        .handle(
            (none, failure) -> {
              if (failure != null) {
                return refusal(failure);
              }
              meters.ingested(since, metas);
              return IngestResponse.getDefaultInstance();
            });
  }

  private IngestResponse refusal(Throwable failure) {
    Throwable cause = Async.cause(failure);
    if (cause instanceof RegionErrorException refused) {
      meters.refused();
      return IngestResponse.newBuilder().setError(refused.error()).build();
    }
    if (cause instanceof OutcomeUnknownException unknown) {
      throw new RpcException(RpcStatus.UNKNOWN, unknown.getMessage(), unknown);
    }
    throw told(cause);
  }

  /** Runs on a worker, since it looks at the disk. */
  private <T> CompletionStage<T> work(Supplier<CompletionStage<T>> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    try {
      workers.execute(
          () -> {
            try {
              task.get().whenComplete((value, failure) -> Async.settle(result, value, failure));
            } catch (RuntimeException failure) {
              result.completeExceptionally(failure);
            }
          });
    } catch (RejectedExecutionException full) {
      result.completeExceptionally(
          new RpcException(RpcStatus.RESOURCE_EXHAUSTED, "too many imports run on this store"));
    }
    return result;
  }

  // Housekeeping.

  private void switched(boolean importing) {
    LOG.info("import mode {}", importing ? "begins" : "ends");
    flow.importing(importing);
  }

  private void arm() {
    if (!stopped) {
      timer = timers.schedule(SWEEP_INTERVAL, this::sweep);
    }
  }

  private void sweep() {
    mode.sweep();
    try {
      workers.execute(
          () -> {
            try {
              staged.sweep(regions);
              meters.waiting(staged.byteSize());
            } catch (EngineException failure) {
              told(failure);
            }
            arm();
          });
    } catch (RejectedExecutionException full) {
      arm();
    }
  }
}
