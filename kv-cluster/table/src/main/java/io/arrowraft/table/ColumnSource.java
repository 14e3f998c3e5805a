package io.arrowraft.table;

/** Where a stored row keeps the value of a column. */
public sealed interface ColumnSource {
  ColumnSource VALUE = new Value();

  /** In the row value, found by column id. */
  record Value() implements ColumnSource {}

  /** The integer handle in the row key. */
  record Handle() implements ColumnSource {}

  /** One of the encoded parts of a composite row key, counted from 0. */
  record HandlePart(int position) implements ColumnSource {
    public HandlePart {
      if (position < 0) {
        throw new SchemaException("key part must be 0 or greater, not " + position);
      }
    }
  }
}
