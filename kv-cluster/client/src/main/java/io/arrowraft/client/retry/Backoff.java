package io.arrowraft.client.retry;

import io.arrowraft.client.error.ArrowraftException;
import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.LockConflictException;
import io.arrowraft.client.error.OutcomeUnknownException;
import io.arrowraft.client.error.OverloadedException;
import io.arrowraft.client.error.RoutingException;
import io.arrowraft.client.error.TransactionAbortedException;
import io.arrowraft.runtime.Deadline;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/**
 * The retries of one operation, or of one of its concurrent branches: when it must end, how often
 * it has waited and why, and whether an attempt went out whose outcome never became known.
 */
public final class Backoff {
  private final Retries retries;
  private final Deadline deadline;
  private final Map<BackoffKind, Integer> attempts = new EnumMap<>(BackoffKind.class);
  private final OperationTrail trail;
  private final Interest interest;
  private String lostRequest;

  Backoff(Retries retries, Deadline deadline) {
    this(retries, deadline, new OperationTrail(), new Interest());
  }

  private Backoff(Retries retries, Deadline deadline, OperationTrail trail, Interest interest) {
    this.retries = retries;
    this.deadline = deadline;
    this.trail = trail;
    this.interest = interest;
  }

  /** A branch with the same deadline and past that counts for itself from here on. */
  public Backoff fork() {
    Backoff branch = new Backoff(retries, deadline, trail, interest);
    branch.lostRequest = lostRequest;
    return branch;
  }

  /**
   * One with the same deadline and no past, for a request that several operations share: it goes on
   * when this operation is cancelled.
   */
  public Backoff afresh() {
    return new Backoff(retries, deadline, trail, new Interest());
  }

  /** What the operation has come to so far, in all its branches. */
  public OperationTrail trail() {
    return trail;
  }

  /** Nobody wants the result any more: what runs is cancelled, and nothing is begun. */
  public void cancel() {
    interest.lose();
  }

  public boolean isCancelled() {
    return interest.isLost();
  }

  /** Cancels {@code call} when the operation is cancelled. */
  public void follow(CompletableFuture<?> call) {
    interest.follow(call);
  }

  public Deadline deadline() {
    return deadline;
  }

  /** How long one attempt may take: {@code most}, or what is left if that is less. */
  public Duration attemptTimeout(Duration most) {
    Duration left = deadline.remaining(retries.time());
    Duration least = Duration.ofMillis(1);
    Duration bounded = left.compareTo(most) < 0 ? left : most;
    return bounded.compareTo(least) < 0 ? least : bounded;
  }

  /** Waits before another attempt, or fails if the deadline is nearer than the wait. */
  public CompletableFuture<Void> pause(BackoffKind kind, String reason) {
    return pause(kind, reason, Duration.ZERO);
  }

  /** As {@link #pause(BackoffKind, String)}, but not shorter than {@code least}. */
  public CompletableFuture<Void> pause(BackoffKind kind, String reason, Duration least) {
    if (interest.isLost()) {
      return CompletableFuture.failedFuture(cancelled(reason));
    }
    int attempt = attempts.merge(kind, 1, Integer::sum) - 1;
    Duration wait = retries.jittered(kind.ceiling(attempt));
    if (wait.compareTo(least) < 0) {
      wait = least;
    }
    if (wait.compareTo(deadline.remaining(retries.time())) >= 0) {
      return CompletableFuture.failedFuture(exhausted(kind, reason));
    }
    retries.count(kind);
    trail.waited(kind, wait);
    CompletableFuture<Void> over = new CompletableFuture<>();
    retries.loop().schedule(wait, () -> over.complete(null));
    return over;
  }

  /** Fails if the deadline has passed: for repetitions that need no wait, so that they end. */
  public CompletableFuture<Void> requireTimeLeft(BackoffKind kind, String reason) {
    return deadline.isExpired(retries.time())
        ? CompletableFuture.failedFuture(exhausted(kind, reason))
        : CompletableFuture.completedFuture(null);
  }

  /** Remembers that a request may have been carried out although no answer came. */
  public void noteLostRequest(String what) {
    lostRequest = what;
  }

  /** Forgets it: a later answer has told the outcome. */
  public void outcomeIsKnown() {
    lostRequest = null;
  }

  public boolean isOutcomeUnknown() {
    return lostRequest != null;
  }

  /**
   * The failure to report for a write: {@code failure} itself, or {@link OutcomeUnknownException}
   * if an earlier attempt may have been carried out.
   */
  public Throwable writeFailure(Throwable failure) {
    if (lostRequest == null
        || !(failure instanceof RoutingException
            || failure instanceof OverloadedException
            || failure instanceof LockConflictException)) {
      return failure;
    }
    return new OutcomeUnknownException(
        ErrorCode.OUTCOME_UNKNOWN,
        "the write may have taken effect: "
            + lostRequest
            + ", and until the deadline: "
            + failure.getMessage(),
        failure);
  }

  /** For who finds the operation cancelled before its next step. */
  public static CancellationException cancelled(String reason) {
    return new CancellationException("the operation was cancelled: " + reason);
  }

  private static ArrowraftException exhausted(BackoffKind kind, String reason) {
    return switch (kind) {
      case NOT_LEADER, REGION_MOVED, STORE_UNREACHABLE, NOT_READY ->
          new RoutingException(
              ErrorCode.REGION_UNAVAILABLE, "no replica served the request in time: " + reason);
      case PLACEMENT ->
          new RoutingException(
              ErrorCode.PLACEMENT_UNREACHABLE,
              "the placement driver did not answer in time: " + reason);
      case SERVER_BUSY ->
          new OverloadedException(ErrorCode.SERVER_BUSY, "stores stayed busy: " + reason);
      case LOCK ->
          new LockConflictException(ErrorCode.LOCK_WAIT_TIMEOUT, "a key stayed locked: " + reason);
      case CONFLICT ->
          new TransactionAbortedException(
              ErrorCode.WRITE_CONFLICT, "the transaction lost against others again: " + reason);
    };
  }
}
