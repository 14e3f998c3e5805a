package io.arrowraft.client.region;

import io.arrowraft.client.error.OverloadedException;
import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.keyvalue.ScanRange;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.client.retry.BackoffKind;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Scans on their way through the regions, up or down. Confined to the client's loop. */
public final class RegionScan {
  /** Reads one region. */
  @FunctionalInterface
  public interface Page {
    /**
     * The first pairs of a range, in its order.
     *
     * @param range an empty bound is that of the region
     * @param rows fewer pairs mean that the range holds no more
     */
    CompletableFuture<RegionOutcome<List<KeyValue>>> read(
        Region region, ScanRange range, int rows, Backoff backoff);
  }

  private final RegionCalls calls;
  private final KeySpace space;
  private final Page page;

  /** Halved when an answer turns out too large for one message. */
  private int rowsPerRequest;

  public RegionScan(RegionCalls calls, KeySpace space, Page page) {
    this.calls = calls;
    this.space = space;
    this.page = page;
    this.rowsPerRequest = calls.options().limits().scanRowsPerRequest();
  }

  /** The first pairs of a range. */
  public CompletableFuture<ScanPage> run(ScanRange range, int limit, Backoff backoff) {
    if (range.isEmpty()) {
      return CompletableFuture.completedFuture(ScanPage.EMPTY);
    }
    Bytes bound = space.regionKey(range.descending() ? range.end() : range.start());
    return new Run(limit, backoff).from(range, bound);
  }

  private final class Run {
    private final int limit;
    private final Backoff backoff;
    private final List<KeyValue> found = new ArrayList<>();

    Run(int limit, Backoff backoff) {
      this.limit = limit;
      this.backoff = backoff;
    }

    /**
     * @param bound region key of where it goes on; a region's own bound may be no key at all
     */
    CompletableFuture<ScanPage> from(ScanRange left, Bytes bound) {
      CompletableFuture<Region> next =
          left.descending() ? calls.locateBelow(bound, backoff) : calls.locate(bound, backoff);
      return next.thenCompose(region -> in(region, left, bound));
    }

    private CompletableFuture<ScanPage> in(Region region, ScanRange left, Bytes bound) {
      int rows = Math.min(limit - found.size(), rowsPerRequest);
      ScanRange here = within(region, left);
      if (here.isEmpty() || beginsBehind(region, left)) {
        return taken(List.of(), rows, region, left);
      }
      return page.read(region, here, rows, backoff)
          .handle(
              (outcome, failure) -> {
                if (failure != null) {
                  if (rows > 1 && OverloadedException.isTooLarge(failure)) {
                    rowsPerRequest = rows / 2;
                    return from(left, bound);
                  }
                  return CompletableFuture.<ScanPage>failedFuture(Async.cause(failure));
                }
                if (outcome instanceof RegionOutcome.Answer<List<KeyValue>> answer) {
                  return taken(answer.response(), rows, region, left);
                }
                String reason = ((RegionOutcome.Moved<List<KeyValue>>) outcome).reason();
                return backoff
                    .pause(BackoffKind.REGION_MOVED, reason)
                    .thenCompose(paused -> from(left, bound));
              })
          .thenCompose(result -> result);
    }

    private CompletableFuture<ScanPage> taken(
        List<KeyValue> pairs, int rows, Region region, ScanRange left) {
      found.addAll(pairs);
      boolean regionDone = pairs.size() < rows;
      if (regionDone && reachesEnd(region, left)) {
        return CompletableFuture.completedFuture(new ScanPage(found, Optional.empty()));
      }
      Bytes bound;
      Bytes next;
      if (regionDone) {
        bound = left.descending() ? region.startKey() : region.endKey();
        next = space.keyAt(bound);
      } else {
        Bytes last = found.get(found.size() - 1).key();
        next = left.descending() ? last : last.next();
        bound = space.regionKey(next);
      }
      return found.size() >= limit
          ? CompletableFuture.completedFuture(new ScanPage(found, Optional.of(next)))
          : from(left.continuedAt(next), bound);
    }
  }

  private boolean reachesEnd(Region region, ScanRange range) {
    return range.descending()
        ? region.startKey().compareTo(space.regionKey(range.start())) <= 0
        : space.endsIn(region, range.end());
  }

  /** Of a region between two bounds that no key falls between: a store would refuse the range. */
  private boolean beginsBehind(Region region, ScanRange range) {
    return !region.endKey().isEmpty()
        && space.regionKey(range.start()).compareTo(region.endKey()) >= 0;
  }

  /** A region's own bound is left out: it may be no key, and a store knows it. */
  private ScanRange within(Region region, ScanRange range) {
    return new ScanRange(
        space.regionKey(range.start()).compareTo(region.startKey()) < 0
            ? Bytes.EMPTY
            : range.start(),
        space.endsIn(region, range.end()) ? range.end() : Bytes.EMPTY,
        range.descending(),
        range.keysOnly());
  }
}
