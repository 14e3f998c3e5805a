package io.arrowraft.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One step of a schema's change: the schema before it in, the one after it out, its version one
 * higher. What does not follow from the schema before is refused.
 */
public final class SchemaStep {
  private SchemaStep() {}

  private static TableSchema next(
      TableSchema schema,
      List<Column> columns,
      List<IndexSchema> indexes,
      Evolution evolution,
      SchemaState state) {
    return new TableSchema(
        schema.tableId(),
        schema.tableName(),
        schema.schemaVersion() + 1,
        columns,
        schema.primaryKey(),
        indexes,
        state,
        schema.autoId(),
        evolution);
  }

  /** With a new index, which nobody but deleters cares for yet. */
  public static TableSchema addIndex(
      TableSchema schema, String name, boolean unique, List<String> columnNames) {
    if (schema.index(name).isPresent()) {
      throw new SchemaException(
          "table " + schema.tableName() + " has an index named " + name + " already");
    }
    List<Long> ids = new ArrayList<>();
    for (String columnName : columnNames) {
      ids.add(requireColumn(schema, columnName).id());
    }
    Evolution before = schema.evolution();
    long id = before.lastIndexId() + 1;
    List<IndexSchema> indexes = new ArrayList<>(schema.indexes());
    indexes.add(new IndexSchema(id, name, ids, unique, SchemaState.DELETE_ONLY));
    return next(
        schema,
        schema.columns(),
        indexes,
        new Evolution(before.lastColumnId(), id, before.columns()),
        schema.state());
  }

  /** With an index in another state; {@link SchemaState#ABSENT} removes it. */
  public static TableSchema index(TableSchema schema, long indexId, SchemaState state) {
    List<IndexSchema> indexes = new ArrayList<>();
    for (IndexSchema index : schema.indexes()) {
      if (index.id() != indexId) {
        indexes.add(index);
      } else if (state != SchemaState.ABSENT) {
        indexes.add(index.in(state));
      }
    }
    return next(schema, schema.columns(), indexes, schema.evolution(), schema.state());
  }

  /**
   * With a new column that nobody writes yet. Rows that lack it will read as its default.
   *
   * @throws SchemaException if it must not be NULL and has no default
   */
  public static TableSchema addColumn(
      TableSchema schema, String name, DataType type, boolean nullable, Optional<Object> value) {
    Evolution before = schema.evolution();
    long id = before.lastColumnId() + 1;
    List<ChangingColumn> changing = new ArrayList<>(before.columns());
    changing.add(
        new ChangingColumn(new Column(id, name, type, nullable, value), SchemaState.DELETE_ONLY));
    return next(
        schema,
        schema.columns(),
        schema.indexes(),
        new Evolution(id, before.lastIndexId(), changing),
        schema.state());
  }

  /**
   * With a column in another state: {@link SchemaState#PUBLIC} puts one under change behind the
   * others, {@link SchemaState#ABSENT} forgets it, any other takes it out of sight.
   */
  public static TableSchema column(TableSchema schema, long columnId, SchemaState state) {
    List<Column> columns = new ArrayList<>();
    List<ChangingColumn> changing = new ArrayList<>();
    Column moved = null;
    for (Column column : schema.columns()) {
      if (column.id() == columnId) {
        moved = column;
      } else {
        columns.add(column);
      }
    }
    for (ChangingColumn each : schema.evolution().columns()) {
      if (each.column().id() == columnId) {
        moved = each.column();
      } else {
        changing.add(each);
      }
    }
    if (moved == null) {
      throw new SchemaException("table " + schema.tableName() + " has no column of id " + columnId);
    }
    if (state == SchemaState.PUBLIC) {
      columns.add(moved);
    } else if (state != SchemaState.ABSENT) {
      changing.add(new ChangingColumn(leaving(moved), state));
    }
    Evolution before = schema.evolution();
    return next(
        schema,
        columns,
        schema.indexes(),
        new Evolution(before.lastColumnId(), before.lastIndexId(), changing),
        schema.state());
  }

  /** Writers that do not see a column any more must still give it a value for those who do. */
  private static Column leaving(Column column) {
    return column.nullable() || column.defaultValue().isPresent()
        ? column
        : column.withDefault(ColumnValue.zero(column.type()));
  }

  /** Checks that a column may be removed. */
  public static Column requireDroppable(TableSchema schema, String name) {
    Column column = requireColumn(schema, name);
    for (IndexSchema index : schema.indexes()) {
      if (index.columnIds().contains(column.id())) {
        throw new SchemaException(
            "table "
                + schema.tableName()
                + ": column "
                + name
                + " is part of index "
                + index.name()
                + "; drop the index first");
      }
    }
    if (schema.primaryKeyColumns().contains(column)) {
      throw new SchemaException(
          "table " + schema.tableName() + ": column " + name + " is part of the primary key");
    }
    if (schema.columns().size() == 1) {
      throw new SchemaException(
          "table " + schema.tableName() + " must keep its last column, " + name);
    }
    return column;
  }

  /** With another name for a column. Rows know columns by id, so nothing else changes. */
  public static TableSchema renameColumn(TableSchema schema, String from, String to) {
    Column column = requireColumn(schema, from);
    List<Column> columns = new ArrayList<>(schema.columns());
    columns.set(schema.indexOf(column.id()), column.renamed(to));
    return next(schema, columns, schema.indexes(), schema.evolution(), schema.state());
  }

  /** With the table itself in another state; only a public one is open to readers and writers. */
  public static TableSchema table(TableSchema schema, SchemaState state) {
    return next(schema, schema.columns(), schema.indexes(), schema.evolution(), state);
  }

  /** The same table over rows of another id, that is, without any. */
  public static TableSchema emptied(TableSchema schema, long newTableId) {
    return new TableSchema(
        newTableId,
        schema.tableName(),
        schema.schemaVersion() + 1,
        schema.columns(),
        schema.primaryKey(),
        schema.indexes(),
        SchemaState.PUBLIC,
        schema.autoId(),
        schema.evolution());
  }

  private static Column requireColumn(TableSchema schema, String name) {
    return schema
        .column(name)
        .orElseThrow(
            () ->
                new SchemaException(
                    "table " + schema.tableName() + " has no column named " + name));
  }
}
