package io.arrowraft.server.service;

import io.arrowraft.proto.kvrpcpb.UnsafeDestroyRangeRequest;
import io.arrowraft.proto.kvrpcpb.UnsafeDestroyRangeResponse;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.server.coprocessor.CoprocessorConfig;
import io.arrowraft.server.coprocessor.CoprocessorCounters;
import io.arrowraft.server.coprocessor.CoprocessorEndpoint;
import io.arrowraft.server.flow.FlowController;
import io.arrowraft.server.lockwait.DeadlockDetector;
import io.arrowraft.server.lockwait.LockQueues;
import io.arrowraft.server.region.RegionStore;
import io.arrowraft.server.txn.MemoryLocks;
import io.arrowraft.server.txn.ReplicaReads;
import io.arrowraft.server.txn.ScanBuffers;
import io.arrowraft.server.txn.SnapshotReads;
import io.arrowraft.server.txn.TimestampSync;
import io.arrowraft.server.txn.TxnCommands;
import io.arrowraft.server.txn.WriteScheduler;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * Everything that a store serves to clients, wired over its regions. Loops and pools belong to the
 * environment's factory and end with it, which comes after the RPC server has stopped and before
 * the engine closes.
 */
public final class StoreServices implements AutoCloseable {
  private final List<RpcService> services;
  private final CoprocessorCounters counters;
  private final CoprocessorEndpoint coprocessor;
  private final FlowController flow;
  private final TxnCommands commands;
  private final BatchStreams batchStreams = new BatchStreams();
  private final MemoryLocks memoryLocks = new MemoryLocks();

  /**
   * @param timestamps asks the placement driver for a new timestamp
   * @param safePoint asks the placement driver how far garbage collection is
   * @param deadlocks is told who waits for whose locks
   * @param elsewhere asks another store, by its id
   */
  public StoreServices(
      Environment environment,
      RegionStore regions,
      ServiceConfig config,
      Supplier<? extends CompletionStage<Long>> timestamps,
      Supplier<? extends CompletionStage<Long>> safePoint,
      DeadlockDetector deadlocks,
      BiFunction<
              Long,
              UnsafeDestroyRangeRequest,
              ? extends CompletionStage<UnsafeDestroyRangeResponse>>
          elsewhere) {
    regions.guardReads(new ReplicaReads(memoryLocks));
    TimeSource time = environment.time();
    EventLoop schedulerLoop = environment.loops().newLoop("scheduler");
    SnapshotReads reads =
        new SnapshotReads(
            regions,
            environment.loops().newPool("read", config.readThreads(), config.readQueueMax()),
            time);
    WriteScheduler scheduler =
        new WriteScheduler(
            regions,
            schedulerLoop,
            environment
                .loops()
                .newPool("write", config.writeThreads(), config.scheduler().pendingCommandsMax()),
            time,
            config.scheduler(),
            environment.meters());
    this.flow = scheduler.flow();
    LockQueues lockQueues =
        new LockQueues(
            schedulerLoop, time, deadlocks, config.lockWaits().waitersMax(), environment.meters());
    regions.observers().register(lockQueues);
    this.commands = new TxnCommands(scheduler, memoryLocks, lockQueues::released);
    this.counters = new CoprocessorCounters(environment.meters());
    this.coprocessor = coprocessor(environment, regions, config.coprocessor(), schedulerLoop);
    RequestGate gate = new RequestGate(config, time);
    Answers answers = new Answers(environment.faults());
    TikvService tikv =
        new TikvService(
            new TxnReadRequests(gate, answers, reads, memoryLocks, scanBuffers(config), time),
            new TxnWriteRequests(
                gate, answers, commands, new TimestampSync(regions, memoryLocks, timestamps)),
            new PessimisticRequests(gate, answers, commands, lockQueues, config.lockWaits(), time),
            new ResolveLockRequests(gate, answers, reads, commands),
            new RawReadRequests(gate, answers, reads),
            new RawWriteRequests(gate, answers, scheduler),
            new CoprocessorRequests(gate, answers, coprocessor),
            new RegionRequests(gate, answers, regions, memoryLocks),
            new HistoryRequests(gate, answers, reads, time),
            new RangeRequests(gate, answers, regions, safePoint, schedulerLoop, elsewhere::apply));
    this.services =
        List.of(
            tikv.bind(new SlowLog(config.slowRequest(), time, environment.meters()), batchStreams));
  }

  private CoprocessorEndpoint coprocessor(
      Environment environment, RegionStore regions, CoprocessorConfig config, EventLoop timers) {
    WorkerPool workers =
        environment.loops().newPool("coprocessor", config.threads(), config.requestsMax());
    return new CoprocessorEndpoint(
        new CoprocessorEndpoint.Wiring(
            regions, workers, timers, environment.time(), memoryLocks, counters),
        config);
  }

  private static ScanBuffers scanBuffers(ServiceConfig config) {
    return new ScanBuffers(
        (int) Math.min(Integer.MAX_VALUE, config.responseBytesMax()), config.readThreads());
  }

  /** What the store's RPC server binds. */
  public List<RpcService> services() {
    return services;
  }

  /**
   * Ends the streams of clients once what they have sent is answered, so that the RPC server can
   * stop without breaking them off.
   */
  public void stopStreams() {
    batchStreams.stop();
  }

  /** Decides which writes are taken on. */
  public FlowController flow() {
    return flow;
  }

  /** Runs transaction commands as requests do, for the store's own work. */
  public TxnCommands commands() {
    return commands;
  }

  /** What the coprocessor has done. */
  public CoprocessorCounters coprocessorCounters() {
    return counters;
  }

  /** What readers and writers of this store tell each other. */
  public MemoryLocks memoryLocks() {
    return memoryLocks;
  }

  /** Frees what the coprocessor keeps between plans; comes after the loops and pools have ended. */
  @Override
  public void close() {
    coprocessor.close();
  }
}
