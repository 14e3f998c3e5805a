package io.arrowraft.server.service;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.kvrpcpb.ResolveLockRequest;
import io.arrowraft.proto.kvrpcpb.ResolveLockResponse;
import io.arrowraft.proto.kvrpcpb.TxnInfo;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.txn.KeyBounds;
import io.arrowraft.server.txn.SnapshotReads;
import io.arrowraft.server.txn.TxnCommands;
import io.arrowraft.server.txn.TxnReads;
import io.arrowraft.storage.mvcc.EncodedRange;
import io.arrowraft.storage.mvcc.LockedKey;
import io.arrowraft.storage.mvcc.MvccReader;
import io.arrowraft.storage.txn.Command;
import io.arrowraft.storage.txn.Done;
import io.arrowraft.storage.txn.ResolveLockKeys;
import io.arrowraft.storage.txn.ResolveLocks;
import io.arrowraft.storage.txn.ScanLocks;
import io.arrowraft.storage.txn.TxnResult;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Answers requests to settle the locks of transactions whose fate is known: on given keys, or
 * wherever the region has any, found page by page.
 */
final class ResolveLockRequests {
  private static final int LOCKS_PER_PAGE = 256;

  private final RequestGate gate;
  private final Answers answers;
  private final SnapshotReads reads;
  private final TxnCommands commands;

  ResolveLockRequests(
      RequestGate gate, Answers answers, SnapshotReads reads, TxnCommands commands) {
    this.gate = gate;
    this.answers = answers;
    this.reads = reads;
    this.commands = commands;
  }

  CompletionStage<ResolveLockResponse> resolve(ResolveLockRequest request, RpcCall call) {
    ResponseForm<ResolveLockResponse> form =
        ResponseForm.transactional(
            error -> ResolveLockResponse.newBuilder().setRegionError(error).build(),
            error -> ResolveLockResponse.newBuilder().setError(error).build());
    return answers.answer(
        form,
        () -> {
          RegionRequest region = gate.admit(request.getContext(), call);
          if (request.getKeysCount() > 0 && request.getTxnInfosCount() == 0) {
            return settle(region, onKeys(request), request.getSerializedSize(), call)
                .thenApply(ResolveLockRequests::response);
          }
          return sweep(region, fates(request), EncodedRange.ALL, call)
              .thenApply(ResolveLockRequests::response);
        });
  }

  private ResolveLockKeys onKeys(ResolveLockRequest request) {
    List<Bytes> keys =
        request.getKeysList().stream().map((ByteString key) -> Bytes.wrap(gate.key(key))).toList();
    return new ResolveLockKeys(keys, request.getStartVersion(), request.getCommitVersion());
  }

  private static Map<Long, Long> fates(ResolveLockRequest request) {
    Map<Long, Long> fates = new LinkedHashMap<>();
    for (TxnInfo transaction : request.getTxnInfosList()) {
      fates.put(transaction.getTxn(), transaction.getStatus());
    }
    if (fates.isEmpty()) {
      fates.put(request.getStartVersion(), request.getCommitVersion());
    }
    return fates;
  }

  /** Settles one page of locks and goes on behind it. */
  private CompletionStage<TxnResult<Done>> sweep(
      RegionRequest region, Map<Long, Long> fates, EncodedRange rest, RpcCall call) {
    return reads
        .read(region, call, snapshot -> page(snapshot, fates, rest))
        .thenCompose(page -> settlePage(region, fates, page, call));
  }

  private static ScanLocks.Page page(
      RegionSnapshot snapshot, Map<Long, Long> fates, EncodedRange rest) {
    EncodedRange range = TxnReads.encoded(KeyBounds.of(snapshot.region())).intersect(rest);
    try (MvccReader reader = TxnReads.reader(snapshot)) {
      return ScanLocks.of(fates.keySet(), range, LOCKS_PER_PAGE).run(reader);
    }
  }

  private CompletionStage<TxnResult<Done>> settlePage(
      RegionRequest region, Map<Long, Long> fates, ScanLocks.Page page, RpcCall call) {
    if (page.locks().isEmpty()) {
      return CompletableFuture.completedFuture(new TxnResult.Success<>(Done.DONE));
    }
    List<Bytes> keys = page.locks().stream().map(LockedKey::key).toList();
    long bytes = keys.stream().mapToLong(Bytes::length).sum();
    Optional<EncodedRange> rest = page.rest();
    return settle(region, new ResolveLocks(keys, fates), bytes, call)
        .thenCompose(
            result ->
                rest.isEmpty() || result instanceof TxnResult.Failure
                    ? CompletableFuture.completedFuture(result)
                    : sweep(region, fates, rest.get(), call));
  }

  private CompletionStage<TxnResult<Done>> settle(
      RegionRequest region, Command<Done> command, long bytes, RpcCall call) {
    return commands.submit(region, command, bytes, call);
  }

  private static ResolveLockResponse response(TxnResult<Done> result) {
    return result instanceof TxnResult.Failure<Done> failure
        ? ResolveLockResponse.newBuilder()
            .setError(TxnErrors.keyError(failure.errors().get(0)))
            .build()
        : ResolveLockResponse.getDefaultInstance();
  }
}
