package io.arrowraft.e2e.spark;

import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.table.DataType;
import io.trino.tpch.TpchColumn;
import io.trino.tpch.TpchEntity;
import io.trino.tpch.TpchTable;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/** Four tables of TPC-H at a small scale, and four of its queries. */
final class Tpch {
  static final String NAMESPACE = "tpch";

  static final String Q1 =
      """
      SELECT l_returnflag, l_linestatus, sum(l_quantity), sum(l_extendedprice),
        sum(l_extendedprice * (1 - l_discount)),
        sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)),
        avg(l_quantity), avg(l_extendedprice), avg(l_discount), count(*)
      FROM lineitem WHERE l_shipdate <= DATE '1998-12-01' - INTERVAL '90' DAY
      GROUP BY l_returnflag, l_linestatus ORDER BY l_returnflag, l_linestatus
      """;

  static final String Q3 =
      """
      SELECT l_orderkey, sum(l_extendedprice * (1 - l_discount)) AS revenue, o_orderdate,
        o_shippriority
      FROM customer, orders, lineitem
      WHERE c_mktsegment = 'BUILDING' AND c_custkey = o_custkey AND l_orderkey = o_orderkey
        AND o_orderdate < DATE '1995-03-15' AND l_shipdate > DATE '1995-03-15'
      GROUP BY l_orderkey, o_orderdate, o_shippriority
      ORDER BY revenue DESC, o_orderdate, l_orderkey LIMIT 10
      """;

  static final String Q6 =
      """
      SELECT sum(l_extendedprice * l_discount) AS revenue FROM lineitem
      WHERE l_shipdate >= DATE '1994-01-01' AND l_shipdate < DATE '1995-01-01'
        AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24
      """;

  static final String Q14 =
      """
      SELECT 100.00 * sum(CASE WHEN p_type LIKE 'PROMO%'
          THEN l_extendedprice * (1 - l_discount) ELSE 0 END)
        / sum(l_extendedprice * (1 - l_discount)) AS promo_revenue
      FROM lineitem, part
      WHERE l_partkey = p_partkey AND l_shipdate >= DATE '1995-09-01'
        AND l_shipdate < DATE '1995-10-01'
      """;

  private static final double SCALE = 0.001;

  private Tpch() {}

  static List<TestTable> tables() {
    return List.of(
        table(TpchTable.CUSTOMER, List.of("c_custkey"), List.of()),
        table(TpchTable.ORDERS, List.of("o_orderkey"), List.of()),
        table(TpchTable.PART, List.of("p_partkey"), List.of()),
        table(
            TpchTable.LINE_ITEM,
            List.of("l_orderkey", "l_linenumber"),
            List.of(new Object[] {1_500L, 1}, new Object[] {3_000L, 1}, new Object[] {4_500L, 1})));
  }

  private static <E extends TpchEntity> TestTable table(
      TpchTable<E> table, List<String> primaryKey, List<Object[]> splitAt) {
    TableDefinition.Builder definition =
        TableDefinition.named(NAMESPACE + "." + table.getTableName());
    for (TpchColumn<E> column : table.getColumns()) {
      definition.required(column.getColumnName(), type(column));
    }
    List<Object[]> rows = new ArrayList<>();
    for (E entity : table.createGenerator(SCALE, 1, 1)) {
      rows.add(
          table.getColumns().stream().map(column -> value(column, entity)).toArray(Object[]::new));
    }
    return new TestTable(
        definition.primaryKey(primaryKey.toArray(String[]::new)).build(), rows, splitAt);
  }

  private static DataType type(TpchColumn<?> column) {
    return switch (column.getType().getBase()) {
      case IDENTIFIER -> DataType.BIGINT;
      case INTEGER -> DataType.INTEGER;
      case DATE -> DataType.DATE;
      case DOUBLE -> DataType.decimal(15, 2);
      case VARCHAR -> DataType.STRING;
    };
  }

  private static <E extends TpchEntity> Object value(TpchColumn<E> column, E entity) {
    return switch (column.getType().getBase()) {
      case IDENTIFIER -> column.getIdentifier(entity);
      case INTEGER -> column.getInteger(entity);
      case DATE -> LocalDate.ofEpochDay(column.getDate(entity));
      case DOUBLE ->
          BigDecimal.valueOf(column.getDouble(entity)).setScale(2, RoundingMode.HALF_EVEN);
      case VARCHAR -> column.getString(entity);
    };
  }
}
