package io.arrowraft.coprocessor.engine;

/** Some rows between two steps. The vectors are good until the step that made them runs again. */
final class RowBatch {
  /** Rows that steps work on at a time: few enough for the columns to stay in the caches. */
  static final int ROWS_MAX = 1024;

  final Vector[] columns;
  int count;

  RowBatch(int columnCount) {
    columns = new Vector[columnCount];
  }
}
