package io.arrowraft.server.txn;

import io.arrowraft.storage.engine.WriteBatch;
import java.util.List;

/**
 * What a command decided.
 *
 * @param answer given once the mutations are applied
 * @param mutations keys as stored; empty if nothing is to be written
 */
public record WriteOutcome<R>(R answer, List<WriteBatch.Operation> mutations) {
  public WriteOutcome {
    mutations = List.copyOf(mutations);
  }

  /** An answer that needs no write. */
  public static <R> WriteOutcome<R> unchanged(R answer) {
    return new WriteOutcome<>(answer, List.of());
  }
}
