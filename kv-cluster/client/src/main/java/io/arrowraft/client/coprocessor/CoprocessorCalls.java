package io.arrowraft.client.coprocessor;

import com.google.protobuf.ByteString;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.region.Region;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.client.txn.LockResolver;
import io.arrowraft.proto.coprocessor.Request;
import io.arrowraft.proto.coprocessor.Response;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.tikvpb.TikvGrpc;
import io.arrowraft.rpc.RpcMethods;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.rpc.RpcMethod;
import io.arrowraft.runtime.rpc.RpcReceiver;
import io.arrowraft.runtime.rpc.RpcStatus;
import io.arrowraft.runtime.rpc.RpcStream;
import io.arrowraft.table.KeyRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Sends coprocessor requests to regions. Safe for use by any thread. */
public final class CoprocessorCalls {
  /** The stream with protobuf's own messages; callers may bring a method of their own instead. */
  public static final RpcMethod<Request, Response> STREAM =
      RpcMethods.of(TikvGrpc.getCoprocessorStreamMethod());

  private final RegionCalls calls;
  private final LockResolver resolver;

  public CoprocessorCalls(RegionCalls calls, LockResolver resolver) {
    this.calls = calls;
    this.resolver = resolver;
  }

  /**
   * The session of one reader.
   *
   * @param timeout of its waits between attempts, all together; streams have their own
   */
  public CompletableFuture<CoprocessorSession> session(Duration timeout) {
    return calls.operation(
        backoff ->
            CompletableFuture.completedFuture(
                new CoprocessorSession(calls.backoffWithin(timeout))));
  }

  /**
   * Cuts ranges by region.
   *
   * @param ranges plain keys, ascending and apart
   */
  public CompletableFuture<List<RegionRanges>> regionsOf(List<KeyRange> ranges) {
    return calls.operation(backoff -> cut(ranges, backoff));
  }

  /** As {@link #regionsOf(List)} with a session's deadline: to find where to resume. */
  public CompletableFuture<List<RegionRanges>> regionsOf(
      List<KeyRange> ranges, CoprocessorSession session) {
    return calls.operation(backoff -> cut(ranges, session.backoff()));
  }

  private CompletableFuture<List<RegionRanges>> cut(List<KeyRange> ranges, Backoff backoff) {
    return new RangeCutter(calls, backoff).cut(ranges);
  }

  /**
   * Opens a stream to the store that leads a region. Nothing arrives before the receiver asks by
   * {@link RpcStream#request}; {@link RpcStream#fail} cancels.
   *
   * @param method the coprocessor stream, with whatever codec suits the receiver
   * @param timeout of the whole stream
   * @throws io.arrowraft.runtime.rpc.RpcException if the client is closed
   */
  public <R> RpcStream<Request> stream(
      RpcMethod<Request, R> method,
      RegionRanges target,
      CoprocessorRequest request,
      Duration timeout,
      RpcReceiver<R> receiver) {
    RpcStream<Request> stream = calls.rpc().open(target.storeAddress(), method, timeout, receiver);
    stream.send(message(target, request, timeout));
    stream.complete();
    return stream;
  }

  private Request message(RegionRanges target, CoprocessorRequest request, Duration timeout) {
    Region region = target.region();
    Request.Builder message =
        Request.newBuilder()
            .setContext(
                Context.newBuilder()
                    .setRegionId(region.id())
                    .setRegionEpoch(region.epoch())
                    .setPeer(region.leader())
                    .setMaxExecutionDurationMs(timeout.toMillis())
                    .addAllResolvedLocks(request.resolvedLocks()))
            .setTp(request.type())
            .setData(Wire.of(request.plan()))
            .setStartTs(request.readTimestamp().value());
    for (KeyRange range : target.ranges()) {
      message.addRanges(
          io.arrowraft.proto.coprocessor.KeyRange.newBuilder()
              .setStart(ByteString.copyFrom(range.start().toByteArray()))
              .setEnd(ByteString.copyFrom(range.end().toByteArray())));
    }
    return message.build();
  }

