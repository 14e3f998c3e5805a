package io.arrowraft.client.region;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.error.OutcomeUnknownException;
import io.arrowraft.client.error.OverloadedException;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.client.retry.BackoffKind;
import io.arrowraft.client.retry.Retries;
import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.runtime.Environment;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.rpc.RpcClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Calls by key: finds the region, sends, and looks again when it has moved. What the raw,
 * transactional and coprocessor calls stand on.
 */
public final class RegionCalls {
  /** Regions of one group are spread evenly among themselves. */
  private static final String SCATTER_GROUP = "import";

  private static final int NEARLY_ENDLESS = 16;
  private static final int REGIONS_PER_QUESTION = 1024;

  private final Environment environment;
  private final EventLoop loop;
  private final Placement placement;
  private final ClientOptions options;
  private final Retries retries;
  private final RegionCache cache;
  private final RegionRequestSender sender;
  private final SlowOperations slowLog;
  private final AtomicInteger running = new AtomicInteger();

  /** Operations of the user that have begun and not ended, oldest first. On the loop. */
  private final Set<CompletableFuture<?>> open = new LinkedHashSet<>();

  private final List<CompletableFuture<Void>> waitingForEnd = new ArrayList<>();
  private volatile boolean closed;

  public RegionCalls(
      Environment environment, EventLoop loop, RpcClient rpc, PdClient pd, ClientOptions options) {
    this.environment = environment;
    this.loop = loop;
    this.placement = new Placement(pd, loop);
    this.options = options;
    this.retries = new Retries(environment, loop);
    this.slowLog =
        new SlowOperations(options.timeouts().slow(), environment.time(), environment.meters());
    this.cache = new RegionCache(loop, pd, options.limits().regionsCachedMax());
    this.sender =
        new RegionRequestSender(
            loop,
            rpc,
            cache,
            placement,
            options.timeouts().request(),
            options.reads(),
            environment.time(),
            environment.meters());
  }

  public Environment environment() {
    return environment;
  }

  public EventLoop loop() {
    return loop;
  }

  public ClientOptions options() {
    return options;
  }

  /** From now on new operations are refused. */
  public void close() {
    closed = true;
  }

  /**
   * Runs an operation of the user on the client's loop, with the operation's time to itself.
   * Callable from any thread.
   *
   * @return cancelling it ends the operation: nothing more is sent, and what is under way is
   *     cancelled, though a write that has left may take effect
   */
  public <T> CompletableFuture<T> operation(Function<Backoff, CompletableFuture<T>> body) {
    return operation(body, true);
  }

  /** As {@link #operation}, but once begun it goes on to its end, whoever loses interest. */
  public <T> CompletableFuture<T> toTheEnd(Function<Backoff, CompletableFuture<T>> body) {
    return operation(body, false);
  }

  private <T> CompletableFuture<T> operation(
      Function<Backoff, CompletableFuture<T>> body, boolean cancellable) {
    if (closed) {
      return CompletableFuture.failedFuture(
          new InvalidRequestException(ErrorCode.CLIENT_CLOSED, "the client is closed"));
    }
    if (running.incrementAndGet() > options.limits().operationsMax()) {
      running.decrementAndGet();
      return CompletableFuture.failedFuture(
          new OverloadedException(
              ErrorCode.CLIENT_BUSY, options.limits().operationsMax() + " operations run already"));
    }
    CompletableFuture<T> result = new CompletableFuture<>();
    Backoff backoff = retries.within(options.timeouts().operation());
    long begunNanos = environment.time().nanos();
    loop.run(
        () -> {
          open.add(result);
          if (!result.isCancelled()) {
            start(body, backoff, result);
          }
        });
    result.whenComplete(
        (value, failure) -> {
          running.decrementAndGet();
          loop.run(
              () -> {
                if (cancellable && result.isCancelled()) {
                  backoff.cancel();
                }
                slowLog.ended(begunNanos, backoff.trail(), failure);
                ended(result);
              });
        });
    return result;
  }

  private void ended(CompletableFuture<?> operation) {
    open.remove(operation);
    if (open.isEmpty()) {
      waitingForEnd.forEach(waiting -> waiting.complete(null));
      waitingForEnd.clear();
    }
  }

  /** Complete once no operation runs. Callable from any thread. */
  public CompletableFuture<Void> idle() {
    CompletableFuture<Void> idle = new CompletableFuture<>();
    loop.run(
        () -> {
          if (open.isEmpty()) {
            idle.complete(null);
          } else {
            waitingForEnd.add(idle);
          }
        });
    return idle;
  }

  /** Ends what still runs, before the loop goes: nobody is left waiting. On the loop. */
  public void abandon() {
    loop.requireInLoop();
    for (CompletableFuture<?> operation : List.copyOf(open)) {
      operation.completeExceptionally(
          new OutcomeUnknownException(
              ErrorCode.OUTCOME_UNKNOWN,
              "the client was closed while the operation ran; a write may have taken effect"));
    }
  }

