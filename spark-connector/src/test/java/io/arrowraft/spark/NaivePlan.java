package io.arrowraft.spark;

import io.arrowraft.coprocessor.plan.AggregateCall;
import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.PlanNode;
import io.arrowraft.coprocessor.plan.ScanColumn;
import io.arrowraft.coprocessor.plan.SortKey;
import io.arrowraft.table.Column;
import io.arrowraft.table.DataType;
import io.arrowraft.table.TableSchema;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Runs a plan over rows of physical values, row by row, in the most obvious way. */
final class NaivePlan {
  private final TableSchema schema;

  NaivePlan(TableSchema schema) {
    this.schema = schema;
  }

  List<Object[]> run(PlanNode plan, List<Object[]> tableRows) {
    if (plan instanceof PlanNode.TableScan scan) {
      return tableRows.stream().map(row -> scanned(scan, row)).toList();
    }
    List<Object[]> input = run(plan.inputNode().orElseThrow(), tableRows);
    if (plan instanceof PlanNode.Selection selection) {
      return input.stream()
          .filter(
              row ->
                  selection.conditions().stream()
                      .allMatch(condition -> Boolean.TRUE.equals(value(condition, row))))
          .toList();
    }
    if (plan instanceof PlanNode.Projection projection) {
      return input.stream()
          .map(row -> projection.expressions().stream().map(each -> value(each, row)).toArray())
          .toList();
    }
    if (plan instanceof PlanNode.Limit limit) {
      return input.stream().limit(limit.count()).toList();
    }
    if (plan instanceof PlanNode.TopN topN) {
      return input.stream().sorted(order(topN)).limit(topN.count()).toList();
    }
    return aggregated((PlanNode.PartialAggregation) plan, input);
  }

  private static Comparator<Object[]> order(PlanNode.TopN topN) {
    Comparator<Object[]> order = Comparator.comparing(row -> 0);
    for (SortKey key : topN.keys()) {
      Comparator<Object> values = NaivePlan::compare;
      Comparator<Object> directed = key.descending() ? values.reversed() : values;
      order =
          order.thenComparing(
              row -> value(key.expression(), row),
              key.nullsFirst() ? Comparator.nullsFirst(directed) : Comparator.nullsLast(directed));
    }
    return order;
  }

  private Object[] scanned(PlanNode.TableScan scan, Object[] row) {
    return scan.columns().stream().map(column -> row[position(column)]).toArray();
  }

  private int position(ScanColumn scanned) {
    for (Column column : schema.columns()) {
      if (column.id() == scanned.columnId()) {
        return schema.indexOf(column.id());
      }
    }
    throw new IllegalArgumentException("no column " + scanned.columnId());
  }

  private List<Object[]> aggregated(PlanNode.PartialAggregation plan, List<Object[]> input) {
    Map<List<Object>, List<Object[]>> groups = new LinkedHashMap<>();
    if (plan.groupBy().isEmpty()) {
      groups.put(List.of(), new ArrayList<>());
    }
    for (Object[] row : input) {
      List<Object> key =
          Arrays.asList(plan.groupBy().stream().map(each -> value(each, row)).toArray());
      groups.computeIfAbsent(key, absent -> new ArrayList<>()).add(row);
    }
    List<Object[]> result = new ArrayList<>();
    groups.forEach((key, rows) -> result.addAll(group(plan, key, rows)));
    return result;
  }

  /** A group in as many rows as its sums need to fit their types. */
  private List<Object[]> group(
      PlanNode.PartialAggregation plan, List<Object> key, List<Object[]> rows) {
    Object[] values = new Object[key.size() + plan.aggregates().size()];
    for (int i = 0; i < key.size(); i++) {
      values[i] = key.get(i);
    }
    for (int i = 0; i < plan.aggregates().size(); i++) {
      values[key.size() + i] = aggregate(plan.aggregates().get(i), rows);
      boolean fits = fits(values[key.size() + i], plan.aggregates().get(i).type());
      if (!fits) {
        List<Object[]> both = new ArrayList<>();
        both.addAll(group(plan, key, rows.subList(0, rows.size() / 2)));
        both.addAll(group(plan, key, rows.subList(rows.size() / 2, rows.size())));
        return both;
      }
    }
    for (int i = 0; i < plan.aggregates().size(); i++) {
      if (values[key.size() + i] instanceof BigInteger exact) {
        values[key.size() + i] = exact.longValueExact();
      }
    }
    return List.<Object[]>of(values);
  }

  private static boolean fits(Object value, DataType type) {
    if (value instanceof BigDecimal decimal) {
      return decimal.precision() <= ((DataType.Decimal) type).precision();
    }
    return !(value instanceof BigInteger exact) || exact.bitLength() < Long.SIZE;
  }

  private static Object aggregate(AggregateCall call, List<Object[]> rows) {
    List<Object> values = new ArrayList<>();
    for (Object[] row : rows) {
      Object value = call.argument().isPresent() ? value(call.argument().get(), row) : row;
      if (value != null) {
        values.add(value);
      }
    }
    return switch (call.function()) {
      case COUNT_ALL, COUNT -> (long) values.size();
      case SUM -> values.stream().map(NaivePlan::exact).reduce(NaivePlan::plus).orElse(null);
      case MIN -> values.stream().min(NaivePlan::compare).orElse(null);
      case MAX -> values.stream().max(NaivePlan::compare).orElse(null);
    };
  }

