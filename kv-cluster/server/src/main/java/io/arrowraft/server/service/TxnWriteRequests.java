package io.arrowraft.server.service;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.arrowraft.proto.kvrpcpb.Action;
import io.arrowraft.proto.kvrpcpb.BatchRollbackRequest;
import io.arrowraft.proto.kvrpcpb.BatchRollbackResponse;
import io.arrowraft.proto.kvrpcpb.CheckSecondaryLocksRequest;
import io.arrowraft.proto.kvrpcpb.CheckSecondaryLocksResponse;
import io.arrowraft.proto.kvrpcpb.CheckTxnStatusRequest;
import io.arrowraft.proto.kvrpcpb.CheckTxnStatusResponse;
import io.arrowraft.proto.kvrpcpb.CleanupRequest;
import io.arrowraft.proto.kvrpcpb.CleanupResponse;
import io.arrowraft.proto.kvrpcpb.CommitRequest;
import io.arrowraft.proto.kvrpcpb.CommitResponse;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.kvrpcpb.KeyError;
import io.arrowraft.proto.kvrpcpb.PrewriteRequest;
import io.arrowraft.proto.kvrpcpb.PrewriteResponse;
import io.arrowraft.proto.kvrpcpb.TxnHeartBeatRequest;
import io.arrowraft.proto.kvrpcpb.TxnHeartBeatResponse;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.txn.LockInfos;
import io.arrowraft.server.txn.TimestampSync;
import io.arrowraft.server.txn.TxnCommands;
import io.arrowraft.storage.txn.CheckSecondaryLocks;
import io.arrowraft.storage.txn.CheckTxnStatus;
import io.arrowraft.storage.txn.Cleanup;
import io.arrowraft.storage.txn.Command;
import io.arrowraft.storage.txn.Commit;
import io.arrowraft.storage.txn.Rollback;
import io.arrowraft.storage.txn.TxnError;
import io.arrowraft.storage.txn.TxnHeartBeat;
import io.arrowraft.storage.txn.TxnResult;
import io.arrowraft.storage.txn.TxnStatus;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Answers the steps of transactions that may write. */
final class TxnWriteRequests {
  private final RequestGate gate;
  private final Answers answers;
  private final TxnCommands commands;
  private final TimestampSync sync;

  TxnWriteRequests(RequestGate gate, Answers answers, TxnCommands commands, TimestampSync sync) {
    this.sync = sync;
    this.gate = gate;
    this.answers = answers;
    this.commands = commands;
  }

  CompletionStage<PrewriteResponse> prewrite(PrewriteRequest request, RpcCall call) {
    return Prewrites.wantsEarlyCommit(request)
        ? sync.ensure(request.getContext().getRegionId())
            .thenCompose(settled -> prewriteNow(request, call))
        : prewriteNow(request, call);
  }

  private CompletionStage<PrewriteResponse> prewriteNow(PrewriteRequest request, RpcCall call) {
    return run(
        request.getContext(),
        request,
        call,
        ResponseForm.transactional(
            error -> PrewriteResponse.newBuilder().setRegionError(error).build(),
            error -> PrewriteResponse.newBuilder().addErrors(error).build()),
        () -> Prewrites.command(request, gate),
        result ->
            PrewriteResponse.newBuilder()
                .setMinCommitTs(result.minCommitTs())
                .setOnePcCommitTs(result.onePhaseCommitTs())
                .build(),
        errors ->
            PrewriteResponse.newBuilder()
                .addAllErrors(errors.stream().map(TxnErrors::keyError).toList())
                .build());
  }

  CompletionStage<CommitResponse> commit(CommitRequest request, RpcCall call) {
    return run(
        request.getContext(),
        request,
        call,
        ResponseForm.transactional(
            error -> CommitResponse.newBuilder().setRegionError(error).build(),
            error -> CommitResponse.newBuilder().setError(error).build()),
        () ->
            new Commit(
                keys(request.getKeysList()), request.getStartVersion(), request.getCommitVersion()),
        done -> CommitResponse.newBuilder().setCommitVersion(request.getCommitVersion()).build(),
        errors -> CommitResponse.newBuilder().setError(first(errors)).build());
  }

  CompletionStage<CleanupResponse> cleanup(CleanupRequest request, RpcCall call) {
    return run(
        request.getContext(),
        request,
        call,
        ResponseForm.transactional(
            error -> CleanupResponse.newBuilder().setRegionError(error).build(),
            error -> CleanupResponse.newBuilder().setError(error).build()),
        () -> new Cleanup(key(request.getKey()), request.getStartVersion(), request.getCurrentTs()),
        done -> CleanupResponse.getDefaultInstance(),
        errors ->
            // That the transaction has committed is an answer here, not an error.
            errors.get(0) instanceof TxnError.Committed committed
                ? CleanupResponse.newBuilder().setCommitVersion(committed.commitTs()).build()
                : CleanupResponse.newBuilder().setError(first(errors)).build());
  }

