package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.Expression.Literal;
import io.arrowraft.coprocessor.plan.Operator;
import io.arrowraft.table.DataType;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random rows and random well-typed expressions over them. */
final class RandomPlans {
  static final List<DataType> TYPES =
      List.of(
          DataType.BIGINT,
          DataType.INTEGER,
          DataType.TINYINT,
          DataType.BIGINT,
          DataType.decimal(15, 2),
          DataType.decimal(38, 6),
          DataType.decimal(9, 0),
          DataType.DOUBLE,
          DataType.FLOAT,
          DataType.STRING,
          DataType.DATE,
          DataType.BOOLEAN,
          DataType.TIMESTAMP);

  private static final Operator[] COMPARISONS = {
    Operator.EQUAL,
    Operator.NOT_EQUAL,
    Operator.LESS,
    Operator.LESS_OR_EQUAL,
    Operator.GREATER,
    Operator.GREATER_OR_EQUAL,
    Operator.NULL_SAFE_EQUAL
  };
  private static final Operator[] ARITHMETIC = {
    Operator.ADD, Operator.SUBTRACT, Operator.MULTIPLY, Operator.DIVIDE, Operator.REMAINDER
  };

  private final Random random;
  private final int nullsOneIn;
  private final boolean huge;

  RandomPlans(long seed) {
    random = new Random(seed);
    nullsOneIn = random.nextInt(3) == 0 ? 1_000_000 : 2 + random.nextInt(10);
    huge = random.nextInt(4) == 0;
  }

  Random random() {
    return random;
  }

  static TableSchema schema() {
    TableSchema.Builder builder = TableSchema.builder(31, TableName.parse("test.rows"));
    builder.required("c0", TYPES.get(0));
    for (int i = 1; i < TYPES.size(); i++) {
      builder.column("c" + i, TYPES.get(i));
    }
    return builder.primaryKey("c0").build();
  }

  /** A value in the oracle's form. */
  Object value(DataType type) {
    return switch (type.kind()) {
      case BOOLEAN -> random.nextBoolean();
      case TINYINT -> (long) (byte) random.nextInt();
      case SMALLINT -> (long) (short) random.nextInt();
      case INTEGER -> huge ? (long) random.nextInt() : random.nextInt(20) - 10L;
      case BIGINT -> huge ? random.nextLong() : random.nextInt(2000) - 1000L;
      case DATE -> random.nextInt(50) + 9000L;
      case TIMESTAMP, TIMESTAMP_NTZ -> random.nextInt(50) * 1_000_001L - 20_000_000L;
      case FLOAT -> (float) floating();
      case DOUBLE -> floating();
      case DECIMAL -> decimal((DataType.Decimal) type);
      case STRING, JSON, BINARY -> text();
    };
  }

  private double floating() {
    double[] values = {0.0, -0.0, Double.NaN, 1.5, -2.25, 1e30, Double.NEGATIVE_INFINITY};
    return random.nextInt(3) == 0
        ? values[random.nextInt(values.length)]
        : random.nextInt(100) / 4.0 - 10;
  }

  private BigDecimal decimal(DataType.Decimal type) {
    BigInteger limit = BigInteger.TEN.pow(huge ? type.precision() : Math.min(5, type.precision()));
    BigInteger unscaled = new BigInteger(130, random).mod(limit);
    return new BigDecimal(random.nextBoolean() ? unscaled : unscaled.negate(), type.scale());
  }

  private String text() {
    String[] values = {
      "", "a", "ab", "abc", "b", "\u00e9", "abcdefg", "abcdefgh", "abcdefghi\u6f22"
    };
    return values[random.nextInt(values.length)];
  }

  List<Object> row(long handle) {
    List<Object> row = new ArrayList<>();
    row.add(handle);
    for (int i = 1; i < TYPES.size(); i++) {
      row.add(random.nextInt(nullsOneIn) == 0 ? null : value(TYPES.get(i)));
    }
    return row;
  }

  /** A row of the oracle in the form that the row writer takes. */
  static Object[] canonical(List<Object> row) {
    Object[] values = new Object[row.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = canonical(TYPES.get(i), row.get(i));
    }
    return values;
  }

