package io.arrowraft.coprocessor.engine;

/** One step above the scan. Rows are pushed in; a step hands its own on to the next one. */
abstract class Step {
  protected final Step next;

  Step(Step next) {
    this.next = next;
  }

  abstract void accept(RowBatch batch);

  /**
   * Called when no more rows will be pushed into this step: hands on some of the rows that it held
   * back, at most {@link RowBatch#ROWS_MAX}.
   *
   * @return whether there may be more
   */
  boolean drain() {
    return false;
  }

  /** Whether this step needs no further input. */
  boolean satisfied() {
    return next != null && next.satisfied();
  }
}
