package io.arrowraft.spark;

import io.arrowraft.table.DataType;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/** Three small tables shaped like TPC-H's, with NULLs and amounts near the edge of their type. */
final class Shop {
  static final TableSchema LINES =
      TableSchema.builder(11, TableName.parse("shop.lines"))
          .required("order_id", DataType.BIGINT)
          .required("line", DataType.INTEGER)
          .column("quantity", DataType.decimal(15, 2))
          .column("price", DataType.decimal(15, 2))
          .column("discount", DataType.decimal(15, 2))
          .column("tax", DataType.decimal(15, 2))
          .column("flag", DataType.STRING)
          .column("shipped", DataType.DATE)
          .column("pieces", DataType.INTEGER)
          .primaryKey("order_id", "line")
          .build();

  static final TableSchema CUSTOMERS =
      TableSchema.builder(12, TableName.parse("shop.customers"))
          .required("id", DataType.BIGINT)
          .column("name", DataType.STRING)
          .primaryKey("id")
          .build();

  /** Sums of few rows leave the type of their column. */
  static final TableSchema LARGE =
      TableSchema.builder(13, TableName.parse("shop.large"))
          .required("id", DataType.BIGINT)
          .column("amount", DataType.decimal(12, 2))
          .column("big", DataType.BIGINT)
          .primaryKey("id")
          .build();

  private Shop() {}

  static void open(FakeCluster cluster) {
    cluster.add(LINES, lines(), 5, 200L << 20);
    cluster.add(CUSTOMERS, customers(), 1, 1L << 20);
    cluster.add(LARGE, large(), 2, 1L << 20);
  }

  private static List<Object[]> lines() {
    List<Object[]> rows = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      boolean isNull = i % 17 == 0;
      rows.add(
          new Object[] {
            (long) (i / 4),
            i % 4,
            isNull ? null : BigDecimal.valueOf(100L + i % 50 * 100, 2),
            BigDecimal.valueOf(90_000L + i * 1_731L, 2),
            BigDecimal.valueOf(i % 11, 2),
            BigDecimal.valueOf(i % 9, 2),
            i % 13 == 0 ? null : List.of("A", "N", "R").get(i % 3),
            LocalDate.of(1994, 1, 1).plusDays(i * 3L % 900),
            i % 7 == 0 ? null : i - 200
          });
    }
    return rows;
  }

  private static List<Object[]> customers() {
    List<Object[]> rows = new ArrayList<>();
    for (long i = 0; i < 100; i++) {
      rows.add(new Object[] {i, "customer " + i % 10});
    }
    return rows;
  }

  private static List<Object[]> large() {
    List<Object[]> rows = new ArrayList<>();
    for (long i = 0; i < 20; i++) {
      rows.add(
          new Object[] {
            i, new BigDecimal("9999999999.99"), i % 2 == 0 ? Long.MAX_VALUE : Long.MIN_VALUE + 1
          });
    }
    return rows;
  }
}
