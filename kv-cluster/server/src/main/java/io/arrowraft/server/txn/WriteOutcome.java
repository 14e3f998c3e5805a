package io.arrowraft.server.txn;

import io.arrowraft.storage.engine.WriteBatch;
import java.util.List;
import java.util.Objects;

/**
 * What a command decided.
 *
 * @param answer given once the mutations are applied
 * @param mutations keys as stored; empty if nothing is to be written
 * @param afterwards lets go of what the command holds beside its latches, once the mutations are
 *     applied or known never to be
 */
public record WriteOutcome<R>(R answer, List<WriteBatch.Operation> mutations, Runnable afterwards) {
  public WriteOutcome {
    mutations = List.copyOf(mutations);
    Objects.requireNonNull(afterwards, "afterwards");
  }

  public WriteOutcome(R answer, List<WriteBatch.Operation> mutations) {
    this(answer, mutations, () -> {});
  }

  /** An answer that needs no write. */
  public static <R> WriteOutcome<R> unchanged(R answer) {
    return new WriteOutcome<>(answer, List.of());
  }
}
