package io.arrowraft.server.txn;

import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.WorkerPool;
import io.arrowraft.runtime.rpc.RpcCall;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.server.region.RegionErrors;
import io.arrowraft.server.region.RegionRequest;
import io.arrowraft.server.region.RegionSnapshot;
import io.arrowraft.server.region.RegionStore;
import io.arrowraft.server.region.RequestTimes;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;

/** Runs reads on a worker over a snapshot that is closed behind them. Safe for any thread. */
public final class SnapshotReads {
  private final RegionStore regions;
  private final WorkerPool workers;
  private final TimeSource time;

  public SnapshotReads(RegionStore regions, WorkerPool workers, TimeSource time) {
    this.regions = regions;
    this.workers = workers;
    this.time = time;
  }

  /**
   * Runs {@code work} on a snapshot of the request's region, unless the caller has given up by
   * then.
   *
   * @return fails as {@link RegionStore#snapshot} does, or with what {@code work} throws
   */
  public <R> CompletableFuture<R> read(
      RegionRequest request, RpcCall call, Function<RegionSnapshot, R> work) {
    return read(regions.snapshot(request), request, call, work);
  }

  /**
   * The same for data about which the leader is asked, if a replica is to be read.
   *
   * @param question made only if it is needed
   * @return fails as {@link RegionStore#snapshot(RegionRequest, byte[])} does, too
   */
  public <R> CompletableFuture<R> read(
      RegionRequest request,
      RpcCall call,
      Supplier<byte[]> question,
      Function<RegionSnapshot, R> work) {
    return request.replicaRead()
        ? read(regions.snapshot(request, question.get()), request, call, work)
        : read(request, call, work);
  }

  private <R> CompletableFuture<R> read(
      CompletionStage<RegionSnapshot> opened,
      RegionRequest request,
      RpcCall call,
      Function<RegionSnapshot, R> work) {
    CompletableFuture<R> result = new CompletableFuture<>();
    opened.whenComplete(
        (snapshot, failure) -> {
          if (failure != null) {
            result.completeExceptionally(failure);
            return;
          }
          try {
            workers.execute(() -> run(request, call, snapshot, work, result));
          } catch (RejectedExecutionException full) {
            snapshot.close();
            result.completeExceptionally(RegionErrors.serverIsBusy("too many reads are waiting"));
          }
        });
    return result;
  }

  private <R> void run(
      RegionRequest request,
      RpcCall call,
      RegionSnapshot snapshot,
      Function<RegionSnapshot, R> work,
      CompletableFuture<R> result) {
    R answer;
    request.times().mark(RequestTimes.Stage.BEGUN);
    try (snapshot) {
      if (call.isCancelled() || request.deadline().isExpired(time)) {
        throw new RpcException(
            RpcStatus.DEADLINE_EXCEEDED, "the caller gave up before the read ran");
      }
      answer = work.apply(snapshot);
    } catch (RuntimeException failure) {
      result.completeExceptionally(regions.readFailure(request.regionId(), failure));
      return;
    }
    result.complete(answer);
  }
}
