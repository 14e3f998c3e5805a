package io.arrowraft.client.txn;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The fences of one transaction, in the order in which it met their subjects. */
final class Fences {
  private final Map<Object, CommitFence> bySubject = new LinkedHashMap<>();

  synchronized <F extends CommitFence> F of(Object subject, Class<F> type, Supplier<F> make) {
    return type.cast(bySubject.computeIfAbsent(subject, absent -> make.get()));
  }

  /** The newest commit timestamp that all permit. */
  synchronized long newestCommitTs() {
    long newest = Long.MAX_VALUE;
    for (CommitFence fence : bySubject.values()) {
      newest = Math.min(newest, fence.newestCommitTs());
    }
    return newest;
  }

  synchronized void beforeCommit() {
    bySubject.values().forEach(CommitFence::beforeCommit);
  }

  /** Asks all that do not permit {@code commitTs}. */
  synchronized CompletableFuture<Void> extend(long commitTs) {
    return CompletableFuture.allOf(
        bySubject.values().stream()
            .filter(fence -> fence.newestCommitTs() < commitTs)
            .map(CommitFence::extend)
            .toArray(CompletableFuture<?>[]::new));
  }

  /** The failure to report for one of a commit. */
  synchronized Throwable explain(Throwable failure) {
    Throwable explained = failure;
    if (failure instanceof InvalidRequestException refused
        && refused.code() == ErrorCode.KEY_EXISTS) {
      InvalidRequestException best = refused;
      for (CommitFence fence : bySubject.values()) {
        best = fence.explain(best);
      }
      explained = best;
    }
    return explained;
  }
}
