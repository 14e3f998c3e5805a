package io.arrowraft.table;

import java.util.Objects;

/** A column on its way in or out, which readers do not see. */
public record ChangingColumn(Column column, SchemaState state) {
  public ChangingColumn {
    Objects.requireNonNull(column, "column");
    Objects.requireNonNull(state, "state");
    if (state == SchemaState.ABSENT || state == SchemaState.PUBLIC) {
      throw new SchemaException(
          "column " + column.name() + " is under change and thus not " + state);
    }
    if (!column.nullable() && column.defaultValue().isEmpty()) {
      throw new SchemaException(
          "column "
              + column.name()
              + " must not be NULL and has no default: rows written without it would have no value");
    }
  }
}
