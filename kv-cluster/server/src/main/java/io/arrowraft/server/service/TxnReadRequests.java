package io.arrowraft.server.service;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.arrowraft.proto.kvrpcpb.BatchGetRequest;
import io.arrowraft.proto.kvrpcpb.BatchGetResponse;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.kvrpcpb.ExecDetailsV2;
import io.arrowraft.proto.kvrpcpb.GetRequest;
import io.arrowraft.proto.kvrpcpb.GetResponse;
import io.arrowraft.proto.kvrpcpb.KeyError;
import io.arrowraft.proto.kvrpcpb.KvPair;
import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.proto.kvrpcpb.ScanDetailV2;
import io.arrowraft.proto.kvrpcpb.ScanLockRequest;
import io.arrowraft.proto.kvrpcpb.ScanLockResponse;
import io.arrowraft.proto.kvrpcpb.ScanRequest;
import io.arrowraft.proto.kvrpcpb.ScanResponse;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.txn.LockInfos;
import io.arrowraft.server.txn.MemoryLocks;
import io.arrowraft.server.txn.ReadViews;
import io.arrowraft.server.txn.ReplicaReads;
import io.arrowraft.server.txn.ResponseTooLargeException;
import io.arrowraft.server.txn.ScanBuffers;
import io.arrowraft.server.txn.SnapshotReads;
import io.arrowraft.server.txn.TxnReads;
import io.arrowraft.storage.mvcc.GetResult;
import io.arrowraft.storage.mvcc.LockedKey;
import io.arrowraft.storage.mvcc.ReadStatistics;
import io.arrowraft.storage.mvcc.ReadView;
import io.arrowraft.storage.mvcc.ScanEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/**
 * Answers reads of transactional keys. Each raises the store's greatest read timestamp and passes
 * the memory locks before its snapshot is taken; a replica's read does so at the leader, with its
 * read index.
 */
final class TxnReadRequests {
  private final RequestGate gate;
  private final Answers answers;
  private final SnapshotReads reads;
  private final MemoryLocks memoryLocks;
  private final ScanBuffers buffers;
  private final TimeSource time;

  TxnReadRequests(
      RequestGate gate,
      Answers answers,
      SnapshotReads reads,
      MemoryLocks memoryLocks,
      ScanBuffers buffers,
      TimeSource time) {
    this.gate = gate;
    this.answers = answers;
    this.reads = reads;
    this.memoryLocks = memoryLocks;
    this.buffers = buffers;
    this.time = time;
  }

  CompletionStage<GetResponse> get(GetRequest request, RpcCall call) {
    ResponseForm<GetResponse> form =
        ResponseForm.transactional(
            error -> GetResponse.newBuilder().setRegionError(error).build(),
            error -> GetResponse.newBuilder().setError(error).build());
    return answers.answer(
        form,
        () -> {
          RegionRequest region = gate.admit(request.getContext(), call);
          Bytes key = Bytes.wrap(gate.key(request.getKey()));
          ReadView view = view(request.getContext(), request.getVersion());
          memoryLocks.observeRead(view.readTs());
          Optional<LockedKey> blocking = memoryLocks.blocking(key, view);
          if (blocking.isPresent()) {
            return CompletableFuture.completedFuture(form.keyError().apply(locked(blocking.get())));
          }
          return reads.read(
              region,
              call,
              () -> ReplicaReads.questionOfKeys(List.of(key), view),
              snapshot -> response(TxnReads.get(snapshot, key, view), request.getNeedCommitTs()));
        });
  }

  private static GetResponse response(TxnReads.Read<GetResult> read, boolean needCommitTs) {
    GetResponse.Builder response = GetResponse.newBuilder().setExecDetailsV2(cost(read.cost()));
    GetResult result = read.answer();
    if (result instanceof GetResult.Found found) {
      response.setValue(wrap(found.value()));
      if (needCommitTs) {
        response.setCommitTs(found.commitTs());
      }
    } else if (result instanceof GetResult.Locked blocked) {
      response.setError(locked(blocked.locked()));
    } else {
      response.setNotFound(true);
    }
    return response.build();
  }

  CompletionStage<BatchGetResponse> batchGet(BatchGetRequest request, RpcCall call) {
    ResponseForm<BatchGetResponse> form =
        ResponseForm.transactional(
            error -> BatchGetResponse.newBuilder().setRegionError(error).build(),
            // In a pair too, for clients that look at pairs alone.
            error ->
                BatchGetResponse.newBuilder()
                    .setError(error)
                    .addPairs(KvPair.newBuilder().setError(error))
                    .build());
    return answers.answer(
        form,
        () -> {
          RegionRequest region = gate.admit(request.getContext(), call);
          List<Bytes> keys = keys(request.getKeysList());
          ReadView view = view(request.getContext(), request.getVersion());
          memoryLocks.observeRead(view.readTs());
          for (Bytes key : keys) {
            Optional<LockedKey> blocking = memoryLocks.blocking(key, view);
            if (blocking.isPresent()) {
              return CompletableFuture.completedFuture(
                  form.keyError().apply(locked(blocking.get())));
            }
          }
          return reads.read(
              region,
              call,
              () -> ReplicaReads.questionOfKeys(keys, view),
              snapshot -> {
                TxnReads.Read<List<ScanEntry>> read =
                    TxnReads.batchGet(snapshot, keys, view, gate.responseBytesMax());
                return BatchGetResponse.newBuilder()
                    .addAllPairs(pairs(read.answer()))
                    .setExecDetailsV2(cost(read.cost()))
                    .build();
              });
        });
  }

