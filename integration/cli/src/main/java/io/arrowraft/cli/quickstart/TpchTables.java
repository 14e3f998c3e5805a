package io.arrowraft.cli.quickstart;

import io.arrowraft.table.DataType;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import io.trino.tpch.TpchColumn;
import io.trino.tpch.TpchEntity;
import io.trino.tpch.TpchTable;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** The eight tables of TPC-H as this product keeps them, and their rows from the generator. */
final class TpchTables {
  static final String NAMESPACE = "tpch";

  /** Money and quantity, as the benchmark's specification has them. */
  private static final int DECIMAL_PRECISION = 15;

  private static final int DECIMAL_SCALE = 2;

  private TpchTables() {}

  /** All tables, the small ones first. */
  static List<TpchTable<?>> all() {
    return List.of(
        TpchTable.REGION,
        TpchTable.NATION,
        TpchTable.SUPPLIER,
        TpchTable.CUSTOMER,
        TpchTable.PART,
        TpchTable.PART_SUPPLIER,
        TpchTable.ORDERS,
        TpchTable.LINE_ITEM);
  }

  static String name(TpchTable<?> table) {
    return table.getTableName();
  }

  /**
   * The schema of a table.
   *
   * @param tableId of the schema made; the cluster gives its own when the table is created
   */
  static TableSchema schema(TpchTable<?> table, long tableId) {
    TableSchema.Builder builder =
        TableSchema.builder(tableId, new TableName(NAMESPACE, name(table)));
    for (TpchColumn<?> column : table.getColumns()) {
      builder.required(column.getColumnName(), typeOf(column));
    }
    return builder.primaryKey(primaryKey(table).toArray(String[]::new)).build();
  }

  /** The rows of one of {@code parts} parts of a table; values in column order. */
  static <E extends TpchEntity> Iterator<List<Object>> rows(
      TpchTable<E> table, double scale, int part, int parts) {
    Iterator<E> entities = table.createGenerator(scale, part, parts).iterator();
    List<TpchColumn<E>> columns = table.getColumns();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return entities.hasNext();
      }

      @Override
      public List<Object> next() {
        E entity = entities.next();
        List<Object> values = new ArrayList<>(columns.size());
        for (TpchColumn<E> column : columns) {
          values.add(valueOf(column, entity));
        }
        return values;
      }
    };
  }

  /** About how many rows a table has at a scale; exact for all but {@code lineitem}. */
  static long expectedRows(TpchTable<?> table, double scale) {
    if (table == TpchTable.REGION) {
      return 5;
    }
    if (table == TpchTable.NATION) {
      return 25;
    }
    long atScaleOne =
        Map.<TpchTable<?>, Long>of(
                TpchTable.SUPPLIER, 10_000L,
                TpchTable.CUSTOMER, 150_000L,
                TpchTable.PART, 200_000L,
                TpchTable.PART_SUPPLIER, 800_000L,
                TpchTable.ORDERS, 1_500_000L,
                TpchTable.LINE_ITEM, 6_001_215L)
            .get(table);
    return Math.max(1, Math.round(atScaleOne * scale));
  }

  private static List<String> primaryKey(TpchTable<?> table) {
    List<? extends TpchColumn<?>> columns = table.getColumns();
    if (table == TpchTable.LINE_ITEM) {
      return List.of("l_orderkey", "l_linenumber");
    }
    if (table == TpchTable.PART_SUPPLIER) {
      // The generator repeats pairs of part and supplier below scale 0.01, so no key of columns is
      // unique.
      return List.of();
    }
    return List.of(columns.get(0).getColumnName());
  }

  private static DataType typeOf(TpchColumn<?> column) {
    return switch (column.getType().getBase()) {
      case IDENTIFIER -> DataType.BIGINT;
      case INTEGER -> DataType.INTEGER;
      case DATE -> DataType.DATE;
      case DOUBLE -> DataType.decimal(DECIMAL_PRECISION, DECIMAL_SCALE);
      case VARCHAR -> DataType.STRING;
    };
  }

  private static <E extends TpchEntity> Object valueOf(TpchColumn<E> column, E entity) {
    return switch (column.getType().getBase()) {
      case IDENTIFIER -> column.getIdentifier(entity);
      case INTEGER -> column.getInteger(entity);
      case DATE -> LocalDate.ofEpochDay(column.getDate(entity));
      // The generator keeps hundredths; the nearest decimal of that scale is the number it meant.
      case DOUBLE ->
          BigDecimal.valueOf(column.getDouble(entity))
              .setScale(DECIMAL_SCALE, RoundingMode.HALF_EVEN);
      case VARCHAR -> column.getString(entity);
    };
  }
}
