package io.arrowraft.raft;

import io.arrowraft.raft.core.Entry;
import java.util.Objects;
import java.util.Optional;

/**
 * An entry to apply.
 *
 * @param proposal what was attached, if this replica proposed the entry in its present life
 */
public record CommittedEntry<P>(Entry entry, Optional<P> proposal) {
  public CommittedEntry {
    Objects.requireNonNull(entry, "entry");
    Objects.requireNonNull(proposal, "proposal");
  }
}
