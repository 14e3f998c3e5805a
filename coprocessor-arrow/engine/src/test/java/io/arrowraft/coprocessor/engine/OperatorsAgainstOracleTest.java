package io.arrowraft.coprocessor.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.coprocessor.plan.AggregateCall;
import io.arrowraft.coprocessor.plan.AggregateFunction;
import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.PlanCodec;
import io.arrowraft.coprocessor.plan.PlanNode;
import io.arrowraft.coprocessor.plan.PlanPrinter;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.coprocessor.plan.SortKey;
import io.arrowraft.table.DataType;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** The executor against the naive reading of the same plan, on random rows. */
class OperatorsAgainstOracleTest {
  private final TestRows table = new TestRows(RandomPlans.schema());
  private final List<List<Object>> rows = new ArrayList<>();

  private RandomPlans fill(long seed, int count) {
    RandomPlans plans = new RandomPlans(seed);
    for (int i = 0; i < count; i++) {
      List<Object> row = plans.row(i * 3L);
      rows.add(row);
      table.add(RandomPlans.canonical(row));
    }
    return plans;
  }

  private List<List<Object>> run(PlanNode plan, boolean ansi, int batchRows) {
    PlanRequest request =
        PlanRequest.of(plan)
            .withAnsi(ansi)
            .withBatchRowsMax(batchRows)
            .withFloatingSumAllowed(true);
    return table.run(PlanCodec.decode(PlanCodec.encode(request)));
  }

  /** Either both have the rows, or both fail. */
  private void check(PlanNode plan, boolean ansi, int batchRows, Supplier<List<?>> oracle) {
    List<?> expected;
    try {
      expected = oracle.get();
    } catch (EvaluationException e) {
      expected = null;
    }
    List<List<Object>> actual;
    try {
      actual = run(plan, ansi, batchRows);
    } catch (EvaluationException e) {
      actual = null;
    }
    assertThat(text(actual)).as(PlanPrinter.print(plan)).isEqualTo(text(expected));
  }

  private static List<String> text(List<?> rows) {
    return rows == null ? List.of("error") : rows.stream().map(Object::toString).toList();
  }

  private static boolean passes(Oracle oracle, List<Expression> conditions, List<Object> row) {
    for (Expression condition : conditions) {
      if (!Boolean.TRUE.equals(oracle.evaluate(condition, row))) {
        return false;
      }
    }
    return true;
  }

  @Property(tries = 400)
  void selectionsAndProjectionsAgree(@ForAll long seed, @ForAll boolean ansi) {
    RandomPlans plans = fill(seed, 60);
    List<Expression> conditions = new ArrayList<>();
    for (int i = plans.random().nextInt(3); i > 0; i--) {
      conditions.add(plans.condition(3));
    }
    List<Expression> expressions = new ArrayList<>();
    for (int i = plans.random().nextInt(4); i >= 0; i--) {
      expressions.add(plans.expression(plans.type(), 3));
    }
    PlanNode scan = table.scan();
    PlanNode filtered =
        plans.random().nextBoolean()
            ? new PlanNode.Selection(scan, conditions)
            : new PlanNode.Selection(new PlanNode.Limit(scan, 1000), conditions);
    Oracle oracle = new Oracle(ansi);
    check(
        new PlanNode.Projection(filtered, expressions),
        ansi,
        1 + plans.random().nextInt(30),
        () -> {
          List<List<Object>> result = new ArrayList<>();
          for (List<Object> row : rows) {
            if (passes(oracle, conditions, row)) {
              List<Object> values = new ArrayList<>();
              expressions.forEach(each -> values.add(oracle.evaluate(each, row)));
              result.add(values);
            }
          }
          return result;
        });
    clear();
  }

  private void clear() {
    rows.clear();
    table.keys.clear();
    table.values.clear();
  }

  @Property(tries = 60)
  void wholeRowsReturnAsTheyWereStored(@ForAll long seed) {
    RandomPlans plans = fill(seed, 2500);
    check(table.scan(), true, 1 + plans.random().nextInt(4000), () -> rows);
    clear();
  }

  @Property(tries = 100)
  void topRowsAgree(@ForAll long seed) {
    RandomPlans plans = fill(seed, 1500);
    List<SortKey> keys = new ArrayList<>();
    for (int i = plans.random().nextInt(3); i >= 0; i--) {
      int column = 1 + plans.random().nextInt(RandomPlans.TYPES.size() - 1);
      keys.add(
          new SortKey(
              Expression.column(column, RandomPlans.TYPES.get(column)),
              plans.random().nextBoolean(),
              plans.random().nextBoolean()));
    }
    // The handle makes the order total.
    keys.add(
        new SortKey(Expression.column(0, DataType.BIGINT), plans.random().nextBoolean(), true));
    int count = plans.random().nextInt(1600);
    check(
        new PlanNode.TopN(table.scan(), keys, count),
        true,
        100,
        () -> rows.stream().sorted((a, b) -> compare(keys, a, b)).limit(count).toList());
    clear();
  }

