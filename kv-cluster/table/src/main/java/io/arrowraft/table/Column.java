package io.arrowraft.table;

import java.util.Objects;
import java.util.Optional;

/**
 * A column. Rows written before the column existed read as {@code defaultValue}, or as NULL where
 * it is empty; a row that is added without a value for it gets the same.
 *
 * @param id unique within the table for ever, never reused, 1 or greater
 * @param defaultValue in the form of {@link ColumnValue#canonical}; empty for none
 */
public record Column(
    long id, String name, DataType type, boolean nullable, Optional<Object> defaultValue) {

  public Column {
    if (id < 1 || id > Integer.MAX_VALUE) {
      throw new SchemaException("column id must be 1 to 2^31-1, not " + id);
    }
    if (name == null || name.isEmpty() || name.length() > TableName.LENGTH_MAX) {
      throw new SchemaException(
          "column name must have 1 to "
              + TableName.LENGTH_MAX
              + " characters, not \""
              + name
              + "\"");
    }
    Objects.requireNonNull(type, "type");
    if (defaultValue.isPresent()) {
      defaultValue = Optional.of(ColumnValue.canonical(name, type, defaultValue.get()));
    }
  }

  /** The same column under another name. */
  public Column renamed(String newName) {
    return new Column(id, newName, type, nullable, defaultValue);
  }

  /** The same column with a default. */
  public Column withDefault(Object value) {
    return new Column(id, name, type, nullable, Optional.of(value));
  }

  public static Column of(long id, String name, DataType type, boolean nullable) {
    return new Column(id, name, type, nullable, Optional.empty());
  }
}
