package io.arrowraft.client.table.change;

import io.arrowraft.table.KeyRange;
import java.util.concurrent.CompletableFuture;

/** Guesses how many rows lie in a range, for progress alone. */
@FunctionalInterface
public interface RowEstimate {
  /** About how many rows there are; 0 if nobody knows. Does not fail. */
  CompletableFuture<Long> rows(KeyRange range);
}
