package io.arrowraft.server.store;

import io.arrowraft.proto.store.CheckConsistencyRequest;
import io.arrowraft.proto.store.CheckConsistencyResponse;
import io.arrowraft.proto.store.StoreAdminGrpc;
import io.arrowraft.raft.RaftGroupConfig;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.rpc.grpc.GrpcRpcClient;
import io.arrowraft.rpc.grpc.GrpcRpcServers;
import io.arrowraft.rpc.grpc.GrpcTransportOptions;
import io.arrowraft.runtime.Deadline;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.FaultHandler;
import io.arrowraft.runtime.threads.SystemRandom;
import io.arrowraft.runtime.threads.SystemTime;
import io.arrowraft.runtime.threads.ThreadLoopFactory;
import io.arrowraft.server.gc.GcConfig;
import io.arrowraft.server.peer.StoreRegions;
import io.arrowraft.server.peer.TestPd;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.storage.engine.DiskOptions;
import io.arrowraft.storage.memory.MemoryEngine;
import io.arrowraft.storage.mvcc.GarbageScan;
import io.arrowraft.storage.raftlog.RaftLogEngine;
import io.grpc.MethodDescriptor;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** What a process would be: a store on real threads and real gRPC, with engines in memory. */
final class RunningStore {
  final MemoryEngine data;
  final MemoryEngine log;
  final StoreNode node;
  private final ThreadLoopFactory loops;

  /** What its disk tells. */
  static final DiskSpace.Room ROOM = new DiskSpace.Room(1L << 30, 12_345);

  private final GrpcRpcClient client;

  /**
   * @param prefix of the names of its threads
   */
  RunningStore(
      String prefix,
      TestPd pd,
      MemoryEngine data,
      MemoryEngine log,
      int port,
      FaultHandler faults) {
    this.data = data;
    this.log = log;
    loops = new ThreadLoopFactory(prefix, faults);
    client = new GrpcRpcClient(prefix, GrpcTransportOptions.defaults());
    Environment environment =
        new Environment(
            SystemTime.INSTANCE, new SystemRandom(), loops, faults, new SimpleMeterRegistry());
    node =
        new StoreNode(
            StoreConfig.defaults("127.0.0.1", port)
                .withRaft(RaftGroupConfig.withTicks(Duration.ofMillis(30), 10, 2))
                .withDisk(DiskOptions.defaults().withLowSpace(0, 0))
                .withGc(
                    GcConfig.defaults()
                        .withInterval(Duration.ofMillis(200))
                        .withPage(new GarbageScan.Limits(8, 100))),
            environment,
            new StoreRegions.Storage(
                data, new RaftLogEngine(log, loops.newLoop("raft-log"), faults)),
            client,
            new GrpcRpcServers(prefix, GrpcTransportOptions.defaults(), SystemTime.INSTANCE),
            pd.client(),
            Optional.of(() -> ROOM));
  }

  void stop() {
    get(node.stop());
    loops.close();
    node.close();
    client.close();
    data.close();
    log.close();
  }

  CheckConsistencyResponse checkConsistency(long regionId) {
    return get(
        client.call(
            node.address(),
            RpcMethods.of(StoreAdminGrpc.getCheckConsistencyMethod()),
            CheckConsistencyRequest.newBuilder().setRegionId(regionId).build(),
            Duration.ofSeconds(20)));
  }

  /** Calls this store as a client would. */
  <Q, R> R call(MethodDescriptor<Q, R> method, Q request) {
    return get(client.call(node.address(), RpcMethods.of(method), request, Duration.ofSeconds(20)));
  }

  boolean leads(long regionId) {
    return node.regions().region(regionId).map(RegionView::isLeader).orElse(false);
  }

  RegionRequest request(long regionId) {
    RegionView view = node.regions().region(regionId).orElseThrow();
    return new RegionRequest(
        regionId,
        view.region().getRegionEpoch(),
        view.peer(),
        0,
        false,
        false,
        Deadline.after(Duration.ofSeconds(10), SystemTime.INSTANCE));
  }

  static <T> T get(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException failure) {
      throw new java.util.concurrent.CompletionException(failure.getCause());
    } catch (InterruptedException | java.util.concurrent.TimeoutException late) {
      throw new AssertionError("no answer within 30 s", late);
    }
  }
}
