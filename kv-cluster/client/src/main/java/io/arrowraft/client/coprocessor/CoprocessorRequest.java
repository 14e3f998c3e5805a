package io.arrowraft.client.coprocessor;

import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Bytes;
import java.util.Objects;
import java.util.Set;

/**
 * What a region is asked to do.
 *
 * @param type kind of request, which tells the store what {@code plan} is
 * @param plan opaque here
 * @param readTimestamp what was committed after it is not seen
 * @param resolvedLocks start timestamps whose locks the read may pass, from {@link
 *     CoprocessorCalls#recover}
 */
public record CoprocessorRequest(
    int type, Bytes plan, Timestamp readTimestamp, Set<Long> resolvedLocks) {
  public CoprocessorRequest {
    Objects.requireNonNull(plan, "plan");
    Objects.requireNonNull(readTimestamp, "readTimestamp");
    resolvedLocks =
        java.util.Collections.unmodifiableSet(new java.util.LinkedHashSet<>(resolvedLocks));
  }

  /** The same with more locks that may be passed. */
  public CoprocessorRequest passing(Set<Long> moreLocks) {
    Set<Long> all = new java.util.LinkedHashSet<>(resolvedLocks);
    all.addAll(moreLocks);
    return new CoprocessorRequest(type, plan, readTimestamp, all);
  }
}
