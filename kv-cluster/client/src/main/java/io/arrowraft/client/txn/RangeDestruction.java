package io.arrowraft.client.txn;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.region.Region;
import io.arrowraft.client.region.RegionCalls;
import io.arrowraft.client.region.RegionOutcome;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.client.retry.BackoffKind;
import io.arrowraft.proto.kvrpcpb.DeleteRangeRequest;
import io.arrowraft.proto.kvrpcpb.DeleteRangeResponse;
import io.arrowraft.runtime.Bytes;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Removes all versions in a range, region by region, each through its region's log. Confined to the
 * client's loop.
 */
final class RangeDestruction {
  private final RegionCalls calls;
  private final Bytes end;
  private final Backoff backoff;

  RangeDestruction(RegionCalls calls, Bytes end, Backoff backoff) {
    this.calls = calls;
    this.end = end;
    this.backoff = backoff;
  }

  /**
   * Empties the first regions of what is left.
   *
   * @return where the next region begins; empty if the range is done
   */
  CompletableFuture<Optional<Bytes>> from(Bytes start, int regionsMax) {
    return calls
        .locate(KeySpace.TRANSACTIONAL.regionKey(start), backoff)
        .thenCompose(
            region -> {
              boolean last = KeySpace.TRANSACTIONAL.endsIn(region, end);
              return calls
                  .send(
                      region,
                      TxnRequests.deleteRange(
                          context ->
                              DeleteRangeRequest.newBuilder()
                                  .setContext(context)
                                  .setStartKey(Wire.of(start))
                                  .setEndKey(Wire.of(last ? end : Bytes.EMPTY))
                                  .build()),
                      backoff)
                  .thenCompose(
                      outcome -> {
                        if (outcome instanceof RegionOutcome.Moved<DeleteRangeResponse> moved) {
                          return backoff
                              .pause(BackoffKind.REGION_MOVED, moved.reason())
                              .thenCompose(paused -> from(start, regionsMax));
                        }
                        refuseOn(((RegionOutcome.Answer<DeleteRangeResponse>) outcome).response());
                        return last
                            ? CompletableFuture.completedFuture(Optional.<Bytes>empty())
                            : beyond(region, regionsMax - 1);
                      });
            });
  }

  /** Regions that no key falls into, between bounds of raw data, are passed by. */
  private CompletableFuture<Optional<Bytes>> beyond(Region region, int regionsLeft) {
    Bytes next = KeySpace.TRANSACTIONAL.keyAt(region.endKey());
    if (!end.isEmpty() && next.compareTo(end) >= 0) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return regionsLeft > 0
        ? from(next, regionsLeft)
        : CompletableFuture.completedFuture(Optional.of(next));
  }

  private static void refuseOn(DeleteRangeResponse response) {
    if (!response.getError().isEmpty()) {
      throw new InvalidRequestException(ErrorCode.REQUEST_REFUSED, response.getError());
    }
  }
}
