package io.arrowraft.client.region;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.error.OutcomeUnknownException;
import io.arrowraft.client.error.OverloadedException;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.client.retry.BackoffKind;
import io.arrowraft.proto.errorpb.Error;
import io.arrowraft.proto.kvrpcpb.Context;
import io.arrowraft.proto.metapb.Peer;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request on its way through the replicas of one region. */
final class RegionAttempts<Q, R> {
  private static final Logger LOG = LoggerFactory.getLogger(RegionAttempts.class);

  private final RegionRequestSender sender;
  private final Region region;
  private final RegionRequest<Q, R> request;
  private final Backoff backoff;
  private final CompletableFuture<RegionOutcome<R>> outcome = new CompletableFuture<>();
  private Peer target;
  private int replicasTried;
  private int hintsFollowed;
  private boolean isRetry;

  /** The target is asked to serve without leading. */
  private boolean asReplica;

  RegionAttempts(
      RegionRequestSender sender, Region region, RegionRequest<Q, R> request, Backoff backoff) {
    this.sender = sender;
    this.region = region;
    this.request = request;
    this.backoff = backoff;
    this.target = region.leader();
  }

  CompletableFuture<RegionOutcome<R>> start() {
    if (!request.anyReplica() || sender.replicas().isLeaderOnly()) {
      attempt();
      return outcome;
    }
    sender
        .replicas()
        .choose(region)
        .whenComplete(
            (chosen, failure) -> {
              if (failure == null && chosen.getId() != region.leader().getId()) {
                target = chosen;
                asReplica = true;
              }
              guarded(this::attempt);
            });
    return outcome;
  }

  /** Whatever keeps a replica from serving, the leader knows better. */
  private void turnToLeader(String reason) {
    LOG.debug("replica did not serve a read: {}", reason);
    sender.countRegionError("replica_refused");
    asReplica = false;
    target = region.leader();
    attempt();
  }

  private void attempt() {
    if (backoff.isCancelled()) {
      outcome.completeExceptionally(Backoff.cancelled(request.method() + " to " + region));
      return;
    }
    sender
        .address(target.getStoreId(), backoff)
        .whenComplete(
            (address, failure) -> {
              if (asReplica && (failure != null || address.isEmpty())) {
                turnToLeader("unknown store " + target.getStoreId());
              } else if (failure != null) {
                outcome.completeExceptionally(Async.cause(failure));
              } else if (address.isEmpty()) {
                moved("unknown store " + target.getStoreId());
              } else {
                guarded(() -> sendTo(address.get()));
              }
            });
  }

