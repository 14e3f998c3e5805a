package io.arrowraft.client.txn;

import io.arrowraft.runtime.Bytes;
import java.util.TreeMap;

/** What a transaction had written at some point. Belongs to that transaction. */
public final class Savepoint {
  private final MutationBuffer owner;
  private final TreeMap<Bytes, Mutation> mutations;
  private final long bytes;

  Savepoint(MutationBuffer owner, TreeMap<Bytes, Mutation> mutations, long bytes) {
    this.owner = owner;
    this.mutations = mutations;
    this.bytes = bytes;
  }

  MutationBuffer owner() {
    return owner;
  }

  TreeMap<Bytes, Mutation> mutations() {
    return mutations;
  }

  long bytes() {
    return bytes;
  }
}
