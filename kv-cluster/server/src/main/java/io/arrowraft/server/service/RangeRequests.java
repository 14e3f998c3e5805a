package io.arrowraft.server.service;

import com.google.protobuf.ByteString;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.kvrpcpb.DeleteRangeRequest;
import io.arrowraft.proto.kvrpcpb.DeleteRangeResponse;
import io.arrowraft.proto.kvrpcpb.UnsafeDestroyRangeRequest;
import io.arrowraft.proto.kvrpcpb.UnsafeDestroyRangeResponse;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.proto.metapb.Region;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.server.region.CollectStep;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionStore;
import io.arrowraft.server.region.RegionView;
import io.arrowraft.server.txn.RangeRemoval;
import io.arrowraft.storage.engine.WriteBatch;
import io.arrowraft.storage.mvcc.EncodedRange;
import io.arrowraft.storage.mvcc.MvccKeys;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Answers requests to delete all of a range's transactional data.
 *
 * <p>TiKV destroys a range on each store for itself, past Raft. Here it goes through the logs of
 * the regions, so that replicas stay equal and no snapshot, hash or change feed misses it (rules 25
 * and 49). A store sees to every region that it has a replica of, wherever the leader is: a caller
 * that asks all stores, as it must, reaches each region even if leaders move meanwhile.
 *
 * <p>Who destroys a range has made sure that garbage collection has passed all who could still read
 * it. A replica that has not heard of that would answer such a reader with nothing. So the command
 * carries the placement driver's safe point, which is asked for here, and whoever applies it raises
 * its own first, as when single versions are removed.
 */
final class RangeRequests {
  private static final int ATTEMPTS_MAX = 8;
  private static final Duration PAUSE = Duration.ofMillis(250);

  /** Asks another store to destroy a range in one region that it leads. */
  @FunctionalInterface
  interface Elsewhere {
    CompletionStage<UnsafeDestroyRangeResponse> destroy(
        long storeId, UnsafeDestroyRangeRequest request);
  }

  private final RequestGate gate;
  private final Answers answers;
  private final RegionStore regions;
  private final Supplier<? extends CompletionStage<Long>> safePoint;
  private final EventLoop timers;
  private final Elsewhere elsewhere;

  /**
   * @param safePoint asks the placement driver for it
   */
  RangeRequests(
      RequestGate gate,
      Answers answers,
      RegionStore regions,
      Supplier<? extends CompletionStage<Long>> safePoint,
      EventLoop timers,
      Elsewhere elsewhere) {
    this.gate = gate;
    this.answers = answers;
    this.regions = regions;
    this.safePoint = safePoint;
    this.timers = timers;
    this.elsewhere = elsewhere;
  }

  CompletionStage<DeleteRangeResponse> delete(DeleteRangeRequest request, RpcCall call) {
    ResponseForm<DeleteRangeResponse> form =
        ResponseForm.raw(
            error -> DeleteRangeResponse.newBuilder().setRegionError(error).build(),
            error -> DeleteRangeResponse.newBuilder().setError(error).build());
    return answers.answer(
        form,
        () -> {
          RegionRequest region = gate.admit(request.getContext(), call);
          RangeRemoval range =
              new RangeRemoval(encoded(request.getStartKey()), encoded(request.getEndKey()), false);
          // Told to notify only: the data is about to go by other means.
          return (request.getNotifyOnly()
                  ? CompletableFuture.<Void>completedFuture(null)
                  : remove(region, range))
              .thenApply(done -> DeleteRangeResponse.getDefaultInstance());
        });
  }

  private CompletionStage<Void> remove(RegionRequest request, RangeRemoval range) {
    return safePoint
        .get()
        .thenCompose(
            passed -> {
              regions.raiseSafePoint(passed);
              return regions.snapshot(request);
            })
        .thenCompose(
            snapshot -> {
              List<WriteBatch.Operation> removals;
              long term;
              long index;
              try (snapshot) {
                term = snapshot.term();
                index = snapshot.appliedIndex();
                removals = range.in(snapshot.region());
              }
              return removals.isEmpty()
                  ? CompletableFuture.completedFuture(null)
                  : regions.collect(
                      request, term, new CollectStep(regions.safePoint(), index, removals, 0));
            });
  }

