package io.arrowraft.server.apply;

import io.arrowraft.proto.store.RegionState;
import java.util.Objects;

/**
 * A replica that has applied all of its log up to the entry that prepared its merge, and applies
 * nothing any more.
 *
 * @param state as it is in the engine
 */
public record MergeSource(RegionState state, long appliedIndex, Counts counts) {
  public MergeSource {
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(counts, "counts");
  }
}
