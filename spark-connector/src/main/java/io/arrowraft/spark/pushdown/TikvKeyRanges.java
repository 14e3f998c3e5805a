package io.arrowraft.spark.pushdown;

import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.Operator;
import io.arrowraft.table.Bytes;
import io.arrowraft.table.Column;
import io.arrowraft.table.DataType;
import io.arrowraft.table.KeyBuilder;
import io.arrowraft.table.KeyRange;
import io.arrowraft.table.PrimaryKey;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableSchema;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Narrows a scan to the keys that filters on the primary key leave. The filters are evaluated all
 * the same, so a range may be wider than its filter but never narrower.
 */
public final class TikvKeyRanges {
  /** More points than this are cheaper to scan for. */
  private static final int POINTS_MAX = 1_000;

  private final TableSchema schema;
  private final List<Expression> conditions;

  private TikvKeyRanges(TableSchema schema, List<Expression> conditions) {
    this.schema = schema;
    this.conditions = conditions;
  }

  /**
   * Ascending ranges, apart from each other, that hold every row for which all conditions are true;
   * none if no row can be.
   *
   * @param conditions over the table's columns
   */
  public static List<KeyRange> of(TableSchema schema, List<Expression> conditions) {
    TikvKeyRanges ranges = new TikvKeyRanges(schema, conditions);
    if (schema.primaryKey() instanceof PrimaryKey.IntegerHandle handle) {
      return ranges.ofHandle(schema.indexOf(handle.columnId()));
    }
    if (schema.primaryKey() instanceof PrimaryKey.CommonHandle) {
      return ranges.ofColumns();
    }
    return List.of(TableKeys.tableRange(schema.tableId()));
  }

  /** A comparison of one column with a constant that is not NULL. */
  private record Bound(Operator operator, Object value) {}

  private Optional<Bound> boundOn(int position, Expression condition) {
    if (condition instanceof Expression.Call call
        && call.arguments().size() == 2
        && call.arguments().get(0) instanceof Expression.ColumnReference column
        && column.index() == position
        && call.arguments().get(1) instanceof Expression.Literal literal
        && !literal.isNull()) {
      return switch (call.operator()) {
        case EQUAL, NULL_SAFE_EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, IN ->
            Optional.of(
                new Bound(
                    call.operator() == Operator.IN || call.operator() == Operator.NULL_SAFE_EQUAL
                        ? Operator.EQUAL
                        : call.operator(),
                    literal.value().orElseThrow()));
        default -> Optional.empty();
      };
    }
    return Optional.empty();
  }

  private List<KeyRange> ofHandle(int position) {
    long low = Long.MIN_VALUE;
    long high = Long.MAX_VALUE;
    for (Expression condition : conditions) {
      Optional<Bound> bound = boundOn(position, condition);
      if (bound.isEmpty()) {
        continue;
      }
      long value = (Long) bound.get().value();
      switch (bound.get().operator()) {
        case EQUAL -> {
          low = Math.max(low, value);
          high = Math.min(high, value);
        }
        case LESS_OR_EQUAL -> high = Math.min(high, value);
        case GREATER_OR_EQUAL -> low = Math.max(low, value);
        case LESS -> {
          if (value == Long.MIN_VALUE) {
            return List.of();
          }
          high = Math.min(high, value - 1);
        }
        case GREATER -> {
          if (value == Long.MAX_VALUE) {
            return List.of();
          }
          low = Math.max(low, value + 1);
        }
        default -> throw new IllegalStateException("no bound: " + bound.get());
      }
    }
    if (low > high) {
      return List.of();
    }
    Optional<TreeSet<Long>> points = pointsOn(position);
    if (points.isEmpty() && low == Long.MIN_VALUE && high == Long.MAX_VALUE) {
      return List.of(TableKeys.tableRange(schema.tableId()));
    }
    if (points.isEmpty()) {
      return List.of(TableKeys.handleRange(schema.tableId(), low, high));
    }
    List<KeyRange> result = new ArrayList<>();
    for (long point : points.get().subSet(low, true, high, true)) {
      result.add(TableKeys.handlePoint(schema.tableId(), point));
    }
    return result;
  }

