package io.arrowraft.server.service;

import io.arrowraft.proto.kvrpcpb.GCRequest;
import io.arrowraft.proto.kvrpcpb.GCResponse;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcService;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Which class answers which method of {@code tikvpb.Tikv}: the one place where they meet. */
record TikvService(
    TxnReadRequests txnReads,
    TxnWriteRequests txnWrites,
    PessimisticRequests pessimistic,
    ResolveLockRequests resolveLocks,
    RawReadRequests rawReads,
    RawWriteRequests rawWrites,
    CoprocessorRequests coprocessor,
    RegionRequests regions,
    HistoryRequests history,
    RangeRequests ranges) {

  /**
   * @param streams is told of each stream of batches
   */
  RpcService bind(SlowLog slow, BatchStreams streams) {
    RpcService.Builder service = RpcService.named(TikvGrpc.SERVICE_NAME);
    bindTransactions(service);
    bindRaw(service);
    service
        .unary(RpcMethods.of(TikvGrpc.getCoprocessorMethod()), coprocessor::unary)
        .unary(RpcMethods.of(TikvGrpc.getSplitRegionMethod()), regions::split)
        .unary(RpcMethods.of(TikvGrpc.getReadIndexMethod()), regions::readIndex);
    BatchedMethods batched = new BatchedMethods(slow.watch(service.build()));
    return slow.watch(
        service.stream(RpcMethods.of(TikvGrpc.getCoprocessorStreamMethod()), coprocessor::stream)
            .stream(RpcMethods.of(TikvGrpc.getBatchCoprocessorMethod()), coprocessor::batch)
            .stream(
                RpcMethods.of(TikvGrpc.getBatchCommandsMethod()),
                (responses, call) -> streams.serve(batched, responses, call))
            .build());
  }

  private void bindTransactions(RpcService.Builder service) {
    service
        .unary(RpcMethods.of(TikvGrpc.getKvGetMethod()), txnReads::get)
        .unary(RpcMethods.of(TikvGrpc.getKvScanMethod()), txnReads::scan)
        .unary(RpcMethods.of(TikvGrpc.getKvBatchGetMethod()), txnReads::batchGet)
        .unary(RpcMethods.of(TikvGrpc.getKvPrewriteMethod()), txnWrites::prewrite)
        .unary(RpcMethods.of(TikvGrpc.getKvCommitMethod()), txnWrites::commit)
        .unary(RpcMethods.of(TikvGrpc.getKvCleanupMethod()), txnWrites::cleanup)
        .unary(RpcMethods.of(TikvGrpc.getKvBatchRollbackMethod()), txnWrites::batchRollback)
        .unary(RpcMethods.of(TikvGrpc.getKvScanLockMethod()), txnReads::scanLock)
        .unary(RpcMethods.of(TikvGrpc.getKvResolveLockMethod()), resolveLocks::resolve)
        .unary(RpcMethods.of(TikvGrpc.getKvCheckTxnStatusMethod()), txnWrites::checkTxnStatus)
        .unary(
            RpcMethods.of(TikvGrpc.getKvCheckSecondaryLocksMethod()),
            txnWrites::checkSecondaryLocks)
        .unary(RpcMethods.of(TikvGrpc.getKvPessimisticLockMethod()), pessimistic::lock)
        .unary(RpcMethods.of(TikvGrpc.getKVPessimisticRollbackMethod()), pessimistic::rollback)
        .unary(RpcMethods.of(TikvGrpc.getGetLockWaitInfoMethod()), pessimistic::waiting)
        .unary(RpcMethods.of(TikvGrpc.getKvTxnHeartBeatMethod()), txnWrites::heartBeat)
        .unary(RpcMethods.of(TikvGrpc.getKvGCMethod()), TikvService::collectGarbage)
        .unary(RpcMethods.of(TikvGrpc.getKvDeleteRangeMethod()), ranges::delete)
        .unary(RpcMethods.of(TikvGrpc.getUnsafeDestroyRangeMethod()), ranges::destroy)
        .unary(RpcMethods.of(TikvGrpc.getMvccGetByKeyMethod()), history::byKey)
        .unary(RpcMethods.of(TikvGrpc.getMvccGetByStartTsMethod()), history::byStartTs);
  }

  private void bindRaw(RpcService.Builder service) {
    service
        .unary(RpcMethods.of(TikvGrpc.getRawGetMethod()), rawReads::get)
        .unary(RpcMethods.of(TikvGrpc.getRawBatchGetMethod()), rawReads::batchGet)
        .unary(RpcMethods.of(TikvGrpc.getRawPutMethod()), rawWrites::put)
        .unary(RpcMethods.of(TikvGrpc.getRawBatchPutMethod()), rawWrites::batchPut)
        .unary(RpcMethods.of(TikvGrpc.getRawDeleteMethod()), rawWrites::delete)
        .unary(RpcMethods.of(TikvGrpc.getRawBatchDeleteMethod()), rawWrites::batchDelete)
        .unary(RpcMethods.of(TikvGrpc.getRawScanMethod()), rawReads::scan)
        .unary(RpcMethods.of(TikvGrpc.getRawBatchScanMethod()), rawReads::batchScan)
        .unary(RpcMethods.of(TikvGrpc.getRawDeleteRangeMethod()), rawWrites::deleteRange)
        .unary(RpcMethods.of(TikvGrpc.getRawGetKeyTTLMethod()), rawReads::getKeyTtl)
        .unary(RpcMethods.of(TikvGrpc.getRawChecksumMethod()), rawReads::checksum)
        .unary(RpcMethods.of(TikvGrpc.getRawCompareAndSwapMethod()), rawWrites::compareAndSwap);
  }

  /** As TiKV answers it, which collects on its own account too. */
  private static CompletionStage<GCResponse> collectGarbage(GCRequest request, RpcCall call) {
    return CompletableFuture.failedFuture(
        new RpcException(
            RpcStatus.UNIMPLEMENTED,
            "stores collect garbage by themselves, as the placement driver says; set gc-life-time"
                + " there"));
  }
}
