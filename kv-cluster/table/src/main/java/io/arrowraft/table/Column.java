package io.arrowraft.table;

import java.util.Objects;
import java.util.Optional;

/**
 * A column. Rows written before the column existed read as {@code defaultValue}, or as NULL where
 * it is empty; a row that is added without a value for it gets the same.
 *
 * @param id unique within the table for ever, never reused, 1 or greater
 * @param declared as it was asked for; says how values are stored
 * @param defaultValue in the form of {@link ColumnValue#canonical}; empty for none
 */
public record Column(
    long id, String name, DataType declared, boolean nullable, Optional<Object> defaultValue) {

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
    Objects.requireNonNull(declared, "type");
    if (defaultValue.isPresent()) {
      defaultValue = Optional.of(ColumnValue.canonical(name, declared, defaultValue.get()));
    }
  }

  /** The type of its values. */
  public DataType type() {
    return declared.valueType();
  }

  /** Whether its integers are stored without a sign. */
  public boolean isUnsigned() {
    return declared instanceof DataType.Unsigned;
  }

  /** The same column under another name. */
  public Column renamed(String newName) {
    return new Column(id, newName, declared, nullable, defaultValue);
  }

  /** The same column with a default. */
  public Column withDefault(Object value) {
    return new Column(id, name, declared, nullable, Optional.of(value));
  }

  public static Column of(long id, String name, DataType declared, boolean nullable) {
    return new Column(id, name, declared, nullable, Optional.empty());
  }
}