  /** The values that some IN list on an integer column leaves, the shortest list if several do. */
  private Optional<TreeSet<Long>> pointsOn(int position) {
    Optional<TreeSet<Long>> best = Optional.empty();
    for (Expression condition : conditions) {
      if (condition instanceof Expression.Call call
          && call.operator() == Operator.IN
          && call.arguments().get(0) instanceof Expression.ColumnReference column
          && column.index() == position
          && call.arguments().size() <= POINTS_MAX + 1) {
        TreeSet<Long> values = new TreeSet<>();
        for (Expression element : call.arguments().subList(1, call.arguments().size())) {
          ((Expression.Literal) element).value().ifPresent(value -> values.add((Long) value));
        }
        if (best.isEmpty() || values.size() < best.get().size()) {
          best = Optional.of(values);
        }
      }
    }
    return best;
  }

  private List<KeyRange> ofColumns() {
    KeyBuilder prefix = new KeyBuilder().raw(TableKeys.rowPrefix(schema.tableId()));
    for (Column column : schema.primaryKeyColumns()) {
      if (column.isUnsigned()) {
        // Its key holds none of the numbers below zero that a query may compare it with.
        break;
      }
      int position = schema.indexOf(column.id());
      Optional<Object> equal = equalOn(position, column.type());
      if (equal.isEmpty()) {
        return boundedBelow(prefix, position, column.type());
      }
      TableKeys.appendDatum(prefix, column.type(), equal.get());
    }
    return List.of(KeyRange.prefix(prefix.toByteArray()));
  }

  private Optional<Object> equalOn(int position, DataType type) {
    for (Expression condition : conditions) {
      Optional<Object> value =
          boundOn(position, condition)
              .filter(bound -> bound.operator() == Operator.EQUAL)
              .flatMap(bound -> canonical(type, bound.value()));
      if (value.isPresent()) {
        return value;
      }
    }
    return Optional.empty();
  }

  private List<KeyRange> boundedBelow(KeyBuilder prefix, int position, DataType type) {
    KeyRange range = KeyRange.prefix(prefix.toByteArray());
    for (Expression condition : conditions) {
      Optional<Bound> bound = boundOn(position, condition);
      Optional<Object> value = bound.flatMap(given -> canonical(type, given.value()));
      if (value.isEmpty()) {
        continue;
      }
      KeyBuilder key = new KeyBuilder().raw(prefix.toByteArray());
      TableKeys.appendDatum(key, type, value.get());
      KeyRange at = KeyRange.prefix(key.toByteArray());
      KeyRange allowed =
          switch (bound.get().operator()) {
            case LESS -> new KeyRange(range.start(), at.start());
            case LESS_OR_EQUAL -> new KeyRange(range.start(), at.end());
            case GREATER -> new KeyRange(at.end(), range.end());
            case GREATER_OR_EQUAL -> new KeyRange(at.start(), range.end());
            default -> at;
          };
      Optional<KeyRange> both = range.intersection(allowed);
      if (both.isEmpty() || both.get().isEmpty()) {
        return List.of();
      }
      range = both.get();
    }
    return List.of(range);
  }

  /**
   * The value as keys are made from it; empty where a literal can be compared with but not stored,
   * or where equal values might have different keys.
   */
  private static Optional<Object> canonical(DataType type, Object physical) {
    return switch (type.kind()) {
      case TINYINT, SMALLINT, INTEGER, BIGINT, STRING -> Optional.of(physical);
      case BINARY -> Optional.of(((Bytes) physical).toByteArray());
      case DATE -> {
        LocalDate date = LocalDate.ofEpochDay((Long) physical);
        yield date.getYear() >= 1 && date.getYear() <= 9999 ? Optional.of(date) : Optional.empty();
      }
      default -> Optional.empty();
    };
  }
}