  /** As {@link #operation}, also while the client closes: for work that belongs to earlier work. */
  public <T> CompletableFuture<T> background(Function<Backoff, CompletableFuture<T>> body) {
    CompletableFuture<T> result = new CompletableFuture<>();
    loop.run(() -> start(body, retries.within(options.timeouts().operation()), result));
    return result;
  }

  private <T> void start(
      Function<Backoff, CompletableFuture<T>> body, Backoff backoff, CompletableFuture<T> result) {
    CompletableFuture<T> started;
    try {
      started = body.apply(backoff);
    } catch (RuntimeException broken) {
      // Refused, or wrong in itself: either way the caller must not wait for ever.
      started = CompletableFuture.failedFuture(broken);
    }
    started.whenComplete((value, failure) -> Async.settle(result, value, failure));
  }

  /** A new timestamp, greater than all that were handed out before the call. */
  public CompletableFuture<Long> timestamp(Backoff backoff) {
    return placement.ask(() -> placement.pd().timestamp().thenApply(Timestamp::value), backoff);
  }

  /** The keys inside of a range at which regions begin, in order, as the placement driver knows. */
  public CompletableFuture<List<Bytes>> regionStarts(
      KeySpace space, Bytes start, Bytes end, Backoff backoff) {
    return regionStarts(
        space, space.regionKey(start), space.regionKey(end), backoff, new ArrayList<>());
  }

  private CompletableFuture<List<Bytes>> regionStarts(
      KeySpace space, Bytes from, Bytes end, Backoff backoff, List<Bytes> starts) {
    return placement
        .ask(() -> placement.pd().scanRegions(from, end, REGIONS_PER_QUESTION), backoff)
        .thenCompose(
            regions -> {
              for (RegionInfo region : regions) {
                Bytes start = Bytes.wrap(region.meta().getStartKey().toByteArray());
                if (start.compareTo(from) > 0) {
                  starts.add(space.keyAt(start));
                }
              }
              if (regions.size() < REGIONS_PER_QUESTION) {
                return CompletableFuture.completedFuture(starts);
              }
              Bytes last =
                  Bytes.wrap(regions.get(regions.size() - 1).meta().getStartKey().toByteArray());
              return regionStarts(space, last, end, backoff, starts);
            });
  }

  /** Below which nobody reads any more. */
  public CompletableFuture<Timestamp> safePoint(Backoff backoff) {
    return placement.ask(() -> placement.pd().gcSafePoint(), backoff);
  }

  /** The region of a region key, if it is remembered. */
  public Optional<Region> known(Bytes regionKey) {
    return cache.cached(regionKey);
  }

  /** The region of a region key. */
  public CompletableFuture<Region> locate(Bytes regionKey, Backoff backoff) {
    Optional<Region> known = cache.cached(regionKey);
    if (known.isPresent()) {
      return CompletableFuture.completedFuture(known.get());
    }
    return placement
        .ask(() -> cache.find(regionKey), backoff)
        .thenCompose(
            found ->
                found.isPresent()
                    ? CompletableFuture.completedFuture(found.get())
                    : backoff
                        .pause(BackoffKind.PLACEMENT, "no region holds the key " + regionKey)
                        .thenCompose(paused -> locate(regionKey, backoff)));
  }

  /**
   * The region of the keys just below a bound.
   *
   * @param bound region key; empty for the end of the key space
   */
  public CompletableFuture<Region> locateBelow(Bytes bound, Backoff backoff) {
    Optional<Region> known = cache.cachedBelow(bound);
    return known.isPresent()
        ? CompletableFuture.completedFuture(known.get())
        : locate(justBelow(bound), backoff).thenCompose(region -> upTo(bound, region, backoff));
  }

  /** Regions may begin between a bound and the key that was taken for the last one below it. */
  private CompletableFuture<Region> upTo(Bytes bound, Region region, Backoff backoff) {
    return region.endKey().isEmpty() || (!bound.isEmpty() && region.endKey().compareTo(bound) >= 0)
        ? CompletableFuture.completedFuture(region)
        : locate(region.endKey(), backoff).thenCompose(next -> upTo(bound, next, backoff));
  }

  /** A key below a bound with hardly any between them. */
  private static Bytes justBelow(Bytes bound) {
    byte[] source = bound.unsafeArray();
    if (source.length > 0 && source[source.length - 1] == 0) {
      return Bytes.wrap(Arrays.copyOf(source, source.length - 1));
    }
    byte[] below = Arrays.copyOf(source, source.length + NEARLY_ENDLESS);
    Arrays.fill(below, source.length, below.length, (byte) 0xFF);
    if (source.length > 0) {
      below[source.length - 1]--;
    }
    return Bytes.wrap(below);
  }

  /** One attempt at a region that the caller has located. */
  public <Q, R> CompletableFuture<RegionOutcome<R>> send(
      Region region, RegionRequest<Q, R> request, Backoff backoff) {
    return sender.send(region, request, backoff);
  }