  /** A step that throws must not leave the caller waiting for ever. */
  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException broken) {
      outcome.completeExceptionally(broken);
    }
  }

  private void sendTo(String address) {
    Duration timeout = backoff.attemptTimeout(sender.requestTimeout());
    Context context =
        Context.newBuilder()
            .setRegionId(region.id())
            .setRegionEpoch(region.epoch())
            .setPeer(target)
            .setClusterId(sender.clusterId())
            .setMaxExecutionDurationMs(Math.max(1, timeout.toMillis()))
            .setIsRetryRequest(isRetry)
            .setReplicaRead(asReplica)
            .build();
    isRetry = true;
    long sentNanos = sender.nanos();
    CompletableFuture<R> call =
        sender.call(address, request, request.build().apply(context), timeout);
    backoff.follow(call);
    call.whenComplete(
        (response, failure) -> {
          backoff
              .trail()
              .requested(
                  request.method().name(),
                  region.id(),
                  address,
                  Duration.ofNanos(sender.nanos() - sentNanos));
          guarded(
              () -> {
                if (failure != null) {
                  onFailure(address, Async.cause(failure));
                } else {
                  onResponse(response);
                }
              });
        });
  }

  private void onResponse(R response) {
    Optional<Error> error = request.regionError().apply(response);
    if (error.isEmpty()) {
      if (!asReplica && target.getId() != region.leader().getId()) {
        sender.cache().updateLeader(region, target);
      }
      outcome.complete(new RegionOutcome.Answer<>(response));
      return;
    }
    if (asReplica) {
      turnToLeader(describe(error.get()));
      return;
    }
    RegionErrors.Reaction reaction =
        new RegionErrors(sender.cache(), sender.stores())
            .react(region, target, error.get(), backoff);
    if (LOG.isDebugEnabled()) {
      LOG.debug(
          "region error: method={}, region={}, store={}, error={}, reaction={}",
          request.method(),
          region.id(),
          target.getStoreId(),
          error.get(),
          reaction);
    }
    sender.countRegionError(reaction.kind());
    if (reaction instanceof RegionErrors.Reaction.Follow follow) {
      follow(follow.peer());
    } else if (reaction instanceof RegionErrors.Reaction.NextReplica) {
      nextReplica(BackoffKind.NOT_LEADER, describe(error.get()));
    } else if (!request.repeatable() && backoff.isOutcomeUnknown()) {
      outcome.completeExceptionally(
          new OutcomeUnknownException(ErrorCode.OUTCOME_UNKNOWN, describe(error.get())));
    } else if (reaction instanceof RegionErrors.Reaction.Wait wait) {
      pauseThen(wait.backoff(), describe(error.get()), wait.least(), this::attempt);
    } else if (reaction instanceof RegionErrors.Reaction.Refresh) {
      outcome.complete(new RegionOutcome.Moved<>(describe(error.get())));
    } else if (reaction instanceof RegionErrors.Reaction.Refuse refuse) {
      outcome.completeExceptionally(refuse.failure());
    }
  }

  private void follow(Peer leader) {
    target = leader;
    hintsFollowed++;
    if (hintsFollowed == 1) {
      attempt();
    } else if (hintsFollowed > 2 * region.peers().size()) {
      moved("replicas do not agree on a leader");
    } else {
      pauseThen(
          BackoffKind.NOT_LEADER,
          "the leader of " + region + " is changing",
          Duration.ZERO,
          this::attempt);
    }
  }

  private void nextReplica(BackoffKind kind, String reason) {
    replicasTried++;
    if (replicasTried >= region.peers().size()) {
      moved(reason);
      return;
    }
    int index = 0;
    while (index < region.peers().size() && region.peers().get(index).getId() != target.getId()) {
      index++;
    }
    target = region.peers().get((index + 1) % region.peers().size());
    pauseThen(kind, reason, Duration.ZERO, this::attempt);
  }

  private void onFailure(String address, Throwable failure) {
    if (!(failure instanceof RpcException rpc)) {
      outcome.completeExceptionally(failure);
      return;
    }
    sender.countFailedRequest(rpc.status().name().toLowerCase(Locale.ROOT));
    String reason =
        request.method().name()
            + " to store "
            + target.getStoreId()
            + " at "
            + address
            + " failed: "
            + rpc.getMessage();
    if (rpc.isNotSent()) {
      pauseThen(BackoffKind.SERVER_BUSY, reason, Duration.ZERO, this::attempt);
    } else if (asReplica && (rpc.isUnreached() || rpc.outcomeUnknown())) {
      if (rpc.status() == RpcStatus.UNAVAILABLE) {
        sender.stores().invalidate(target.getStoreId());
      }
      turnToLeader(reason);
    } else if (rpc.isUnreached()) {
      sender.stores().invalidate(target.getStoreId());
      nextReplica(BackoffKind.STORE_UNREACHABLE, reason);
    } else if (rpc.outcomeUnknown()) {
      backoff.noteLostRequest(reason);
      if (rpc.status() == RpcStatus.UNAVAILABLE) {
        sender.stores().invalidate(target.getStoreId());
      }
      if (request.repeatable()) {
        nextReplica(BackoffKind.STORE_UNREACHABLE, reason);
      } else {
        // The next request should not have to find out for itself that this store is silent.
        sender.suspect(region, target);
        outcome.completeExceptionally(
            new OutcomeUnknownException(ErrorCode.OUTCOME_UNKNOWN, reason, rpc));
      }
    } else if (rpc.status() == RpcStatus.RESOURCE_EXHAUSTED) {
      outcome.completeExceptionally(
          new OverloadedException(ErrorCode.RESPONSE_TOO_LARGE, reason, rpc));
    } else {
      outcome.completeExceptionally(
          new InvalidRequestException(ErrorCode.REQUEST_REFUSED, reason, rpc));
    }
  }

  private void moved(String reason) {
    sender.cache().invalidate(region);
    outcome.complete(new RegionOutcome.Moved<>(reason));
  }

  private void pauseThen(BackoffKind kind, String reason, Duration least, Runnable next) {
    backoff
        .pause(kind, reason, least)
        .whenComplete(
            (ignored, exhausted) -> {
              if (exhausted != null) {
                outcome.completeExceptionally(Async.cause(exhausted));
              } else {
                next.run();
              }
            });
  }

  private String describe(Error error) {
    return region
        + " at store "
        + target.getStoreId()
        + ": "
        + (error.getMessage().isEmpty() ? error.toString().trim() : error.getMessage());
  }
}
