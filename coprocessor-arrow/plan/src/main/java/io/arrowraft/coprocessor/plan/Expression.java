package io.arrowraft.coprocessor.plan;

import io.arrowraft.table.Bytes;
import io.arrowraft.table.DataType;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A typed expression over the columns of one input row. */
public sealed interface Expression {
  DataType type();

  /** Column {@code index} of the node's input, counted from 0. */
  record ColumnReference(int index, DataType type) implements Expression {
    public ColumnReference {
      Objects.requireNonNull(type, "type");
    }
  }

  /**
   * A constant; empty for NULL. The value is in physical form: {@code Boolean}; {@code Long} for
   * integers, DATE (days since 1970-01-01), TIMESTAMP and TIMESTAMP_NTZ (microseconds since
   * 1970-01-01 00:00:00); {@code Float}; {@code Double}; {@code BigDecimal} of the type's scale;
   * {@code String} for STRING and JSON; {@code Bytes} for BINARY.
   */
  record Literal(DataType type, Optional<Object> value) implements Expression {
    public Literal {
      Objects.requireNonNull(type, "type");
      if (value.isPresent() && !fits(type, value.get())) {
        throw new PlanException(
            PlanException.Code.INVALID,
            "a literal of type "
                + type.sql()
                + " cannot hold "
                + value.get().getClass().getSimpleName()
                + " "
                + value.get());
      }
    }

    private static boolean fits(DataType type, Object value) {
      return switch (type.kind()) {
        case BOOLEAN -> value instanceof Boolean;
        case TINYINT -> value instanceof Long number && number == number.byteValue();
        case SMALLINT -> value instanceof Long number && number == number.shortValue();
        case INTEGER, DATE -> value instanceof Long number && number == number.intValue();
        case BIGINT, TIMESTAMP, TIMESTAMP_NTZ -> value instanceof Long;
        case FLOAT -> value instanceof Float;
        case DOUBLE -> value instanceof Double;
        case DECIMAL -> {
          DataType.Decimal decimal = (DataType.Decimal) type;
          yield value instanceof BigDecimal number
              && number.scale() == decimal.scale()
              && number.precision() <= decimal.precision();
        }
        case STRING, JSON -> value instanceof String;
        case BINARY -> value instanceof Bytes;
      };
    }

    public static Literal nullOf(DataType type) {
      return new Literal(type, Optional.empty());
    }

    public static Literal of(DataType type, Object physicalValue) {
      return new Literal(type, Optional.of(physicalValue));
    }

    public static Literal of(boolean value) {
      return of(DataType.BOOLEAN, value);
    }

    public static Literal of(long value) {
      return of(DataType.BIGINT, value);
    }

    public static Literal of(String value) {
      return of(DataType.STRING, value);
    }

    /** A decimal literal of exactly this type; the value must need no more than its scale. */
    public static Literal of(BigDecimal value, int precision, int scale) {
      return of(DataType.decimal(precision, scale), value.setScale(scale));
    }

    public boolean isNull() {
      return value.isEmpty();
    }
  }

  /** An operator over arguments, with the type that the planner gave the result. */
  record Call(Operator operator, List<Expression> arguments, DataType type) implements Expression {
    public Call {
      Objects.requireNonNull(operator, "operator");
      arguments = List.copyOf(arguments);
      Objects.requireNonNull(type, "type");
    }
  }

  static ColumnReference column(int index, DataType type) {
    return new ColumnReference(index, type);
  }

  static Call call(Operator operator, DataType type, Expression... arguments) {
    return new Call(operator, List.of(arguments), type);
  }

  /** A call whose result is BOOLEAN. */
  static Call predicate(Operator operator, Expression... arguments) {
    return new Call(operator, List.of(arguments), DataType.BOOLEAN);
  }
}
