package io.arrowraft.server.fakes;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.kvrpcpb.GetRequest;
import io.arrowraft.proto.kvrpcpb.GetResponse;
import io.arrowraft.proto.kvrpcpb.Mutation;
import io.arrowraft.proto.kvrpcpb.Op;
import io.arrowraft.proto.kvrpcpb.PrewriteRequest;
import io.arrowraft.proto.kvrpcpb.PrewriteResponse;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.metapb.RegionEpoch;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.runtime.threads.SystemRandom;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.runtime.threads.ThreadLoopFactory;
import io.arrowraft.server.lockwait.ClusterDeadlockDetector;
import io.arrowraft.server.lockwait.WaitWatch;
import io.arrowraft.server.region.RegionEvent;
import io.arrowraft.server.service.ServiceConfig;
import io.arrowraft.server.service.StoreServices;
import io.grpc.MethodDescriptor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** The services of one store over regions in memory, called as a client would. */
public final class TikvFixture implements AutoCloseable {
  private final AtomicReference<Throwable> fault = new AtomicReference<>();
  private final ThreadLoopFactory threads =
      new ThreadLoopFactory("test", (component, cause) -> fault.set(cause));
  private final AtomicLong placementTimestamp = new AtomicLong(1);
  private final AtomicLong placementSafePoint = new AtomicLong();
  private volatile boolean placementStopped;
  private final InMemoryRegions regions = new InMemoryRegions();
  private final StoreServices services;
  private final RpcService tikv;

  public TikvFixture() {
    this(ServiceConfig.defaults());
  }

  public TikvFixture(ServiceConfig config) {
    WaitWatch waits = new WaitWatch(threads.newLoop("waits"), SystemTime.INSTANCE);
    waits.onEvent(new RegionEvent.LeaderGained(Region.newBuilder().setId(1).build(), 1));
    services =
        new StoreServices(
            new Environment(
                SystemTime.INSTANCE,
                new SystemRandom(),
                threads,
                (component, cause) -> fault.set(cause),
                new SimpleMeterRegistry()),
            regions,
            config,
            () ->
                placementStopped
                    ? CompletableFuture.failedFuture(new IllegalStateException("stopped"))
                    : CompletableFuture.completedFuture(placementTimestamp.get()),
            () -> CompletableFuture.completedFuture(placementSafePoint.get()),
            new ClusterDeadlockDetector(
                1,
                waits,
                () -> CompletableFuture.completedFuture(1L),
                store -> CompletableFuture.failedFuture(new IllegalStateException("one store")),
                null,
                SystemTime.INSTANCE),
            (store, request) ->
                CompletableFuture.failedFuture(new IllegalStateException("one store")));
    tikv = services.services().get(0);
  }

  /** What the placement driver gives out. */
  public AtomicLong placementTimestamp() {
    return placementTimestamp;
  }

  /** How far garbage collection is. */
  public AtomicLong placementSafePoint() {
    return placementSafePoint;
  }

  public InMemoryRegions regions() {
    return regions;
  }

  public StoreServices services() {
    return services;
  }

  public void stopPlacementDriver() {
    placementStopped = true;
  }

  public RpcService tikv() {
    return tikv;
  }

  public <Q, R> R call(MethodDescriptor<Q, R> method, Q request) {
    return call(method, request, new TestCall());
  }

  public <Q, R> R call(MethodDescriptor<Q, R> method, Q request, RpcCall call) {
    return start(method, request, call).orTimeout(20, TimeUnit.SECONDS).join();
  }

  @SuppressWarnings("unchecked") // The binding was made for this method.
  public <Q, R> CompletableFuture<R> start(MethodDescriptor<Q, R> method, Q request, RpcCall call) {
    RpcService.Binding<Q, R> binding =
        (RpcService.Binding<Q, R>) tikv.bindings().get(method.getBareMethodName());
    return binding.unary().handle(request, call).toCompletableFuture();
  }

  /** Starts a call of a streaming method. */
  @SuppressWarnings("unchecked") // The binding was made for this method.
  public <Q, R> RpcService.StreamHandler<Q, R> streamHandler(MethodDescriptor<Q, R> method) {
    return ((RpcService.Binding<Q, R>) tikv.bindings().get(method.getBareMethodName())).stream();
  }

  public static Context context() {
    return context(1).build();
  }

  public static Context.Builder context(long regionId) {
    return Context.newBuilder()
        .setRegionId(regionId)
        .setRegionEpoch(RegionEpoch.newBuilder().setConfVer(1).setVersion(1))
        .setPeer(InMemoryRegions.peer());
  }

  public static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }

  public static Mutation put(String key, String value) {
    return Mutation.newBuilder().setOp(Op.Put).setKey(utf8(key)).setValue(utf8(value)).build();
  }

  public static PrewriteRequest.Builder prewrite(
      long startTs, String primary, Mutation... mutations) {
    return PrewriteRequest.newBuilder()
        .setContext(context())
        .setStartVersion(startTs)
        .setPrimaryLock(utf8(primary))
        .setLockTtl(3_000)
        .setTxnSize(16)
        .setMinCommitTs(startTs + 1)
        .addAllMutations(java.util.List.of(mutations));
  }

  public PrewriteResponse prewriteNow(long startTs, String primary, Mutation... mutations) {
    return call(TikvGrpc.getKvPrewriteMethod(), prewrite(startTs, primary, mutations).build());
  }

  public GetResponse get(String key, long version) {
    return call(
        TikvGrpc.getKvGetMethod(),
        GetRequest.newBuilder()
            .setContext(context())
            .setKey(utf8(key))
            .setVersion(version)
            .build());
  }

  @Override
  public void close() {
    threads.close();
    if (fault.get() != null) {
      throw new AssertionError("the store faulted", fault.get());
    }
    if (regions.openSnapshots() != 0) {
      throw new AssertionError(regions.openSnapshots() + " snapshots were left open");
    }
  }
}
