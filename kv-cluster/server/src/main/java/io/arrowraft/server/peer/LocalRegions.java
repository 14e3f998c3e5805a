package io.arrowraft.server.peer;

import io.arrowraft.proto.metapb.Region;
import io.arrowraft.proto.store.StagedFile;
import io.arrowraft.server.region.CollectStep;
import io.arrowraft.server.region.ReadGuard;
import io.arrowraft.server.region.RegionErrorException;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionHash;
import io.arrowraft.server.region.RegionLoad;
import io.arrowraft.server.region.RegionObservers;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.region.RegionStore;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.server.snapshot.RegionHasher;
import io.arrowraft.storage.engine.EngineException;
import io.arrowraft.storage.engine.WriteBatch;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/** The seam of {@code io.arrowraft.server.region} over the replicas of this store. */
final class LocalRegions implements RegionStore {
  private final PeerContext context;
  private final RegionSplits splits;

  LocalRegions(PeerContext context, RegionSplits splits) {
    this.context = context;
    this.splits = splits;
  }

  @Override
  public long storeId() {
    return context.storeId();
  }

  @Override
  public CompletionStage<RegionSnapshot> snapshot(RegionRequest request) {
    return with(request, peer -> peer.requests().snapshot(request));
  }

  @Override
  public CompletionStage<RegionSnapshot> snapshot(RegionRequest request, byte[] question) {
    return with(request, peer -> peer.requests().snapshot(request, question));
  }

  @Override
  public void damaged(long regionId, String reason) {
    context.damaged().reportHere(regionId, reason);
  }

  @Override
  public void guardReads(ReadGuard guard) {
    context.readGuard().use(guard);
  }

  @Override
  public CompletionStage<Void> write(
      RegionRequest request, long term, List<WriteBatch.Operation> mutations) {
    return with(request, peer -> peer.requests().write(request, term, mutations));
  }

  @Override
  public CompletionStage<Void> collect(RegionRequest request, long term, CollectStep step) {
    return with(request, peer -> peer.requests().collect(request, term, step));
  }

  @Override
  public void raiseSafePoint(long safePoint) {
    context.safePoint().raise(safePoint, context.engine());
  }

  @Override
  public long safePoint() {
    return context.safePoint().timestamp();
  }

  @Override
  public CompletionStage<Void> ingest(RegionRequest request, List<StagedFile> files) {
    return with(request, peer -> peer.requests().ingest(request, files));
  }

  @Override
  public CompletionStage<Long> readIndex(RegionRequest request) {
    return with(request, peer -> peer.requests().readIndex(request));
  }

  @Override
  public CompletionStage<List<Region>> split(RegionRequest request, List<byte[]> splitKeys) {
    return with(request, peer -> splits.split(peer, request, splitKeys));
  }

  @Override
  public CompletionStage<RegionHash> regionHash(long regionId) {
    CompletableFuture<RegionHash> result = new CompletableFuture<>();
    try {
      context
          .workers()
          .execute(
              () -> {
                try {
                  result.complete(RegionHasher.hash(context.engine(), regionId));
                } catch (RegionErrorException absent) {
                  result.completeExceptionally(absent);
                } catch (EngineException unreadable) {
                  result.completeExceptionally(readFailure(regionId, unreadable));
                }
              });
    } catch (RejectedExecutionException full) {
      result.completeExceptionally(RegionErrors.serverIsBusy("workers are busy"));
    }
    return result;
  }

  @Override
  public Optional<RegionView> region(long regionId) {
    return context.directory().find(regionId).flatMap(RegionPeer::view);
  }

  @Override
  public List<RegionView> regions() {
    return context.directory().views();
  }

  @Override
  public RegionLoad load(long regionId) {
    return context
        .directory()
        .find(regionId)
        .map(peer -> peer.traffic().load())
        .orElseGet(RegionLoad::new);
  }

  @Override
  public RegionObservers observers() {
    return context.observers();
  }

  private <T> CompletionStage<T> with(
      RegionRequest request, Function<RegionPeer, CompletionStage<T>> action) {
    long requestedStore = request.peer().getStoreId();
    if (requestedStore != 0 && requestedStore != context.storeId()) {
      return CompletableFuture.failedFuture(
          RegionErrors.storeNotMatch(requestedStore, context.storeId()));
    }
    Optional<RegionPeer> peer = context.directory().find(request.regionId());
    return peer.isPresent()
        ? action.apply(peer.get())
        : CompletableFuture.failedFuture(RegionErrors.regionNotFound(request.regionId()));
  }
}
