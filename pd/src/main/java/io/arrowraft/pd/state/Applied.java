package io.arrowraft.pd.state;

import java.util.List;

/**
 * Outcome of one command: the answer to its proposer, and the records to store with the applied
 * index.
 */
public record Applied(PdResult result, List<StateWrite> writes) {
  public Applied {
    writes = List.copyOf(writes);
  }
}
