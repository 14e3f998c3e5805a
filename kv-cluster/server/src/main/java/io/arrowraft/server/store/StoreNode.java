package io.arrowraft.server.store;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.PdException;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.proto.kvrpcpb.UnsafeDestroyRangeRequest;
import io.arrowraft.proto.kvrpcpb.UnsafeDestroyRangeResponse;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Store;
import io.arrowraft.proto.metapb.StoreLabel;
import io.arrowraft.proto.store.StoreIdent;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.raft.grpc.RaftRpcService;
import io.arrowraft.raft.grpc.RpcPeerTransport;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcServer;
import io.arrowraft.runtime.rpc.RpcServers;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.server.gc.GcWorker;
import io.arrowraft.server.ingest.ImportServices;
import io.arrowraft.server.lockwait.ClusterDeadlockDetector;
import io.arrowraft.server.lockwait.WaitWatch;
import io.arrowraft.server.peer.StoreRegions;
import io.arrowraft.server.region.RegionObserver;
import io.arrowraft.server.region.RegionStore;
import io.arrowraft.server.service.StoreServices;
import io.arrowraft.server.state.RegionRecords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One store. A process, an embedded cluster and the simulator are three callers of this
 * constructor.
 *
 * <p>Order of life: {@link #start}, {@link #leave} if other stores go on, {@link #stop}, then the
 * caller closes the environment's loops, then {@link #close}, then the engines.
 */
public final class StoreNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StoreNode.class);
  private static final Duration STOP_GRACE = Duration.ofMillis(500);

  private static final RpcMethod<UnsafeDestroyRangeRequest, UnsafeDestroyRangeResponse>
      DESTROY_RANGE = RpcMethods.of(TikvGrpc.getUnsafeDestroyRangeMethod());
  private static final Duration DESTROY_BOUND = Duration.ofSeconds(10);

  /** What is said of our version to clients that ask for 6.1 or later. */
  public static final String PROTOCOL_VERSION = "6.5.0";

  private final StoreConfig config;
  private final Environment environment;
  private final StoreRegions.Storage storage;
  private final RpcClient client;
  private final RpcServers servers;
  private final PdClient pd;
  private final Optional<DiskSpace> disk;
  private final WorkerPool worker;
  private final PlacementPatience patience;
  private final EventLoop transportLoop;
  private final List<RegionObserver> observers = new ArrayList<>();

  // Set by start, on its worker, one after the other.
  private volatile long storeId;
  private volatile StoreRegions regions;
  private volatile StoreServices services;
  private volatile ImportServices imports;
  private volatile RpcPeerTransport transport;
  private volatile RpcServer server;
  private volatile StoreHeartbeats heartbeats;
  private volatile PressureProbe pressure;
  private volatile GcWorker gc;

  /**
   * A store that does nothing before {@link #start}.
   *
   * @param storage engine and log, opened and later closed by the caller
   */
  public StoreNode(
      StoreConfig config,
      Environment environment,
      StoreRegions.Storage storage,
      RpcClient client,
      RpcServers servers,
      PdClient pd) {
    this(config, environment, storage, client, servers, pd, Optional.empty());
  }

  /**
   * The same for a store on a disk.
   *
   * @param disk reported to the placement driver, as far as the configured capacity allows; empty:
   *     the configured capacity alone
   */
  public StoreNode(
      StoreConfig config,
      Environment environment,
      StoreRegions.Storage storage,
      RpcClient client,
      RpcServers servers,
      PdClient pd,
      Optional<DiskSpace> disk) {
    this.config = config;
    this.environment = environment;
    this.storage = storage;
    this.client = client;
    this.servers = servers;
    this.pd = pd;
    this.disk = disk;
    this.worker = environment.loops().newPool("store-life", 1, 64);
    this.transportLoop = environment.loops().newLoop("store-transport");
    this.patience =
        new PlacementPatience(
            transportLoop,
            environment.time(),
            () -> RegionRecords.ident(storage.data()).isPresent());
  }

  /** Tells {@code observer} of everything that is applied here; to be called before the start. */
  public void observe(RegionObserver observer) {
    observers.add(observer);
  }

  /**
   * Joins the cluster, or makes it, and serves.
   *
   * @return the store's id, once it serves and the placement driver knows where; fails with {@link
   *     StoreStartException}, with {@link io.arrowraft.pd.client.PdException} if no placement
   *     driver answers (soon for a store that never ran, else after two minutes), and with {@link
   *     io.arrowraft.runtime.rpc.RpcException} if the port is in use
   */
  public CompletableFuture<Long> start() {
    CompletableFuture<Long> started = new CompletableFuture<>();
    StoreIdentity identity = new StoreIdentity(storage.data(), pd, worker);
    patience
        .ask(identity::find)
        .thenCompose(this::assemble)
        .thenCompose(store -> join(store).thenApply(none -> store.getId()))
        .whenComplete((id, failure) -> Async.settle(started, id, failure));
    return started;
  }

  private CompletableFuture<Store> assemble(StoreIdent ident) {
    storeId = ident.getStoreId();
    regions =
        new StoreRegions(
            environment,
            storeId,
            config.threads(),
            config.regions(),
            config.raft(),
            storage,
            pd,
            unreachable ->
                transport =
                    new RpcPeerTransport(
                        storeId,
                        config.transport(),
                        transportLoop,
                        client,
                        new StoreAddressBook(pd, environment.time()),
                        unreachable));
    observers.forEach(regions.regions().observers()::register);
    StoreAddressBook addresses = new StoreAddressBook(pd, environment.time());
    regions.use(new RemoteReplicas(client, addresses));
    WaitWatch waits = new WaitWatch(transportLoop, environment.time());
    regions.regions().observers().register(waits);
    services =
        new StoreServices(
            environment,
            regions.regions(),
            config.services(),
            () -> pd.timestamp().thenApply(Timestamp::value),
            () -> pd.gcSafePoint().thenApply(Timestamp::value),
            new ClusterDeadlockDetector(
                storeId, waits, this::firstLeader, addresses, client, environment.time()),
            (store, request) ->
                addresses
                    .addressOf(store)
                    .thenCompose(
                        address -> client.call(address, DESTROY_RANGE, request, DESTROY_BOUND)));
    gc =
        new GcWorker(
            config.gc(),
            environment,
            new GcWorker.Store(
                regions.regions(), services.commands(), services.flow(), pd, addresses, client));
    List<RpcService> bound = new ArrayList<>(services.services());
    imports =
        new ImportServices(
            environment,
            storage.data(),
            regions.regions(),
            config.imports(),
            services.flow(),
            new RemoteFiles(client, addresses),
            transportLoop);
    imports.start();
    bound.addAll(imports.services());
    bound.add(waits.service());
    bound.add(StoreAdminService.of(regions));
    bound.add(RaftRpcService.of(storeId, regions.receiver()));
    server = servers.bind(config.listen().host(), config.listen().port(), bound);
    return CompletableFuture.completedFuture(describe());
  }

  /** The store that leads the region with the empty key. */
  private CompletableFuture<Long> firstLeader() {
    return pd.region(Bytes.EMPTY)
        .thenApply(
            first ->
                first
                    .flatMap(RegionInfo::leader)
                    .map(Peer::getStoreId)
                    .orElseThrow(
                        () -> new IllegalStateException("the first region has no leader now")));
  }

  private Store describe() {
    Store.Builder store =
        Store.newBuilder()
            .setId(storeId)
            .setAddress(address())
            .setStatusAddress(config.listen().statusAddress())
            .setVersion(PROTOCOL_VERSION)
            .setStartTimestamp(environment.time().wallMillis() / 1000);
    config
        .listen()
        .labels()
        .forEach(
            (key, value) -> store.addLabels(StoreLabel.newBuilder().setKey(key).setValue(value)));
    return store.build();
  }

  private CompletableFuture<Void> join(Store store) {
    ClusterBootstrap bootstrap = new ClusterBootstrap(storage.data(), pd, worker);
    return patience
        .ask(() -> bootstrap.run(store))
        .thenCompose(none -> patience.ask(() -> Async.on(worker, pd.putStore(store))))
        .thenCompose(none -> Async.on(worker, regions.start()))
        .thenAccept(
            none -> {
              regions.openPlacementLine();
              heartbeats =
                  new StoreHeartbeats(
                      config,
                      new StoreHeartbeats.Subject(storeId, regions, disk),
                      pd,
                      transportLoop,
                      environment.time(),
                      worker);
              heartbeats.start();
              pressure =
                  new PressureProbe(
                      new PressureProbe.Subject(
                          storage.data(), storage.logs(), disk, config.disk()),
                      services.flow(),
                      regions::observeRoom,
                      transportLoop,
                      worker);
              pressure.start();
              gc.start();
              LOG.atInfo()
                  .addKeyValue("store", storeId)
                  .addKeyValue("address", address())
                  .log("store serves");
            });
  }

  /** {@code host:port} that others use; valid once {@link #start} has completed. */
  public String address() {
    RpcServer bound = server;
    if (bound == null) {
      throw new IllegalStateException("the store does not listen");
    }
    return config.listen().advertise(bound.address());
  }

  /** This store's id; 0 before it is known. */
  public long storeId() {
    return storeId;
  }

  /**
   * Completes when the placement driver says that this store is a tombstone: nothing is left to
   * serve, now or later. Valid once {@link #start} has completed.
   */
  public CompletableFuture<PdException> removed() {
    return heartbeats.removed();
  }

  /** The regions of this store; valid once {@link #start} has completed. */
  public RegionStore regions() {
    return regions.regions();
  }

  /** All replicas of this store, for who changes their settings; valid once it has started. */
  public StoreRegions replicas() {
    return regions;
  }

  /** What this store serves, with its counters; valid once {@link #start} has completed. */
  public StoreServices services() {
    return services;
  }

  /**
   * Hands leadership of its regions to other stores, as long as {@code patience} lasts, while it
   * still serves. To be called before {@link #stop} when the others go on.
   */
  public CompletableFuture<Void> leave(Duration patience) {
    StoreRegions present = regions;
    return present == null ? CompletableFuture.completedFuture(null) : present.leave(patience);
  }

  /** Stops serving and lets all replicas come to rest. Also after a start that failed. */
  public CompletableFuture<Void> stop() {
    CompletableFuture<Void> stopped = new CompletableFuture<>();
    worker.execute(
        () -> {
          if (heartbeats != null) {
            heartbeats.stop();
          }
          if (pressure != null) {
            pressure.stop();
          }
          if (gc != null) {
            gc.stop();
          }
          if (imports != null) {
            imports.stop();
          }
          if (services != null) {
            services.stopStreams();
          }
          if (server != null) {
            server.close(STOP_GRACE);
          }
          CompletableFuture<Void> rest =
              regions == null ? CompletableFuture.completedFuture(null) : regions.stop();
          rest.whenComplete(
              (none, failure) -> {
                if (transport != null) {
                  transport.close();
                }
                LOG.atInfo().addKeyValue("store", storeId).log("store stopped");
                Async.settle(stopped, null, failure);
              });
        });
    return stopped;
  }

  /** Frees what outlives the loops. */
  @Override
  public void close() {
    if (services != null) {
      services.close();
    }
  }
}
