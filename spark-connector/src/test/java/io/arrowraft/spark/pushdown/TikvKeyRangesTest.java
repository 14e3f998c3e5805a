package io.arrowraft.spark.pushdown;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.Operator;
import io.arrowraft.table.DataType;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class TikvKeyRangesTest {
  private static final TableSchema BY_NUMBER =
      TableSchema.builder(7, TableName.parse("shop.orders"))
          .required("id", DataType.BIGINT)
          .column("price", DataType.decimal(15, 2))
          .primaryKey("id")
          .build();

  private static final TableSchema BY_COLUMNS =
      TableSchema.builder(8, TableName.parse("shop.lines"))
          .required("order", DataType.BIGINT)
          .required("day", DataType.DATE)
          .required("line", DataType.INTEGER)
          .primaryKey("order", "day", "line")
          .build();

  private static Expression compare(TableSchema schema, Operator operator, int column, long value) {
    DataType type = schema.columns().get(column).type();
    return Expression.predicate(
        operator, Expression.column(column, type), Expression.Literal.of(type, value));
  }

  @Test
  void withoutFiltersTheWholeTableIsRead() {
    assertThat(TikvKeyRanges.of(BY_NUMBER, List.of())).containsExactly(TableKeys.tableRange(7));
  }

  @Test
  void boundsOnTheIntegerKeyNarrowTheRange() {
    assertThat(
            TikvKeyRanges.of(
                BY_NUMBER,
                List.of(
                    compare(BY_NUMBER, Operator.GREATER, 0, 10),
                    compare(BY_NUMBER, Operator.LESS_OR_EQUAL, 0, 20))))
        .containsExactly(TableKeys.handleRange(7, 11, 20));
  }

  @Test
  void contradictionsReadNothing() {
    assertThat(
            TikvKeyRanges.of(
                BY_NUMBER,
                List.of(
                    compare(BY_NUMBER, Operator.EQUAL, 0, 10),
                    compare(BY_NUMBER, Operator.EQUAL, 0, 20))))
        .isEmpty();
    assertThat(
            TikvKeyRanges.of(
                BY_NUMBER, List.of(compare(BY_NUMBER, Operator.LESS, 0, Long.MIN_VALUE))))
        .isEmpty();
  }

  @Test
  void listsOfKeysBecomePointsInOrder() {
    Expression in =
        Expression.predicate(
            Operator.IN,
            Expression.column(0, DataType.BIGINT),
            Expression.Literal.of(30),
            Expression.Literal.of(10),
            Expression.Literal.nullOf(DataType.BIGINT));
    assertThat(TikvKeyRanges.of(BY_NUMBER, List.of(in, compare(BY_NUMBER, Operator.LESS, 0, 30))))
        .containsExactly(TableKeys.handlePoint(7, 10));
  }

  @Test
  void leadingColumnsOfACompositeKeyNarrowTheRange() {
    byte[] low = TableKeys.rowKey(BY_COLUMNS, new Object[] {5L, LocalDate.of(2020, 1, 2), 3}, 0);
    byte[] high = TableKeys.rowKey(BY_COLUMNS, new Object[] {5L, LocalDate.of(2020, 1, 4), 9}, 0);
    byte[] out = TableKeys.rowKey(BY_COLUMNS, new Object[] {5L, LocalDate.of(2020, 1, 5), 1}, 0);
    List<KeyRange> ranges =
        TikvKeyRanges.of(
            BY_COLUMNS,
            List.of(
                compare(BY_COLUMNS, Operator.EQUAL, 0, 5),
                compare(
                    BY_COLUMNS,
                    Operator.GREATER_OR_EQUAL,
                    1,
                    LocalDate.of(2020, 1, 2).toEpochDay()),
                compare(BY_COLUMNS, Operator.LESS, 1, LocalDate.of(2020, 1, 5).toEpochDay())));
    assertThat(ranges).hasSize(1);
    assertThat(ranges.get(0).contains(io.arrowraft.table.Bytes.copyOf(low))).isTrue();
    assertThat(ranges.get(0).contains(io.arrowraft.table.Bytes.copyOf(high))).isTrue();
    assertThat(ranges.get(0).contains(io.arrowraft.table.Bytes.copyOf(out))).isFalse();
  }

  @Test
  void filtersOnOtherColumnsNarrowNothing() {
    assertThat(TikvKeyRanges.of(BY_COLUMNS, List.of(compare(BY_COLUMNS, Operator.EQUAL, 2, 1))))
        .containsExactly(TableKeys.tableRange(8));
  }
}