  private static Object exact(Object value) {
    return value instanceof Long number ? BigInteger.valueOf(number) : value;
  }

  private static Object plus(Object left, Object right) {
    return left instanceof BigInteger number
        ? number.add((BigInteger) right)
        : ((BigDecimal) left).add((BigDecimal) right);
  }

  @SuppressWarnings("unchecked") // physical values of one type compare with each other
  private static int compare(Object left, Object right) {
    return ((Comparable<Object>) left).compareTo(right);
  }

  static Object value(Expression expression, Object[] row) {
    if (expression instanceof Expression.ColumnReference column) {
      return row[column.index()];
    }
    if (expression instanceof Expression.Literal literal) {
      return literal.value().orElse(null);
    }
    Expression.Call call = (Expression.Call) expression;
    Object[] arguments = call.arguments().stream().map(argument -> value(argument, row)).toArray();
    return apply(call, arguments);
  }

  private static Object apply(Expression.Call call, Object[] arguments) {
    switch (call.operator()) {
      case IS_NULL:
        return arguments[0] == null;
      case IS_NOT_NULL:
        return arguments[0] != null;
      case NULL_SAFE_EQUAL:
        return (arguments[0] == null || arguments[1] == null)
            ? arguments[0] == arguments[1]
            : compare(arguments[0], arguments[1]) == 0;
      case AND:
        return Arrays.asList(arguments).contains(false)
            ? Boolean.FALSE
            : Arrays.asList(arguments).contains(null) ? null : Boolean.TRUE;
      case OR:
        return Arrays.asList(arguments).contains(true)
            ? Boolean.TRUE
            : Arrays.asList(arguments).contains(null) ? null : Boolean.FALSE;
      case IN:
        return in(arguments);
      case CASE_WHEN:
        for (int i = 0; i + 1 < arguments.length; i += 2) {
          if (Boolean.TRUE.equals(arguments[i])) {
            return arguments[i + 1];
          }
        }
        return arguments.length % 2 == 1 ? arguments[arguments.length - 1] : null;
      default:
        return Arrays.stream(arguments).anyMatch(Objects::isNull) ? null : strict(call, arguments);
    }
  }

  private static Object in(Object[] arguments) {
    if (arguments[0] == null) {
      return null;
    }
    List<Object> elements = Arrays.asList(arguments).subList(1, arguments.length);
    boolean found =
        elements.stream().anyMatch(each -> each != null && compare(each, arguments[0]) == 0);
    return found ? Boolean.TRUE : elements.contains(null) ? null : Boolean.FALSE;
  }

  private static Object strict(Expression.Call call, Object[] arguments) {
    Object left = arguments[0];
    Object right = arguments.length > 1 ? arguments[1] : null;
    return switch (call.operator()) {
      case EQUAL -> compare(left, right) == 0;
      case NOT_EQUAL -> compare(left, right) != 0;
      case LESS -> compare(left, right) < 0;
      case LESS_OR_EQUAL -> compare(left, right) <= 0;
      case GREATER -> compare(left, right) > 0;
      case GREATER_OR_EQUAL -> compare(left, right) >= 0;
      case NOT -> !(Boolean) left;
      case STARTS_WITH -> ((String) left).startsWith((String) right);
      case ENDS_WITH -> ((String) left).endsWith((String) right);
      case CONTAINS -> ((String) left).contains((String) right);
      case CAST -> cast(left, call.type());
      case ADD, SUBTRACT, MULTIPLY -> arithmetic(call, left, right);
      default -> throw new IllegalArgumentException("not in the oracle: " + call.operator());
    };
  }

  private static Object arithmetic(Expression.Call call, Object left, Object right) {
    if (left instanceof Long first) {
      long second = (Long) right;
      return switch (call.operator()) {
        case ADD -> Math.addExact(first, second);
        case SUBTRACT -> Math.subtractExact(first, second);
        default -> Math.multiplyExact(first, second);
      };
    }
    BigDecimal first = (BigDecimal) left;
    BigDecimal second = (BigDecimal) right;
    BigDecimal result =
        switch (call.operator()) {
          case ADD -> first.add(second);
          case SUBTRACT -> first.subtract(second);
          default -> first.multiply(second);
        };
    return result.setScale(((DataType.Decimal) call.type()).scale(), RoundingMode.HALF_UP);
  }

  private static Object cast(Object value, DataType type) {
    if (type instanceof DataType.Decimal decimal) {
      BigDecimal number =
          value instanceof Long whole ? BigDecimal.valueOf(whole) : (BigDecimal) value;
      return number.setScale(decimal.scale(), RoundingMode.HALF_UP);
    }
    if (type.isInteger()) {
      return value;
    }
    throw new IllegalArgumentException("not in the oracle: cast to " + type.sql());
  }
}
