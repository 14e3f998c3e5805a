package io.arrowraft.server.service;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.proto.kvrpcpb.MvccGetByKeyRequest;
import io.arrowraft.proto.kvrpcpb.MvccGetByKeyResponse;
import io.arrowraft.proto.kvrpcpb.MvccGetByStartTsRequest;
import io.arrowraft.proto.kvrpcpb.MvccGetByStartTsResponse;
import io.arrowraft.proto.kvrpcpb.MvccInfo;
import io.arrowraft.proto.kvrpcpb.MvccLock;
import io.arrowraft.proto.kvrpcpb.MvccValue;
import io.arrowraft.proto.kvrpcpb.MvccWrite;
import io.arrowraft.proto.kvrpcpb.Op;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.txn.LockInfos;
import io.arrowraft.server.txn.MvccHistory;
import io.arrowraft.server.txn.SnapshotReads;
import io.arrowraft.storage.mvcc.CommittedWrite;
import io.arrowraft.storage.mvcc.Lock;
import io.arrowraft.storage.mvcc.Write;
import io.arrowraft.storage.mvcc.WriteType;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/** Answers those who look into what happened to a key. */
final class HistoryRequests {
  private final RequestGate gate;
  private final Answers answers;
  private final SnapshotReads reads;
  private final TimeSource time;

  HistoryRequests(RequestGate gate, Answers answers, SnapshotReads reads, TimeSource time) {
    this.gate = gate;
    this.answers = answers;
    this.reads = reads;
    this.time = time;
  }

  CompletionStage<MvccGetByKeyResponse> byKey(MvccGetByKeyRequest request, RpcCall call) {
    ResponseForm<MvccGetByKeyResponse> form =
        ResponseForm.raw(
            error -> MvccGetByKeyResponse.newBuilder().setRegionError(error).build(),
            error -> MvccGetByKeyResponse.newBuilder().setError(error).build());
    return answers.answer(
        form,
        () -> {
          RegionRequest region = gate.admit(request.getContext(), call);
          Bytes key = Bytes.wrap(gate.key(request.getKey()));
          return reads.read(
              region,
              call,
              snapshot -> MvccGetByKeyResponse.newBuilder().setInfo(info(snapshot, key)).build());
        });
  }

  CompletionStage<MvccGetByStartTsResponse> byStartTs(
      MvccGetByStartTsRequest request, RpcCall call) {
    ResponseForm<MvccGetByStartTsResponse> form =
        ResponseForm.raw(
            error -> MvccGetByStartTsResponse.newBuilder().setRegionError(error).build(),
            error -> MvccGetByStartTsResponse.newBuilder().setError(error).build());
    return answers.answer(
        form,
        () -> {
          RegionRequest region = gate.admit(request.getContext(), call);
          BooleanSupplier cancelled = () -> call.isCancelled() || region.deadline().isExpired(time);
          return reads.read(
              region,
              call,
              snapshot -> {
                Optional<Bytes> key = MvccHistory.keyOf(snapshot, request.getStartTs(), cancelled);
                MvccGetByStartTsResponse.Builder response = MvccGetByStartTsResponse.newBuilder();
                key.ifPresent(found -> response.setKey(wrap(found)).setInfo(info(snapshot, found)));
                return response.build();
              });
        });
  }

  private MvccInfo info(RegionSnapshot snapshot, Bytes key) {
    MvccHistory history = MvccHistory.of(snapshot, key, gate.responseBytesMax());
    MvccInfo.Builder info = MvccInfo.newBuilder();
    if (history.lock() != null) {
      info.setLock(lock(history.lock()));
    }
    history.writes().forEach(write -> info.addWrites(write(write)));
    for (MvccHistory.StoredValue value : history.values()) {
      info.addValues(
          MvccValue.newBuilder().setStartTs(value.startTs()).setValue(wrap(value.value())));
    }
    return info.build();
  }

  private static MvccLock lock(Lock lock) {
    MvccLock.Builder message =
        MvccLock.newBuilder()
            .setType(LockInfos.op(lock.type()))
            .setStartTs(lock.startTs())
            .setPrimary(wrap(lock.primary()))
            .setTtl(lock.ttlMillis())
            .setForUpdateTs(lock.forUpdateTs())
            .setTxnSize(lock.txnSize())
            .setUseAsyncCommit(lock.asyncCommit());
    if (lock.shortValue() != null) {
      message.setShortValue(wrap(lock.shortValue()));
    }
    lock.secondaries().forEach(key -> message.addSecondaries(wrap(key)));
    return message.build();
  }

  private static MvccWrite write(CommittedWrite committed) {
    Write write = committed.write();
    MvccWrite.Builder message =
        MvccWrite.newBuilder()
            .setType(op(write.type()))
            .setStartTs(write.startTs())
            .setCommitTs(committed.commitTs())
            .setHasOverlappedRollback(write.overlappedRollback());
    if (write.shortValue() != null) {
      message.setShortValue(wrap(write.shortValue()));
    }
    write.gcFence().ifPresent(fence -> message.setHasGcFence(true).setGcFence(fence));
    return message.build();
  }

  private static Op op(WriteType type) {
    return switch (type) {
      case PUT -> Op.Put;
      case DELETE -> Op.Del;
      case LOCK -> Op.Lock;
      case ROLLBACK -> Op.Rollback;
    };
  }

  private static ByteString wrap(Bytes bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes.unsafeArray());
  }
}
