package io.arrowraft.coprocessor.engine;

/** Where rows come from: the committed versions of the keys of some ranges, as of one timestamp. */
@FunctionalInterface
public interface RowSource {

  /**
   * Replaces the rows of {@code batch} by the next ones, at most {@code maxRows}. May block for
   * I/O. Yielding no row without being exhausted is allowed.
   */
  FillResult fill(KeyValueBatch batch, int maxRows);
}
