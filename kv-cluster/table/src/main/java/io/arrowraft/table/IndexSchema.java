package io.arrowraft.table;

import java.util.List;
import java.util.Objects;

/** A secondary index over the named columns, in order. */
public record IndexSchema(
    long id, String name, List<Long> columnIds, boolean unique, SchemaState state) {
  public IndexSchema {
    if (id < 1) {
      throw new SchemaException("index id must be 1 or greater, not " + id);
    }
    TableName.check("index name", name);
    columnIds = List.copyOf(columnIds);
    if (columnIds.isEmpty()) {
      throw new SchemaException("index " + name + " has no column");
    }
    Objects.requireNonNull(state, "state");
  }

  /** The same index, further on in its change. */
  public IndexSchema in(SchemaState newState) {
    return new IndexSchema(id, name, columnIds, unique, newState);
  }
}
