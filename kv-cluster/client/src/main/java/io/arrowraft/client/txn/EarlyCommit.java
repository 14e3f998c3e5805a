package io.arrowraft.client.txn;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.client.error.OutcomeUnknownException;
import io.arrowraft.client.error.TransactionAbortedException;
import io.arrowraft.client.keyvalue.Wire;
import io.arrowraft.client.options.CommitModes;
import io.arrowraft.client.retry.Backoff;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.proto.kvrpcpb.PrewriteRequest;
import io.arrowraft.proto.kvrpcpb.PrewriteResponse;
import io.arrowraft.runtime.Bytes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a commit asks the stores for beyond two phases, and what came of it. From the moment a
 * prewrite has left, the transaction may be committed without another word from the client: a lost
 * answer leaves the outcome open. Confined to the client's loop.
 */
final class EarlyCommit {
  private final boolean onePhase;
  private final boolean async;
  private final Bytes primary;
  private final List<Bytes> locked;
  private final int mutations;
  private final long leastCommitTs;
  private final long maxCommitTs;
  private final Set<Bytes> unanswered = new HashSet<>();
  private boolean fellBack;
  private long onePhaseTs;
  private long minCommitTs;

  /**
   * @param latest a timestamp above all commits that this one is to follow
   * @param newest the newest commit timestamp that the fences permit
   */
  EarlyCommit(CommitModes modes, Writes writes, List<Bytes> locked, long latest, long newest) {
    long keyBytes = locked.stream().mapToLong(Bytes::length).sum();
    this.onePhase = modes.onePhase();
    // A key that is only checked leaves no lock, so nobody could tell whether its check held.
    this.async =
        modes.async()
            && locked.size() == writes.mutations().size()
            && locked.size() <= modes.asyncKeysMax()
            && keyBytes <= modes.asyncKeyBytesMax();
    this.primary = writes.primary();
    this.locked = locked;
    this.mutations = writes.mutations().size();
    this.leastCommitTs = latest + 1;
    this.maxCommitTs =
        Math.min(
            newest,
            Timestamp.of(new Timestamp(latest).physicalMillis() + modes.laterAtMost().toMillis(), 0)
                .value());
  }

  /** Whether it is worth asking. */
  static boolean isWanted(CommitModes modes, List<Bytes> locked) {
    return (modes.onePhase() || modes.async()) && !locked.isEmpty();
  }

  /** Adds the wish to a prewrite. */
  void addTo(PrewriteRequest.Builder request, List<Mutation> batch) {
    request.setMinCommitTs(leastCommitTs).setMaxCommitTs(maxCommitTs);
    // Regions may split between attempts: one phase is right only for all keys in one request.
    request.setTryOnePc(onePhase && batch.size() == mutations);
    if (async) {
      request.setUseAsyncCommit(true);
      if (batch.stream().anyMatch(mutation -> mutation.key().equals(primary))) {
        locked.stream()
            .filter(key -> !key.equals(primary))
            .forEach(key -> request.addSecondaries(Wire.of(key)));
      }
    }
  }

  /** Takes note of the answer to a prewrite that locked its keys. */
  void answered(List<Mutation> batch, PrewriteResponse response) {
    batch.forEach(mutation -> unanswered.remove(mutation.key()));
    if (response.getOnePcCommitTs() != 0) {
      onePhaseTs = response.getOnePcCommitTs();
    } else if (response.getMinCommitTs() == 0) {
      fellBack = true;
    } else if (Long.compareUnsigned(response.getMinCommitTs(), minCommitTs) > 0) {
      minCommitTs = response.getMinCommitTs();
    }
  }

  /**
   * Takes note of a prewrite that ended without an answer to rely on. Its keys may be tried again,
   * or the commit may end before that, for whatever reason.
   */
  void unanswered(List<Mutation> batch, Backoff attempts) {
    if (attempts.isOutcomeUnknown()) {
      batch.forEach(mutation -> unanswered.add(mutation.key()));
    }
  }

  /** When all prewrites have succeeded: whether they committed the transaction in one phase. */
  boolean isCommitted() {
    return onePhaseTs != 0;
  }

  /** When all prewrites have succeeded: whether that alone has committed the transaction. */
  boolean isCommittedAsync() {
    return async && !fellBack && minCommitTs != 0;
  }

  long commitTs() {
    return onePhaseTs != 0 ? onePhaseTs : minCommitTs;
  }

  /** The failure to report for a prewrite that failed. */
  Throwable failure(Throwable cause, long startTs) {
    boolean decided =
        cause instanceof TransactionAbortedException
            || (cause instanceof InvalidRequestException invalid
                && invalid.code() == ErrorCode.KEY_EXISTS);
    return !unanswered.isEmpty() && !decided
        ? new OutcomeUnknownException(
            ErrorCode.OUTCOME_UNKNOWN,
            "transaction " + startTs + " may or may not have committed: " + cause.getMessage(),
            cause)
        : cause;
  }
}