  private static int compare(List<SortKey> keys, List<Object> a, List<Object> b) {
    for (SortKey key : keys) {
      int column = ((Expression.ColumnReference) key.expression()).index();
      Object x = a.get(column);
      Object y = b.get(column);
      int sign;
      if (x == null || y == null) {
        sign = x == y ? 0 : (x == null) == key.nullsFirst() ? -1 : 1;
      } else {
        sign = Oracle.compare(x, y) * (key.descending() ? -1 : 1);
      }
      if (sign != 0) {
        return sign;
      }
    }
    return 0;
  }

  @Property(tries = 200)
  void aggregatesAgreeAndEveryPartFitsItsType(@ForAll long seed) {
    RandomPlans plans = fill(seed, 300);
    List<Integer> groupColumns = new ArrayList<>();
    for (int i = plans.random().nextInt(4); i > 0; i--) {
      groupColumns.add(1 + plans.random().nextInt(RandomPlans.TYPES.size() - 1));
    }
    List<AggregateCall> aggregates = new ArrayList<>();
    aggregates.add(AggregateCall.countAll());
    for (int column = 0; column < RandomPlans.TYPES.size(); column++) {
      Expression argument = Expression.column(column, RandomPlans.TYPES.get(column));
      aggregates.add(AggregateCall.count(argument));
      aggregates.add(AggregateCall.min(argument));
      aggregates.add(AggregateCall.max(argument));
      if (argument.type().isInteger() || argument.type().kind() == DataType.Kind.DECIMAL) {
        aggregates.add(AggregateCall.sum(argument));
      }
    }
    List<Expression> groupBy = new ArrayList<>();
    groupColumns.forEach(
        column -> groupBy.add(Expression.column(column, RandomPlans.TYPES.get(column))));
    PlanNode plan = new PlanNode.PartialAggregation(table.scan(), groupBy, aggregates);
    List<List<Object>> parts = run(plan, true, 50);
    Map<String, List<Object>> actual = new TreeMap<>();
    for (List<Object> part : parts) {
      String key = key(part.subList(0, groupBy.size()));
      List<Object> values = part.subList(groupBy.size(), part.size());
      actual.merge(key, widened(values, aggregates), (a, b) -> merged(a, b, aggregates));
    }
    assertThat(text(actual)).isEqualTo(text(expected(groupColumns, aggregates)));
    clear();
  }

  private static String text(Map<String, List<Object>> groups) {
    StringBuilder text = new StringBuilder();
    groups.forEach((key, values) -> text.append(key).append(" -> ").append(values).append('\n'));
    return text.toString().replace("-0.0,", "0.0,");
  }

  private static String key(List<Object> values) {
    return values.toString().replace("-0.0", "0.0");
  }

  private static List<Object> widened(List<Object> values, List<AggregateCall> aggregates) {
    List<Object> wide = new ArrayList<>(values);
    for (int i = 0; i < wide.size(); i++) {
      if (aggregates.get(i).function() == AggregateFunction.SUM && wide.get(i) != null) {
        BigDecimal sum = Oracle.exact(wide.get(i));
        if (aggregates.get(i).type() instanceof DataType.Decimal type) {
          assertThat(sum.precision()).isLessThanOrEqualTo(type.precision());
        }
        wide.set(i, sum);
      }
    }
    return wide;
  }

  private static List<Object> merged(
      List<Object> a, List<Object> b, List<AggregateCall> aggregates) {
    List<Object> result = new ArrayList<>();
    for (int i = 0; i < a.size(); i++) {
      Object x = a.get(i);
      Object y = b.get(i);
      result.add(x == null ? y : y == null ? x : combine(aggregates.get(i).function(), x, y));
    }
    return result;
  }

  private static Object combine(AggregateFunction function, Object x, Object y) {
    return switch (function) {
      case COUNT_ALL, COUNT -> (Long) x + (Long) y;
      case SUM -> Oracle.exact(x).add(Oracle.exact(y));
      case MIN -> Oracle.compare(y, x) < 0 ? y : x;
      case MAX -> Oracle.compare(y, x) > 0 ? y : x;
    };
  }

  private Map<String, List<Object>> expected(
      List<Integer> groupColumns, List<AggregateCall> aggregates) {
    Map<String, List<Object>> groups = new TreeMap<>();
    for (List<Object> row : rows) {
      List<Object> keys = new ArrayList<>();
      groupColumns.forEach(column -> keys.add(row.get(column)));
      String key = key(keys);
      List<Object> values = new ArrayList<>();
      for (AggregateCall aggregate : aggregates) {
        Object argument =
            aggregate
                .argument()
                .map(each -> row.get(((Expression.ColumnReference) each).index()))
                .orElse(null);
        values.add(
            switch (aggregate.function()) {
              case COUNT_ALL -> 1L;
              case COUNT -> argument == null ? 0L : 1L;
              case SUM -> argument == null ? null : Oracle.exact(argument);
              case MIN, MAX -> argument;
            });
      }
      groups.merge(key, values, (a, b) -> merged(a, b, aggregates));
    }
    return groups;
  }
}