  private byte[] encoded(ByteString bound) {
    return MvccKeys.encodeBound(Bytes.wrap(gate.bound(bound)));
  }

  CompletionStage<UnsafeDestroyRangeResponse> destroy(
      UnsafeDestroyRangeRequest request, RpcCall call) {
    ResponseForm<UnsafeDestroyRangeResponse> form =
        ResponseForm.raw(
            error -> UnsafeDestroyRangeResponse.newBuilder().setRegionError(error).build(),
            error -> UnsafeDestroyRangeResponse.newBuilder().setError(error).build());
    return answers.answer(
        form,
        () -> {
          if (request.getContext().getRegionId() != 0) {
            return destroyHere(request.getContext(), request, call); // another store asks
          }
          EncodedRange range =
              new EncodedRange(
                  Bytes.wrap(encoded(request.getStartKey())),
                  Bytes.wrap(encoded(request.getEndKey())));
          List<Long> touched =
              regions.regions().stream()
                  .map(RegionView::region)
                  .filter(region -> !rangeOf(region).intersect(range).isEmpty())
                  .map(Region::getId)
                  .toList();
          CompletionStage<Void> done = CompletableFuture.completedFuture(null);
          for (long regionId : touched) {
            done = done.thenCompose(before -> destroyIn(regionId, request, call, 1));
          }
          return done.thenApply(all -> UnsafeDestroyRangeResponse.getDefaultInstance());
        });
  }

  private static EncodedRange rangeOf(Region region) {
    return new EncodedRange(
        Bytes.wrap(region.getStartKey().toByteArray()),
        Bytes.wrap(region.getEndKey().toByteArray()));
  }

  private CompletionStage<UnsafeDestroyRangeResponse> destroyHere(
      Context context, UnsafeDestroyRangeRequest request, RpcCall call) {
    return remove(
            gate.admit(context, call),
            new RangeRemoval(encoded(request.getStartKey()), encoded(request.getEndKey()), true))
        .thenApply(done -> UnsafeDestroyRangeResponse.getDefaultInstance());
  }

  /** Until it is done wherever the region's leader is, a bounded number of times. */
  private CompletionStage<Void> destroyIn(
      long regionId, UnsafeDestroyRangeRequest request, RpcCall call, int attempt) {
    Optional<RegionView> view = regions.region(regionId);
    if (view.isEmpty()) {
      return CompletableFuture.completedFuture(null); // another store has what it held
    }
    CompletionStage<UnsafeDestroyRangeResponse> asked;
    try {
      asked = ask(view.get(), request, call);
    } catch (RuntimeException refused) {
      asked = CompletableFuture.failedFuture(refused);
    }
    CompletableFuture<Void> result = new CompletableFuture<>();
    asked.whenComplete(
        (response, failure) -> {
          boolean done =
              failure == null && !response.hasRegionError() && response.getError().isEmpty();
          if (done) {
            result.complete(null);
          } else if (attempt == ATTEMPTS_MAX || call.isCancelled()) {
            result.completeExceptionally(
                new InvalidRequestException(
                    "the range is not destroyed in region "
                        + regionId
                        + ", try again: "
                        + (failure == null ? response : Async.cause(failure))));
          } else {
            timers.schedule(
                PAUSE.multipliedBy(attempt),
                () ->
                    destroyIn(regionId, request, call, attempt + 1)
                        .whenComplete((none, last) -> Async.settle(result, null, last)));
          }
        });
    return result;
  }

  private CompletionStage<UnsafeDestroyRangeResponse> ask(
      RegionView view, UnsafeDestroyRangeRequest request, RpcCall call) {
    Peer leader =
        view.leader()
            .orElseThrow(
                () ->
                    new InvalidRequestException(
                        "no leader of region " + view.region().getId() + " is known"));
    Context context =
        Context.newBuilder()
            .setRegionId(view.region().getId())
            .setRegionEpoch(view.region().getRegionEpoch())
            .setPeer(leader)
            .build();
    return view.isLeader()
        ? destroyHere(context, request, call)
        : elsewhere.destroy(leader.getStoreId(), request.toBuilder().setContext(context).build());
  }
}