  CompletionStage<BatchRollbackResponse> batchRollback(BatchRollbackRequest request, RpcCall call) {
    return run(
        request.getContext(),
        request,
        call,
        ResponseForm.transactional(
            error -> BatchRollbackResponse.newBuilder().setRegionError(error).build(),
            error -> BatchRollbackResponse.newBuilder().setError(error).build()),
        () -> new Rollback(keys(request.getKeysList()), request.getStartVersion()),
        done -> BatchRollbackResponse.getDefaultInstance(),
        errors -> BatchRollbackResponse.newBuilder().setError(first(errors)).build());
  }

  CompletionStage<CheckSecondaryLocksResponse> checkSecondaryLocks(
      CheckSecondaryLocksRequest request, RpcCall call) {
    return run(
        request.getContext(),
        request,
        call,
        ResponseForm.transactional(
            error -> CheckSecondaryLocksResponse.newBuilder().setRegionError(error).build(),
            error -> CheckSecondaryLocksResponse.newBuilder().setError(error).build()),
        () -> new CheckSecondaryLocks(keys(request.getKeysList()), request.getStartVersion()),
        found ->
            CheckSecondaryLocksResponse.newBuilder()
                .addAllLocks(found.locks().stream().map(LockInfos::of).toList())
                .setCommitTs(found.commitTs())
                .build(),
        errors -> CheckSecondaryLocksResponse.newBuilder().setError(first(errors)).build());
  }

  CompletionStage<TxnHeartBeatResponse> heartBeat(TxnHeartBeatRequest request, RpcCall call) {
    return run(
        request.getContext(),
        request,
        call,
        ResponseForm.transactional(
            error -> TxnHeartBeatResponse.newBuilder().setRegionError(error).build(),
            error -> TxnHeartBeatResponse.newBuilder().setError(error).build()),
        () ->
            new TxnHeartBeat(
                key(request.getPrimaryLock()),
                request.getStartVersion(),
                request.getAdviseLockTtl()),
        ttl -> TxnHeartBeatResponse.newBuilder().setLockTtl(ttl).build(),
        errors -> TxnHeartBeatResponse.newBuilder().setError(first(errors)).build());
  }

  CompletionStage<CheckTxnStatusResponse> checkTxnStatus(
      CheckTxnStatusRequest request, RpcCall call) {
    return run(
        request.getContext(),
        request,
        call,
        ResponseForm.transactional(
            error -> CheckTxnStatusResponse.newBuilder().setRegionError(error).build(),
            error -> CheckTxnStatusResponse.newBuilder().setError(error).build()),
        () ->
            new CheckTxnStatus(
                key(request.getPrimaryKey()),
                request.getLockTs(),
                request.getCallerStartTs(),
                request.getCurrentTs(),
                request.getRollbackIfNotExist(),
                request.getForceSyncCommit(),
                request.getResolvingPessimisticLock(),
                request.getVerifyIsPrimary()),
        TxnWriteRequests::status,
        errors -> CheckTxnStatusResponse.newBuilder().setError(first(errors)).build());
  }

  private static CheckTxnStatusResponse status(TxnStatus status) {
    CheckTxnStatusResponse.Builder response = CheckTxnStatusResponse.newBuilder();
    if (status instanceof TxnStatus.Committed committed) {
      response.setCommitVersion(committed.commitTs());
    } else if (status instanceof TxnStatus.Uncommitted alive) {
      response
          .setLockTtl(alive.primary().lock().ttlMillis())
          .setLockInfo(LockInfos.of(alive.primary()))
          .setAction(alive.minCommitTsPushed() ? Action.MinCommitTSPushed : Action.NoAction);
    } else if (status instanceof TxnStatus.TtlExpired) {
      response.setAction(Action.TTLExpireRollback);
    } else if (status instanceof TxnStatus.LockNotExist) {
      response.setAction(Action.LockNotExistRollback);
    } else if (status instanceof TxnStatus.LockNotExistDoNothing) {
      response.setAction(Action.LockNotExistDoNothing);
    } else if (status instanceof TxnStatus.PessimisticallyRolledBack) {
      response.setAction(Action.TTLExpirePessimisticRollback);
    }
    return response.build();
  }

  private <V, R> CompletionStage<R> run(
      Context context,
      MessageLite request,
      RpcCall call,
      ResponseForm<R> form,
      Answers.Step<Command<V>> command,
      Function<V, R> success,
      Function<List<TxnError>, R> failure) {
    return answers.answer(
        form,
        () -> {
          RegionRequest region = gate.admit(context, call);
          return commands
              .submit(region, command.run(), request.getSerializedSize(), call)
              .thenApply(result -> response(result, success, failure));
        });
  }

  private static <V, R> R response(
      TxnResult<V> result, Function<V, R> success, Function<List<TxnError>, R> failure) {
    if (result instanceof TxnResult.Success<V> done) {
      return success.apply(done.value());
    }
    return failure.apply(((TxnResult.Failure<V>) result).errors());
  }

  private Bytes key(ByteString key) {
    return Bytes.wrap(gate.key(key));
  }

  private List<Bytes> keys(List<ByteString> keys) {
    return keys.stream().map(this::key).toList();
  }

  private static KeyError first(List<TxnError> errors) {
    return TxnErrors.keyError(errors.get(0));
  }
}
