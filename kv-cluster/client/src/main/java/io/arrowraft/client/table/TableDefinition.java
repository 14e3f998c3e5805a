package io.arrowraft.client.table;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.table.DataType;
import io.arrowraft.table.SchemaException;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import java.util.ArrayList;
import java.util.List;

/**
 * A table to be made.
 *
 * @param primaryKey names of its columns in key order; empty: rows get a hidden id
 */
public record TableDefinition(
    TableName name, List<ColumnDefinition> columns, List<String> primaryKey) {
  /** A column of a table to be made. */
  public record ColumnDefinition(String name, DataType type, boolean nullable) {}

  public TableDefinition {
    columns = List.copyOf(columns);
    primaryKey = List.copyOf(primaryKey);
  }

  /**
   * Begins a definition.
   *
   * @param name {@code namespace.table}
   */
  public static Builder named(String name) {
    return new Builder(TableNames.parse(name));
  }

  /** The table's schema once it has an id. Refuses a definition that contradicts itself. */
  TableSchema toSchema(long tableId) {
    try {
      TableSchema.Builder builder = TableSchema.builder(tableId, name);
      for (ColumnDefinition column : columns) {
        if (column.nullable()) {
          builder.column(column.name(), column.type());
        } else {
          builder.required(column.name(), column.type());
        }
      }
      return builder.primaryKey(primaryKey.toArray(String[]::new)).build();
    } catch (SchemaException contradiction) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_SCHEMA, contradiction.getMessage(), contradiction);
    }
  }

  /** Gathers a definition. */
  public static final class Builder {
    private final TableName name;
    private final List<ColumnDefinition> columns = new ArrayList<>();
    private List<String> primaryKey = List.of();

    private Builder(TableName name) {
      this.name = name;
    }

    /** Adds a column that may hold NULL. */
    public Builder column(String columnName, DataType type) {
      columns.add(new ColumnDefinition(columnName, type, true));
      return this;
    }

    /** Adds a column that never holds NULL. */
    public Builder required(String columnName, DataType type) {
      columns.add(new ColumnDefinition(columnName, type, false));
      return this;
    }

    /** Names the columns of the primary key, which must be required ones. */
    public Builder primaryKey(String... columnNames) {
      primaryKey = List.of(columnNames);
      return this;
    }

    public TableDefinition build() {
      return new TableDefinition(name, columns, primaryKey);
    }
  }
}
