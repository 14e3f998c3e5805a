package io.arrowraft.table;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A table as of one schema version.
 *
 * @param tableId unique in the cluster for ever; part of every key
 * @param schemaVersion grows by one with each change of this table
 * @param columns in the order that users see; without those under change
 * @param indexes all that writers must care for, see their states
 * @param autoId how the primary keys of rows that name none come about
 * @param evolution what changes have left behind and have under way
 */
public record TableSchema(
    long tableId,
    TableName tableName,
    long schemaVersion,
    List<Column> columns,
    PrimaryKey primaryKey,
    List<IndexSchema> indexes,
    SchemaState state,
    AutoId autoId,
    Evolution evolution) {

  static final int COLUMNS_MAX = 4096;

  public TableSchema {
    if (tableId < 1) {
      throw new SchemaException("table id must be 1 or greater, not " + tableId);
    }
    Objects.requireNonNull(tableName, "tableName");
    if (schemaVersion < 1) {
      throw new SchemaException("schema version must be 1 or greater, not " + schemaVersion);
    }
    columns = List.copyOf(columns);
    indexes = List.copyOf(indexes);
    Objects.requireNonNull(state, "state");
    if (columns.isEmpty() || columns.size() > COLUMNS_MAX) {
      throw new SchemaException(
          "table "
              + tableName
              + " must have 1 to "
              + COLUMNS_MAX
              + " columns, not "
              + columns.size());
    }
    Objects.requireNonNull(autoId, "autoId");
    checkColumns(tableName, columns, evolution);
    checkPrimaryKey(tableName, columns, primaryKey);
    checkIndexes(tableName, columns, indexes);
    checkAutoId(tableName, columns, primaryKey, autoId);
  }

  /** A table that is under no change and gives out no ids. */
  public TableSchema(
      long tableId,
      TableName tableName,
      long schemaVersion,
      List<Column> columns,
      PrimaryKey primaryKey,
      List<IndexSchema> indexes,
      SchemaState state) {
    this(
        tableId,
        tableName,
        schemaVersion,
        columns,
        primaryKey,
        indexes,
        state,
        AutoId.NONE,
        Evolution.none(columns, indexes));
  }

  private static void checkColumns(TableName table, List<Column> columns, Evolution evolution) {
    Set<Long> ids = new TreeSet<>();
    Set<String> names = new TreeSet<>();
    List<Column> all = new ArrayList<>(columns);
    evolution.columns().forEach(changing -> all.add(changing.column()));
    for (Column column : all) {
      if (column.id() > evolution.lastColumnId()) {
        throw new SchemaException(
            "table " + table + ": column " + column.name() + " has an id that was not given out");
      }
      if (!ids.add(column.id())) {
        throw new SchemaException("table " + table + " has two columns of id " + column.id());
      }
      if (!names.add(column.name().toLowerCase(Locale.ROOT))) {
        throw new SchemaException("table " + table + " has two columns named " + column.name());
      }
    }
  }

  private static void checkPrimaryKey(TableName table, List<Column> columns, PrimaryKey key) {
    if (key instanceof PrimaryKey.IntegerHandle handle) {
      Column column = require(table, "primary key", columns, handle.columnId());
      if (!column.type().isInteger() || column.isUnsigned()) {
        throw new SchemaException(
            "table "
                + table
                + ": an integer primary key needs an integer column, but "
                + column.name()
                + " is "
                + column.declared().sql());
      }
      checkKeyColumn(table, column);
    } else if (key instanceof PrimaryKey.CommonHandle handle) {
      checkColumnIds(table, "primary key", columns, handle.columnIds());
      for (long id : handle.columnIds()) {
        checkKeyColumn(table, require(table, "primary key", columns, id));
      }
    } else if (key == null) {
      throw new SchemaException("table " + table + " has no primary key given");
    }
  }

  private static void checkKeyColumn(TableName table, Column column) {
    if (column.nullable()) {
      throw new SchemaException(
          "table " + table + ": primary key column " + column.name() + " must not be nullable");
    }
    refuseJson(table, column);
  }

  private static void refuseJson(TableName table, Column column) {
    if (column.type().kind() == DataType.Kind.JSON) {
      throw new SchemaException(
          "table " + table + ": JSON column " + column.name() + " cannot be part of a key");
    }
  }

  private static void checkIndexes(
      TableName table, List<Column> columns, List<IndexSchema> indexes) {
    Set<Long> ids = new TreeSet<>();
    Set<String> names = new TreeSet<>();
    for (IndexSchema index : indexes) {
      if (!ids.add(index.id()) || !names.add(index.name().toLowerCase(Locale.ROOT))) {
        throw new SchemaException(
            "table " + table + " has two indexes with the id or name of " + index.name());
      }
      checkColumnIds(table, "index " + index.name(), columns, index.columnIds());
      for (long id : index.columnIds()) {
        refuseJson(table, require(table, "index " + index.name(), columns, id));
      }
    }
  }

  private static void checkAutoId(
      TableName table, List<Column> columns, PrimaryKey key, AutoId autoId) {
    if (autoId instanceof AutoId.None) {
      return;
    }
    if (!(key instanceof PrimaryKey.IntegerHandle handle)) {
      throw new SchemaException(
          "table " + table + ": ids are given out for an integer primary key of one column only");
    }
    Column column = require(table, "primary key", columns, handle.columnId());
    if (autoId instanceof AutoId.Random && column.type().kind() != DataType.Kind.BIGINT) {
      throw new SchemaException(
          "table "
              + table
              + ": random ids need a BIGINT primary key, but "
              + column.name()
              + " is "
              + column.type().sql());
    }
  }

  private static void checkColumnIds(
      TableName table, String what, List<Column> columns, List<Long> ids) {
    Set<Long> seen = new LinkedHashSet<>();
    for (long id : ids) {
      Column column = require(table, what, columns, id);
      if (!seen.add(id)) {
        throw new SchemaException(
            "table " + table + ": " + what + " names column " + column.name() + " twice");
      }
    }
  }

  private static Column require(TableName table, String what, List<Column> columns, long id) {
    for (Column column : columns) {
      if (column.id() == id) {
        return column;
      }
    }
    throw new SchemaException("table " + table + ": " + what + " names unknown column id " + id);
  }

  public String namespace() {
    return tableName.namespace();
  }

  public String name() {
    return tableName.name();
  }

  /** The column of this name; case does not matter. */
  public Optional<Column> column(String name) {
    for (Column column : columns) {
      if (column.name().equalsIgnoreCase(name)) {
        return Optional.of(column);
      }
    }
    return Optional.empty();
  }

  public Optional<Column> columnById(long id) {
    for (Column column : columns) {
      if (column.id() == id) {
        return Optional.of(column);
      }
    }
    return Optional.empty();
  }

  /** Position in {@link #columns()} of the column with this id, or -1. */
  public int indexOf(long columnId) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).id() == columnId) {
        return i;
      }
    }
    return -1;
  }

  /** The index of this name, in whatever state; case does not matter. */
  public Optional<IndexSchema> index(String name) {
    return indexes.stream().filter(index -> index.name().equalsIgnoreCase(name)).findFirst();
  }

  /** The index with this id, in whatever state. */
  public Optional<IndexSchema> indexById(long id) {
    return indexes.stream().filter(index -> index.id() == id).findFirst();
  }

  /**
   * The table as writers fill it: columns that readers do not see, but that writers must keep or
   * give their default, stand behind the others.
   */
  public TableSchema asWritten() {
    List<Column> written = new ArrayList<>(columns);
    for (ChangingColumn changing : evolution.columns()) {
      if (changing.state().adds()) {
        written.add(changing.column());
      }
    }
    return written.size() == columns.size()
        ? this
        : new TableSchema(
            tableId,
            tableName,
            schemaVersion,
            written,
            primaryKey,
            indexes,
            state,
            autoId,
            new Evolution(evolution.lastColumnId(), evolution.lastIndexId(), List.of()));
  }

  /** The columns of the primary key in key order; empty for a hidden row id. */
  public List<Column> primaryKeyColumns() {
    List<Column> result = new ArrayList<>();
    if (primaryKey instanceof PrimaryKey.IntegerHandle handle) {
      result.add(require(tableName, "primary key", columns, handle.columnId()));
    } else if (primaryKey instanceof PrimaryKey.CommonHandle handle) {
      for (long id : handle.columnIds()) {
        result.add(require(tableName, "primary key", columns, id));
      }
    }
    return List.copyOf(result);
  }

  /** Where a row keeps the value of a column. */
  public ColumnSource sourceOf(Column column) {
    if (primaryKey instanceof PrimaryKey.IntegerHandle handle) {
      return handle.columnId() == column.id() ? new ColumnSource.Handle() : ColumnSource.VALUE;
    }
    if (primaryKey instanceof PrimaryKey.CommonHandle handle
        && column.type().kind() != DataType.Kind.STRING) {
      int position = handle.columnIds().indexOf(column.id());
      return position >= 0 ? new ColumnSource.HandlePart(position) : ColumnSource.VALUE;
    }
    return ColumnSource.VALUE;
  }

  public static Builder builder(long tableId, TableName name) {
    return new Builder(tableId, name);
  }

  /** Gathers a schema; {@link #build()} checks it as a whole. Column ids are given in order. */
  public static final class Builder {
    private final long tableId;
    private final TableName name;
    private final List<Column> columns = new ArrayList<>();
    private final List<IndexSchema> indexes = new ArrayList<>();
    private List<String> primaryKey = List.of();
    private long schemaVersion = 1;
    private SchemaState state = SchemaState.PUBLIC;
    private AutoId autoId = AutoId.NONE;

    private Builder(long tableId, TableName name) {
      this.tableId = tableId;
      this.name = name;
    }

    /** Adds a nullable column. */
    public Builder column(String columnName, DataType type) {
      return add(columnName, type, true, Optional.empty());
    }

    /** Adds a column that never holds NULL. */
    public Builder required(String columnName, DataType type) {
      return add(columnName, type, false, Optional.empty());
    }

    /** Adds a column whose value, in rows written before it, is {@code defaultValue}. */
    public Builder column(String columnName, DataType type, boolean nullable, Object defaultValue) {
      return add(columnName, type, nullable, Optional.ofNullable(defaultValue));
    }

    private Builder add(
        String columnName, DataType type, boolean nullable, Optional<Object> defaultValue) {
      columns.add(new Column(columns.size() + 1L, columnName, type, nullable, defaultValue));
      return this;
    }

    /**
     * Names the primary key. One integer column becomes an integer handle, anything else a
     * composite one; without this call rows get a hidden row id.
     */
    public Builder primaryKey(String... columnNames) {
      primaryKey = List.of(columnNames);
      return this;
    }

    /** Adds a public index. */
    public Builder index(String indexName, boolean unique, String... columnNames) {
      indexes.add(
          new IndexSchema(
              indexes.size() + 1L,
              indexName,
              idsOf("index " + indexName, List.of(columnNames)),
              unique,
              SchemaState.PUBLIC));
      return this;
    }

    /** Says how primary keys that rows leave out come about. */
    public Builder autoId(AutoId newAutoId) {
      autoId = newAutoId;
      return this;
    }

    public Builder schemaVersion(long version) {
      schemaVersion = version;
      return this;
    }

    public Builder state(SchemaState newState) {
      state = newState;
      return this;
    }

    public TableSchema build() {
      return new TableSchema(
          tableId,
          name,
          schemaVersion,
          columns,
          buildPrimaryKey(),
          indexes,
          state,
          autoId,
          Evolution.none(columns, indexes));
    }

    private PrimaryKey buildPrimaryKey() {
      if (primaryKey.isEmpty()) {
        return new PrimaryKey.HiddenRowId();
      }
      List<Long> ids = idsOf("primary key", primaryKey);
      if (ids.size() == 1) {
        Column only = require(name, "primary key", columns, ids.get(0));
        // A row id has a sign, so unsigned numbers become datums of the key.
        if (only.type().isInteger() && !only.isUnsigned()) {
          return new PrimaryKey.IntegerHandle(only.id());
        }
      }
      return new PrimaryKey.CommonHandle(ids);
    }

    private List<Long> idsOf(String what, List<String> columnNames) {
      List<Long> ids = new ArrayList<>();
      for (String columnName : columnNames) {
        ids.add(
            columns.stream()
                .filter(column -> column.name().equalsIgnoreCase(columnName))
                .findFirst()
                .orElseThrow(
                    () ->
                        new SchemaException(
                            "table " + name + ": " + what + " names unknown column " + columnName))
                .id());
      }
      return ids;
    }
  }
}