  private static Object canonical(DataType type, Object value) {
    if (value == null) {
      return null;
    }
    return switch (type.kind()) {
      case DATE -> java.time.LocalDate.ofEpochDay((Long) value);
      case TIMESTAMP ->
          java.time.Instant.EPOCH.plus((Long) value, java.time.temporal.ChronoUnit.MICROS);
      default -> value;
    };
  }

  DataType type() {
    return TYPES.get(random.nextInt(TYPES.size()));
  }

  Expression expression(DataType type, int depth) {
    int choice = random.nextInt(10);
    if (depth == 0 || choice < 2) {
      return leaf(type);
    }
    if (choice == 2) {
      return Expression.call(
          Operator.IF,
          type,
          condition(depth - 1),
          expression(type, depth - 1),
          expression(type, depth - 1));
    }
    if (choice == 3) {
      return Expression.call(
          Operator.CASE_WHEN, type, condition(depth - 1), expression(type, depth - 1));
    }
    if (type.kind() == DataType.Kind.BOOLEAN) {
      return condition(depth);
    }
    return type.isNumeric() ? number(type, depth) : leaf(type);
  }

  private Expression leaf(DataType type) {
    List<Integer> columns = new ArrayList<>();
    for (int i = 0; i < TYPES.size(); i++) {
      if (TYPES.get(i).equals(type)) {
        columns.add(i);
      }
    }
    if (!columns.isEmpty() && random.nextInt(3) != 0) {
      return Expression.column(columns.get(random.nextInt(columns.size())), type);
    }
    return random.nextInt(8) == 0 ? Literal.nullOf(type) : Literal.of(type, value(type));
  }

  private Expression number(DataType type, int depth) {
    if (random.nextInt(6) == 0) {
      return Expression.call(Operator.NEGATE, type, expression(type, depth - 1));
    }
    if (random.nextInt(5) == 0) {
      DataType from = exactType();
      return Expression.call(Operator.CAST, type, expression(from, depth - 1));
    }
    Operator operator = ARITHMETIC[random.nextInt(ARITHMETIC.length)];
    if (type.isInteger() && operator == Operator.DIVIDE) {
      operator = Operator.SUBTRACT;
    }
    DataType left = type.kind() == DataType.Kind.DECIMAL ? exactType() : type;
    DataType right = type.kind() == DataType.Kind.DECIMAL ? exactType() : type;
    return Expression.call(
        operator, type, expression(left, depth - 1), expression(right, depth - 1));
  }

  private DataType exactType() {
    DataType type = type();
    while (!type.isInteger() && type.kind() != DataType.Kind.DECIMAL) {
      type = type();
    }
    return type;
  }

  Expression condition(int depth) {
    if (depth <= 0) {
      return leaf(DataType.BOOLEAN);
    }
    return switch (random.nextInt(8)) {
      case 0 ->
          Expression.predicate(
              Operator.AND, condition(depth - 1), condition(depth - 1), condition(depth - 1));
      case 1 -> Expression.predicate(Operator.OR, condition(depth - 1), condition(depth - 1));
      case 2 -> Expression.predicate(Operator.NOT, condition(depth - 1));
      case 3 ->
          Expression.predicate(
              random.nextBoolean() ? Operator.IS_NULL : Operator.IS_NOT_NULL,
              expression(type(), depth - 1));
      case 4 -> membership(depth);
      case 5 ->
          Expression.predicate(
              new Operator[] {Operator.STARTS_WITH, Operator.ENDS_WITH, Operator.CONTAINS}
                  [random.nextInt(3)],
              expression(DataType.STRING, depth - 1),
              expression(DataType.STRING, depth - 1));
      default -> comparison(depth);
    };
  }

  private Expression membership(int depth) {
    DataType type = type();
    List<Expression> arguments = new ArrayList<>();
    arguments.add(expression(type, depth - 1));
    for (int i = random.nextInt(6); i >= 0; i--) {
      arguments.add(random.nextInt(10) == 0 ? Literal.nullOf(type) : Literal.of(type, value(type)));
    }
    return new Expression.Call(Operator.IN, arguments, DataType.BOOLEAN);
  }

  private Expression comparison(int depth) {
    DataType left = type();
    DataType right = left;
    if (left.isInteger() || left.kind() == DataType.Kind.DECIMAL) {
      right = exactType();
    }
    return Expression.predicate(
        COMPARISONS[random.nextInt(COMPARISONS.length)],
        expression(left, depth - 1),
        expression(right, depth - 1));
  }
}