  CompletionStage<ScanResponse> scan(ScanRequest request, RpcCall call) {
    ResponseForm<ScanResponse> form =
        ResponseForm.transactional(
            error -> ScanResponse.newBuilder().setRegionError(error).build(),
            error ->
                ScanResponse.newBuilder()
                    .setError(error)
                    .addPairs(KvPair.newBuilder().setError(error))
                    .build());
    return answers.answer(
        form,
        () -> {
          RegionRequest region = gate.admit(request.getContext(), call);
          TxnReads.Scan scan = scanOf(request);
          ReadView view = view(request.getContext(), request.getVersion());
          memoryLocks.observeRead(view.readTs());
          Optional<LockedKey> blocking = memoryLocks.blocking(scan.lower(), scan.upper(), view);
          if (blocking.isPresent()) {
            return CompletableFuture.completedFuture(form.keyError().apply(locked(blocking.get())));
          }
          BooleanSupplier cancelled = () -> call.isCancelled() || region.deadline().isExpired(time);
          return reads.read(
              region,
              call,
              () ->
                  ReplicaReads.questionOfRanges(
                      List.of(new ReplicaReads.Range(scan.lower(), scan.upper())), view),
              snapshot ->
                  ScanResponse.newBuilder()
                      .addAllPairs(
                          pairs(TxnReads.scan(snapshot, scan, view, buffers, cancelled).answer()))
                      .build());
        });
  }

  /** On the wire a descending scan starts from its upper bound. */
  private TxnReads.Scan scanOf(ScanRequest request) {
    if (request.getSampleStep() != 0) {
      throw new InvalidRequestException("sample_step is not served; leave it 0");
    }
    Bytes start = Bytes.wrap(gate.bound(request.getStartKey()));
    Bytes end = Bytes.wrap(gate.bound(request.getEndKey()));
    boolean reverse = request.getReverse();
    return new TxnReads.Scan(
        reverse ? end : start,
        reverse ? start : end,
        reverse,
        request.getKeyOnly(),
        RequestGate.limit(request.getLimit()));
  }

  CompletionStage<ScanLockResponse> scanLock(ScanLockRequest request, RpcCall call) {
    ResponseForm<ScanLockResponse> form =
        ResponseForm.transactional(
            error -> ScanLockResponse.newBuilder().setRegionError(error).build(),
            error -> ScanLockResponse.newBuilder().setError(error).build());
    return answers.answer(
        form,
        () -> {
          RegionRequest region = gate.admit(request.getContext(), call).byLeader();
          Bytes start = Bytes.wrap(gate.bound(request.getStartKey()));
          Bytes end = Bytes.wrap(gate.bound(request.getEndKey()));
          long maxTs = request.getMaxVersion();
          // Who lists the locks up to a timestamp relies on no later lock committing below it.
          memoryLocks.observeRead(maxTs);
          Optional<LockedKey> blocking = memoryLocks.startedBy(start, end, maxTs);
          if (blocking.isPresent()) {
            return CompletableFuture.completedFuture(form.keyError().apply(locked(blocking.get())));
          }
          return reads.read(
              region,
              call,
              snapshot ->
                  locks(
                      TxnReads.locks(
                          snapshot, start, end, maxTs, RequestGate.limit(request.getLimit()))));
        });
  }

  private ScanLockResponse locks(List<LockedKey> found) {
    ScanLockResponse.Builder response = ScanLockResponse.newBuilder();
    long bytes = 0;
    for (LockedKey locked : found) {
      LockInfo info = LockInfos.of(locked);
      bytes += info.getSerializedSize();
      if (bytes > gate.responseBytesMax()) {
        throw new ResponseTooLargeException("lock scan", gate.responseBytesMax());
      }
      response.addLocks(info);
    }
    return response.build();
  }

  private List<Bytes> keys(List<ByteString> keys) {
    return gate.keys(keys).stream().map(Bytes::wrap).toList();
  }

  private static ReadView view(Context context, long version) {
    return ReadViews.of(context, version)
        .orElseThrow(
            () ->
                new InvalidRequestException(
                    "isolation level "
                        + context.getIsolationLevel()
                        + " is not served; use SI or RC"));
  }

  private static List<KvPair> pairs(List<ScanEntry> entries) {
    List<KvPair> pairs = new ArrayList<>(entries.size());
    for (ScanEntry entry : entries) {
      if (entry instanceof ScanEntry.Row row) {
        pairs.add(KvPair.newBuilder().setKey(wrap(row.key())).setValue(wrap(row.value())).build());
      } else if (entry instanceof ScanEntry.Blocked blocked) {
        pairs.add(KvPair.newBuilder().setError(locked(blocked.locked())).build());
      }
    }
    return pairs;
  }

  private static KeyError locked(LockedKey locked) {
    return KeyError.newBuilder().setLocked(LockInfos.of(locked)).build();
  }

  private static ExecDetailsV2 cost(ReadStatistics statistics) {
    return ExecDetailsV2.newBuilder()
        .setScanDetailV2(
            ScanDetailV2.newBuilder()
                .setProcessedVersions(statistics.processedKeys())
                .setTotalVersions(statistics.scannedVersions())
                .setProcessedVersionsSize(statistics.valueBytes()))
        .build();
  }

  private static ByteString wrap(Bytes bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes.unsafeArray());
  }
}