  /** The response of whichever region holds {@code key}. */
  public <Q, R> CompletableFuture<R> callByKey(
      KeySpace space, Bytes key, RegionRequest<Q, R> request, Backoff backoff) {
    Bytes regionKey = space.regionKey(key);
    return locate(regionKey, backoff)
        .thenCompose(region -> sender.send(region, request, backoff))
        .thenCompose(
            outcome -> {
              if (outcome instanceof RegionOutcome.Answer<R> answer) {
                return CompletableFuture.completedFuture(answer.response());
              }
              String reason = ((RegionOutcome.Moved<R>) outcome).reason();
              return backoff
                  .pause(BackoffKind.REGION_MOVED, reason)
                  .thenCompose(paused -> callByKey(space, key, request, backoff));
            });
  }

  /**
   * Cuts {@code items}, which are in key order, into batches that each lie in one region as far as
   * is known now.
   */
  public <T> CompletableFuture<List<RegionBatch<T>>> group(
      List<T> items, BatchShape<T> shape, Backoff backoff) {
    return group(items, 0, shape, backoff, new ArrayList<>());
  }

  private <T> CompletableFuture<List<RegionBatch<T>>> group(
      List<T> items, int from, BatchShape<T> shape, Backoff backoff, List<RegionBatch<T>> batches) {
    int next = from;
    while (next < items.size()) {
      Bytes regionKey = shape.space().regionKey(shape.key().apply(items.get(next)));
      Optional<Region> region = cache.cached(regionKey);
      if (region.isEmpty()) {
        int here = next;
        return locate(regionKey, backoff)
            .thenCompose(found -> group(items, here, shape, backoff, batches));
      }
      next = cut(items, next, region.get(), shape, batches);
    }
    return CompletableFuture.completedFuture(batches);
  }

  /** Adds the batch that begins at {@code from} and returns where the next one begins. */
  private static <T> int cut(
      List<T> items, int from, Region region, BatchShape<T> shape, List<RegionBatch<T>> batches) {
    long bytes = 0;
    int to = from;
    while (to < items.size() && to - from < shape.itemsMax()) {
      T item = items.get(to);
      int size = shape.bytes().applyAsInt(item);
      boolean fits = to == from || bytes + size <= shape.bytesMax();
      if (!fits
          || (to > from && !region.contains(shape.space().regionKey(shape.key().apply(item))))) {
        break;
      }
      bytes += size;
      to++;
    }
    batches.add(new RegionBatch<>(region, List.copyOf(items.subList(from, to))));
    return to;
  }

  /** Runs a task over all items by region; see {@link RegionFanOut}. */
  public <T> CompletableFuture<Void> forEachRegion(
      List<T> items, BatchShape<T> shape, RegionTask<T> task, Backoff backoff) {
    return new RegionFanOut<>(this, shape, task, options.limits().requestsInFlightMax(), backoff)
        .run(items);
  }

  /** For a stream to a region: whom to call. */
  public CompletableFuture<Optional<String>> storeAddress(long storeId, Backoff backoff) {
    return sender.address(storeId, backoff);
  }

  /** Remembers the regions that a split has made. */
  void split(Region region, List<io.arrowraft.proto.metapb.Region> regions) {
    cache.invalidate(region);
    // Each begins under the leader of the region that was split; its peers are listed in any order.
    for (io.arrowraft.proto.metapb.Region made : regions) {
      if (made.getPeersCount() > 0) {
        cache.add(Region.of(made, peerAt(made, region.leader().getStoreId())));
      }
    }
  }

  private static Optional<Peer> peerAt(io.arrowraft.proto.metapb.Region region, long storeId) {
    return region.getPeersList().stream().filter(peer -> peer.getStoreId() == storeId).findFirst();
  }

  /** A back-off of its own time, for what outlasts one operation. */
  public Backoff backoffWithin(Duration timeout) {
    return retries.within(timeout);
  }

  /**
   * For streams, which are not sent again by themselves: brings the routes up to date with a region
   * error and waits as its kind asks.
   */
  public CompletableFuture<Void> afterRegionError(Region region, Error error, Backoff backoff) {
    return sender.afterRegionError(region, error, backoff);
  }

  /** For streams: forgets who led a region whose store did not answer, and waits. */
  public CompletableFuture<Void> afterLostStore(Region region, String reason, Backoff backoff) {
    return sender.afterLostStore(region, reason, backoff);
  }

  /** Has the placement driver spread the region of a region key, which it does in its own time. */
  public CompletableFuture<Void> scatter(Bytes regionKey, Backoff backoff) {
    return locate(regionKey, backoff)
        .thenCompose(
            region ->
                placement.ask(
                    () -> placement.pd().scatter(List.of(region.id()), SCATTER_GROUP), backoff));
  }

  /** Looks the region's keys up again when they are asked for next. On the loop. */
  public void forget(Region region) {
    cache.invalidate(region);
  }

  public RpcClient rpc() {
    return sender.rpc();
  }
}
