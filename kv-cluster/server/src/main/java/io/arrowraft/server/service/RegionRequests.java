package io.arrowraft.server.service;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.kvrpcpb.KeyError;
import io.arrowraft.proto.kvrpcpb.KeyRange;
import io.arrowraft.proto.kvrpcpb.LockInfo;
import io.arrowraft.proto.kvrpcpb.ReadIndexRequest;
import io.arrowraft.proto.kvrpcpb.ReadIndexResponse;
import io.arrowraft.proto.kvrpcpb.SplitRegionRequest;
import io.arrowraft.proto.kvrpcpb.SplitRegionResponse;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionStore;
import io.arrowraft.server.txn.LockInfos;
import io.arrowraft.server.txn.MemoryLocks;
import io.arrowraft.storage.mvcc.LockedKey;
import io.arrowraft.storage.mvcc.MvccKeys;
import io.arrowraft.storage.mvcc.ReadView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Answers requests about regions rather than about keys. */
final class RegionRequests {
  private final RequestGate gate;
  private final Answers answers;
  private final RegionStore regions;
  private final MemoryLocks memoryLocks;

  RegionRequests(RequestGate gate, Answers answers, RegionStore regions, MemoryLocks memoryLocks) {
    this.gate = gate;
    this.answers = answers;
    this.regions = regions;
    this.memoryLocks = memoryLocks;
  }

  CompletionStage<SplitRegionResponse> split(SplitRegionRequest request, RpcCall call) {
    ResponseForm<SplitRegionResponse> form =
        ResponseForm.transactional(
            error -> SplitRegionResponse.newBuilder().setRegionError(error).build(),
            error -> SplitRegionResponse.newBuilder().addErrors(error).build());
    return answers.answer(
        form,
        () -> {
          RegionRequest region = gate.admit(request.getContext(), call);
          return regions.split(region, splitKeys(request)).thenApply(RegionRequests::split);
        });
  }

  @SuppressWarnings("deprecation") // Older clients send the single key.
  private List<byte[]> splitKeys(SplitRegionRequest request) {
    List<ByteString> wanted = new ArrayList<>(request.getSplitKeysList());
    if (wanted.isEmpty() && !request.getSplitKey().isEmpty()) {
      wanted.add(request.getSplitKey());
    }
    if (wanted.isEmpty()) {
      throw new InvalidRequestException("a split needs at least one key");
    }
    List<byte[]> keys = new ArrayList<>(wanted.size());
    for (ByteString key : wanted) {
      if (key.isEmpty()) {
        throw new InvalidRequestException("a region cannot begin at the empty key");
      }
      byte[] plain = gate.key(key);
      keys.add(request.getIsRawKv() ? plain : MvccKeys.encode(Bytes.wrap(plain)));
    }
    return keys;
  }

  @SuppressWarnings("deprecation") // Older clients read left and right.
  private static SplitRegionResponse split(List<Region> parts) {
    SplitRegionResponse.Builder response = SplitRegionResponse.newBuilder().addAllRegions(parts);
    if (parts.size() == 2) {
      response.setLeft(parts.get(0)).setRight(parts.get(1));
    }
    return response.build();
  }

  /**
   * Tells a replica which entry it must have applied before it may read at {@code start_ts}, or
   * which memory lock of the leader stands in the way.
   */
  CompletionStage<ReadIndexResponse> readIndex(ReadIndexRequest request, RpcCall call) {
    ResponseForm<ReadIndexResponse> form =
        new ResponseForm<>(
            error -> ReadIndexResponse.newBuilder().setRegionError(error).build(),
            RegionRequests::lockedOnly,
            message -> {
              throw new RpcException(RpcStatus.INVALID_ARGUMENT, message);
            });
    return answers.answer(
        form,
        () -> {
          RegionRequest region = gate.admit(request.getContext(), call);
          ReadView view = ReadView.at(request.getStartTs());
          memoryLocks.observeRead(request.getStartTs());
          for (KeyRange range : request.getRangesList()) {
            Optional<LockedKey> blocking =
                memoryLocks.blocking(
                    Bytes.wrap(gate.bound(range.getStartKey())),
                    Bytes.wrap(gate.bound(range.getEndKey())),
                    view);
            if (blocking.isPresent()) {
              return CompletableFuture.completedFuture(locked(LockInfos.of(blocking.get())));
            }
          }
          return regions
              .readIndex(region)
              .thenApply(index -> ReadIndexResponse.newBuilder().setReadIndex(index).build());
        });
  }

  private static ReadIndexResponse lockedOnly(KeyError error) {
    return locked(error.getLocked());
  }

  private static ReadIndexResponse locked(LockInfo lock) {
    return ReadIndexResponse.newBuilder().setLocked(lock).build();
  }
}
