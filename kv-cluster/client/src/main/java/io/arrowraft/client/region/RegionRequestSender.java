package io.arrowraft.client.region;

import io.arrowraft.client.options.ReadPreference;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.client.retry.BackoffKind;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.EventLoop;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcClient;
import io.arrowraft.runtime.rpc.RpcException;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Sends requests to regions until one of their replicas answers or the region turns out to have
 * moved.
 */
final class RegionRequestSender {
  private final EventLoop loop;
  private final RpcClient rpc;
  private final RegionCache cache;
  private final StoreAddresses stores;
  private final ReplicaChoice replicas;
  private final Placement placement;
  private final Duration requestTimeout;
  private final TimeSource time;
  private final MeterRegistry meters;
  private final StoreBreakers breakers;

  RegionRequestSender(
      EventLoop loop,
      RpcClient rpc,
      RegionCache cache,
      Placement placement,
      Duration requestTimeout,
      ReadPreference reads,
      TimeSource time,
      MeterRegistry meters) {
    this.loop = loop;
    this.rpc = rpc;
    this.cache = cache;
    this.stores = new StoreAddresses(loop, placement.pd());
    this.replicas = new ReplicaChoice(reads, stores);
    this.placement = placement;
    this.requestTimeout = requestTimeout;
    this.time = time;
    this.meters = meters;
    this.breakers = new StoreBreakers(time, meters);
  }

  /**
   * @return fails if the deadline passes, or with what the store says of a request that it will
   *     never take
   */
  <Q, R> CompletableFuture<RegionOutcome<R>> send(
      Region region, RegionRequest<Q, R> request, Backoff backoff) {
    loop.requireInLoop();
    return new RegionAttempts<>(this, region, request, backoff).start();
  }

  CompletableFuture<Void> afterRegionError(Region region, Error error, Backoff backoff) {
    RegionErrors.Reaction reaction =
        new RegionErrors(cache, stores).react(region, region.leader(), error, backoff);
    String reason = region + ": " + error.getMessage();
    if (reaction instanceof RegionErrors.Reaction.Refuse refuse) {
      return CompletableFuture.failedFuture(refuse.failure());
    }
    countRegionError(reaction.kind());
    if (reaction instanceof RegionErrors.Reaction.Wait wait) {
      return backoff.pause(wait.backoff(), reason, wait.least());
    }
    if (reaction instanceof RegionErrors.Reaction.NextReplica) {
      cache.invalidate(region);
      return backoff.pause(BackoffKind.NOT_LEADER, reason);
    }
    return backoff.pause(BackoffKind.REGION_MOVED, reason);
  }

  CompletableFuture<Void> afterLostStore(Region region, String reason, Backoff backoff) {
    suspect(region, region.leader());
    return backoff.pause(BackoffKind.STORE_UNREACHABLE, reason);
  }

  /** A replica did not answer: whoever asks next begins with another one. */
  void suspect(Region region, Peer silent) {
    stores.invalidate(silent.getStoreId());
    Region known = cache.cached(region.startKey()).orElse(region);
    if (region.isSameVersion(known) && known.leader().getId() != silent.getId()) {
      // Another request has found somebody else meanwhile.
      return;
    }
    List<Peer> peers = region.peers();
    int lost = peers.indexOf(silent);
    if (region.isSameVersion(known) && lost >= 0 && peers.size() > 1) {
      // The next replica will serve, or name the leader, sooner than the placement driver may
      // learn.
      cache.updateLeader(region, peers.get((lost + 1) % peers.size()));
    } else {
      cache.invalidate(region);
    }
  }

  CompletableFuture<Optional<String>> address(long storeId, Backoff backoff) {
    return placement.ask(() -> stores.find(storeId), backoff);
  }

  /** Cancelling the result cancels the call. */
  <Q, R> CompletableFuture<R> call(
      String address, RegionRequest<Q, R> request, Q message, Duration timeout) {
    Optional<RpcException> refusal = breakers.refusal(address);
    if (refusal.isPresent()) {
      return CompletableFuture.failedFuture(refusal.get());
    }
    CompletableFuture<R> call = rpc.call(address, request.method(), message, timeout);
    CompletableFuture<R> answer = Async.on(loop, call);
    boolean hadTime = timeout.compareTo(requestTimeout.dividedBy(2)) >= 0;
    answer.whenComplete(
        (value, failure) -> {
          if (answer.isCancelled()) {
            call.cancel(false);
          }
          breakers.ended(address, failure == null ? null : Async.cause(failure), hadTime);
        });
    return answer;
  }

  /** The client's monotonic clock. */
  long nanos() {
    return time.nanos();
  }

  RpcClient rpc() {
    return rpc;
  }

  RegionCache cache() {
    return cache;
  }

  ReplicaChoice replicas() {
    return replicas;
  }

  StoreAddresses stores() {
    return stores;
  }

  long clusterId() {
    return placement.clusterId();
  }

  Duration requestTimeout() {
    return requestTimeout;
  }

  void countRegionError(String kind) {
    meters.counter("arrowraft_client_region_errors_total", "kind", kind).increment();
  }

  void countFailedRequest(String status) {
    meters.counter("arrowraft_client_failed_requests_total", "status", status).increment();
  }
}