  /**
   * Deals with what interrupted a stream and tells where to go on.
   *
   * @param left what of the target's ranges is still to be read
   * @param request what was asked for
   * @return whom to ask next and with which request; fails once the session's deadline has passed,
   *     or with what cannot be mended
   */
  public CompletableFuture<Resumption> recover(
      RegionRanges target,
      List<KeyRange> left,
      CoprocessorRequest request,
      Interruption interruption,
      CoprocessorSession session) {
    return calls.operation(
        ignored ->
            mend(target, request, interruption, session)
                .thenCompose(mended -> cut(left, session.backoff()))
                .thenApply(
                    targets -> new Resumption(targets, request.passing(session.passable()))));
  }

  private CompletableFuture<Void> mend(
      RegionRanges target,
      CoprocessorRequest request,
      Interruption interruption,
      CoprocessorSession session) {
    if (interruption instanceof Interruption.RegionFailed failed) {
      return calls.afterRegionError(target.region(), failed.error(), session.backoff());
    }
    if (interruption instanceof Interruption.Locked locked) {
      return resolver.clearForRead(
          locked.locks(), request.readTimestamp().value(), session.passable(), session.backoff());
    }
    Interruption.StreamBroken broken = (Interruption.StreamBroken) interruption;
    if (broken.failure().outcomeUnknown()
        || broken.failure().isUnreached()
        || broken.failure().status() == RpcStatus.RESOURCE_EXHAUSTED) {
      return calls.afterLostStore(
          target.region(), String.valueOf(broken.failure().getMessage()), session.backoff());
    }
    return CompletableFuture.failedFuture(
        new InvalidRequestException(
            ErrorCode.REQUEST_REFUSED, broken.failure().getMessage(), broken.failure()));
  }

  /**
   * How a read goes on.
   *
   * @param targets what is left, by region; empty if nothing is
   * @param request the request to send, which passes the locks that may be passed by now
   */
  public record Resumption(List<RegionRanges> targets, CoprocessorRequest request) {
    public Resumption {
      targets = List.copyOf(targets);
    }
  }

  /** Cuts ranges at region bounds, one region after the other. */
  private static final class RangeCutter {
    private final RegionCalls calls;
    private final Backoff backoff;
    private final List<RegionRanges> cut = new ArrayList<>();

    RangeCutter(RegionCalls calls, Backoff backoff) {
      this.calls = calls;
      this.backoff = backoff;
    }

    CompletableFuture<List<RegionRanges>> cut(List<KeyRange> ranges) {
      List<KeyRange> left = ranges.stream().filter(range -> !range.isEmpty()).toList();
      if (left.isEmpty()) {
        return CompletableFuture.completedFuture(cut);
      }
      Bytes start = plain(left.get(0).start());
      return calls
          .locate(KeySpace.TRANSACTIONAL.regionKey(start), backoff)
          .thenCompose(
              region ->
                  calls
                      .storeAddress(region.leader().getStoreId(), backoff)
                      .thenCompose(address -> take(region, address, left)));
    }

    private CompletableFuture<List<RegionRanges>> take(
        Region region, Optional<String> address, List<KeyRange> ranges) {
      if (address.isEmpty()) {
        return calls
            .afterLostStore(region, "unknown store " + region.leader().getStoreId(), backoff)
            .thenCompose(refreshed -> cut(ranges));
      }
      KeyRange whole =
          KeyRange.of(
              KeySpace.TRANSACTIONAL.keyAt(region.startKey()).unsafeArray(),
              KeySpace.TRANSACTIONAL.keyAt(region.endKey()).unsafeArray());
      List<KeyRange> inside = new ArrayList<>();
      List<KeyRange> beyond = new ArrayList<>();
      for (KeyRange range : ranges) {
        range.intersection(whole).ifPresent(inside::add);
        if (!whole.end().isEmpty()) {
          range
              .intersection(new KeyRange(whole.end(), io.arrowraft.table.Bytes.EMPTY))
              .ifPresent(beyond::add);
        }
      }
      cut.add(new RegionRanges(region, address.get(), inside));
      return cut(beyond);
    }

    private static Bytes plain(io.arrowraft.table.Bytes bytes) {
      return Bytes.wrap(bytes.toByteArray());
    }
  }
}
