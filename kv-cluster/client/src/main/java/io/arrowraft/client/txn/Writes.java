package io.arrowraft.client.txn;

import io.arrowraft.runtime.Bytes;
import java.util.List;

/**
 * What a transaction commits.
 *
 * @param mutations in key order, at least one
 * @param primary the key whose commit decides; one of those that leave a lock, if any does
 * @param forUpdateTs the newest timestamp at which the keys were locked before; 0 if they were not
 * @param order which commits its own is to follow
 */
record Writes(
    long startTs, List<Mutation> mutations, Bytes primary, long forUpdateTs, CommitOrder order) {
  Writes {
    mutations = List.copyOf(mutations);
  }

  /** Of a transaction that has locked nothing yet. */
  static Writes optimistic(long startTs, List<Mutation> mutations, CommitOrder order) {
    Bytes primary =
        mutations.stream().filter(Mutation::leavesLock).findFirst().orElse(mutations.get(0)).key();
    return new Writes(startTs, mutations, primary, 0, order);
  }

  boolean isPessimistic() {
    return forUpdateTs != 0;
  }
}
