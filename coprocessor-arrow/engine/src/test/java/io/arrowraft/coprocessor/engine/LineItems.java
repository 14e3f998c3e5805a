package io.arrowraft.coprocessor.engine;

import static io.arrowraft.coprocessor.plan.Expression.call;
import static io.arrowraft.coprocessor.plan.Expression.column;
import static io.arrowraft.coprocessor.plan.Expression.predicate;

import io.arrowraft.coprocessor.plan.AggregateCall;
import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.Expression.Literal;
import io.arrowraft.coprocessor.plan.Operator;
import io.arrowraft.coprocessor.plan.PlanNode;
import io.arrowraft.coprocessor.plan.ScanColumn;
import io.arrowraft.table.DataType;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Rows shaped like TPC-H's lineitem, and the plans of its queries 1 and 6. */
final class LineItems {
  static final DataType MONEY = DataType.decimal(15, 2);
  private static final LocalDate FIRST = LocalDate.of(1992, 1, 2);

  static final TableSchema SCHEMA =
      TableSchema.builder(12, TableName.parse("tpch.lineitem"))
          .required("l_orderkey", DataType.BIGINT)
          .required("l_partkey", DataType.BIGINT)
          .required("l_suppkey", DataType.BIGINT)
          .required("l_linenumber", DataType.INTEGER)
          .required("l_quantity", MONEY)
          .required("l_extendedprice", MONEY)
          .required("l_discount", MONEY)
          .required("l_tax", MONEY)
          .required("l_returnflag", DataType.STRING)
          .required("l_linestatus", DataType.STRING)
          .required("l_shipdate", DataType.DATE)
          .required("l_commitdate", DataType.DATE)
          .required("l_receiptdate", DataType.DATE)
          .required("l_shipinstruct", DataType.STRING)
          .required("l_shipmode", DataType.STRING)
          .required("l_comment", DataType.STRING)
          .primaryKey("l_orderkey", "l_linenumber")
          .build();

  private LineItems() {}

  static Object[] row(int number, Random random) {
    LocalDate shipped = FIRST.plusDays(random.nextInt(2500));
    return new Object[] {
      number / 4L + 1,
      1L + random.nextInt(200_000),
      1L + random.nextInt(10_000),
      number % 4 + 1,
      BigDecimal.valueOf(100L * (1 + random.nextInt(50)), 2),
      BigDecimal.valueOf(90_000 + random.nextInt(10_000_000), 2),
      BigDecimal.valueOf(random.nextInt(11), 2),
      BigDecimal.valueOf(random.nextInt(9), 2),
      new String[] {"A", "N", "R"}[random.nextInt(3)],
      new String[] {"F", "O"}[random.nextInt(2)],
      shipped,
      shipped.plusDays(random.nextInt(60)),
      shipped.plusDays(1 + random.nextInt(30)),
      "DELIVER IN PERSON",
      "TRUCK",
      "carefully final deposits sleep"
    };
  }

  /** A scan of the named columns, in this order. */
  static PlanNode scan(String... names) {
    List<ScanColumn> columns = new ArrayList<>();
    for (String name : names) {
      columns.add(ScanColumn.of(SCHEMA, SCHEMA.column(name).orElseThrow()));
    }
    return new PlanNode.TableScan(SCHEMA.tableId(), columns, false);
  }

  private static Literal day(int year, int month, int day) {
    return Literal.of(DataType.DATE, LocalDate.of(year, month, day).toEpochDay());
  }

  private static Literal money(String value) {
    return Literal.of(new BigDecimal(value), 15, 2);
  }

  static PlanNode query6() {
    Expression shipped = column(3, DataType.DATE);
    Expression discount = column(2, MONEY);
    return new PlanNode.PartialAggregation(
        new PlanNode.Selection(
            scan("l_quantity", "l_extendedprice", "l_discount", "l_shipdate"),
            List.of(
                predicate(Operator.GREATER_OR_EQUAL, shipped, day(1994, 1, 1)),
                predicate(Operator.LESS, shipped, day(1995, 1, 1)),
                predicate(Operator.GREATER_OR_EQUAL, discount, money("0.05")),
                predicate(Operator.LESS_OR_EQUAL, discount, money("0.07")),
                predicate(Operator.LESS, column(0, MONEY), money("24.00")))),
        List.of(),
        List.of(
            AggregateCall.sum(
                call(Operator.MULTIPLY, DataType.decimal(31, 4), column(1, MONEY), discount))));
  }

  static PlanNode query1() {
    Expression quantity = column(0, MONEY);
    Expression price = column(1, MONEY);
    Expression discount = column(2, MONEY);
    Literal one = Literal.of(BigDecimal.ONE, 1, 0);
    Expression discounted =
        call(
            Operator.MULTIPLY,
            DataType.decimal(32, 4),
            price,
            call(Operator.SUBTRACT, DataType.decimal(16, 2), one, discount));
    Expression charge =
        call(
            Operator.MULTIPLY,
            DataType.decimal(38, 6),
            discounted,
            call(Operator.ADD, DataType.decimal(16, 2), one, column(3, MONEY)));
    return new PlanNode.PartialAggregation(
        new PlanNode.Selection(
            scan(
                "l_quantity",
                "l_extendedprice",
                "l_discount",
                "l_tax",
                "l_returnflag",
                "l_linestatus",
                "l_shipdate"),
            List.of(predicate(Operator.LESS_OR_EQUAL, column(6, DataType.DATE), day(1998, 9, 2)))),
        List.of(column(4, DataType.STRING), column(5, DataType.STRING)),
        List.of(
            AggregateCall.sum(quantity),
            AggregateCall.sum(price),
            AggregateCall.sum(discounted),
            AggregateCall.sum(charge),
            AggregateCall.count(quantity),
            AggregateCall.count(price),
            AggregateCall.sum(discount),
            AggregateCall.count(discount),
            AggregateCall.countAll()));
  }
}
