package io.arrowraft.client.table;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import io.arrowraft.table.AutoId;
import io.arrowraft.table.DataType;
import io.arrowraft.table.SchemaException;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import io.arrowraft.table.ValueException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A table to be made.
 *
 * @param primaryKey names of its columns in key order; empty: rows get a hidden id
 * @param autoId how primary keys that rows leave out come about
 */
public record TableDefinition(
    TableName name,
    List<ColumnDefinition> columns,
    List<String> primaryKey,
    List<IndexDefinition> indexes,
    AutoId autoId) {
  /**
   * A column of a table to be made or changed.
   *
   * @param defaultValue of rows that say nothing of the column; empty: NULL
   */
  public record ColumnDefinition(
      String name, DataType type, boolean nullable, Optional<Object> defaultValue) {
    /** Without a default. */
    public ColumnDefinition(String name, DataType type, boolean nullable) {
      this(name, type, nullable, Optional.empty());
    }
  }

  /** An index of a table to be made or changed. */
  public record IndexDefinition(String name, boolean unique, List<String> columns) {
    public IndexDefinition {
      columns = List.copyOf(columns);
    }
  }

  public TableDefinition {
    columns = List.copyOf(columns);
    primaryKey = List.copyOf(primaryKey);
    indexes = List.copyOf(indexes);
    Objects.requireNonNull(autoId, "autoId");
  }

  /** A table without indexes whose rows name their primary keys. */
  public TableDefinition(TableName name, List<ColumnDefinition> columns, List<String> primaryKey) {
    this(name, columns, primaryKey, List.of(), AutoId.NONE);
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
        builder.column(
            column.name(), column.type(), column.nullable(), column.defaultValue().orElse(null));
      }
      for (IndexDefinition index : indexes) {
        builder.index(index.name(), index.unique(), index.columns().toArray(String[]::new));
      }
      return builder.primaryKey(primaryKey.toArray(String[]::new)).autoId(autoId).build();
    } catch (SchemaException | ValueException contradiction) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_SCHEMA, contradiction.getMessage(), contradiction);
    }
  }

  /** Gathers a definition. */
  public static final class Builder {
    private final TableName name;
    private final List<ColumnDefinition> columns = new ArrayList<>();
    private final List<IndexDefinition> indexes = new ArrayList<>();
    private List<String> primaryKey = List.of();
    private AutoId autoId = AutoId.NONE;

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

    /** Adds a column whose value, in rows that say nothing of it, is {@code defaultValue}. */
    public Builder column(String columnName, DataType type, Object defaultValue) {
      columns.add(new ColumnDefinition(columnName, type, true, Optional.of(defaultValue)));
      return this;
    }

    /** Adds a column that never holds NULL, with a value for rows that say nothing of it. */
    public Builder required(String columnName, DataType type, Object defaultValue) {
      columns.add(new ColumnDefinition(columnName, type, false, Optional.of(defaultValue)));
      return this;
    }

    /** Adds an index. */
    public Builder index(String indexName, String... columnNames) {
      indexes.add(new IndexDefinition(indexName, false, List.of(columnNames)));
      return this;
    }

    /** Adds an index that has no two entries with the same values, those with NULL excepted. */
    public Builder uniqueIndex(String indexName, String... columnNames) {
      indexes.add(new IndexDefinition(indexName, true, List.of(columnNames)));
      return this;
    }

    /** Gives rows that leave out the integer primary key the next number of a counter. */
    public Builder autoIncrement() {
      autoId = AutoId.INCREMENT;
      return this;
    }

    /** Gives rows that leave out the BIGINT primary key one of its own, spread over the table. */
    public Builder autoRandom() {
      autoId = new AutoId.Random(AutoId.Random.SHARD_BITS_DEFAULT);
      return this;
    }

    /** Names the columns of the primary key, which must be required ones. */
    public Builder primaryKey(String... columnNames) {
      primaryKey = List.of(columnNames);
      return this;
    }

    public TableDefinition build() {
      return new TableDefinition(name, columns, primaryKey, indexes, autoId);
    }
  }
}
