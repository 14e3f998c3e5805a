package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.engine.EvaluationException.Code;
import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.Expression.Literal;
import io.arrowraft.coprocessor.plan.Operator;
import io.arrowraft.table.DataType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The naive reading of the operators: one row at a time, short-circuiting as written, on exact
 * numbers. Values are {@code Boolean}, {@code Long}, {@code Float}, {@code Double}, {@code
 * BigDecimal}, {@code String} or null.
 */
final class Oracle {
  private static final MathContext DIGITS_38 = new MathContext(38, RoundingMode.HALF_UP);

  private final boolean ansi;

  Oracle(boolean ansi) {
    this.ansi = ansi;
  }

  Object evaluate(Expression expression, List<Object> row) {
    if (expression instanceof Expression.ColumnReference column) {
      return row.get(column.index());
    }
    if (expression instanceof Literal literal) {
      return literal.value().orElse(null);
    }
    Expression.Call call = (Expression.Call) expression;
    List<Expression> arguments = call.arguments();
    switch (call.operator()) {
      case AND, OR -> {
        return logic(call, row);
      }
      case IF, CASE_WHEN -> {
        return choose(arguments, row);
      }
      case IS_NULL -> {
        return evaluate(arguments.get(0), row) == null;
      }
      case IS_NOT_NULL -> {
        return evaluate(arguments.get(0), row) != null;
      }
      case NULL_SAFE_EQUAL -> {
        Object a = evaluate(arguments.get(0), row);
        Object b = evaluate(arguments.get(1), row);
        return (a == null || b == null) ? (a == null && b == null) : compare(a, b) == 0;
      }
      case IN -> {
        return in(arguments, row);
      }
      default -> {
        Object a = evaluate(arguments.get(0), row);
        if (a == null) {
          return null;
        }
        if (arguments.size() == 1) {
          return unary(call, a);
        }
        Object b = evaluate(arguments.get(1), row);
        return b == null ? null : binary(call, a, b);
      }
    }
  }

  private Object logic(Expression.Call call, List<Object> row) {
    boolean decisive = call.operator() == Operator.OR;
    boolean sawNull = false;
    for (Expression argument : call.arguments()) {
      Object value = evaluate(argument, row);
      if (value == null) {
        sawNull = true;
      } else if ((Boolean) value == decisive) {
        return decisive;
      }
    }
    return sawNull ? null : !decisive;
  }

  private Object choose(List<Expression> arguments, List<Object> row) {
    int i = 0;
    for (; i + 1 < arguments.size(); i += 2) {
      if (Boolean.TRUE.equals(evaluate(arguments.get(i), row))) {
        return evaluate(arguments.get(i + 1), row);
      }
    }
    return i < arguments.size() ? evaluate(arguments.get(i), row) : null;
  }

  private Object in(List<Expression> arguments, List<Object> row) {
    Object value = evaluate(arguments.get(0), row);
    if (value == null) {
      return null;
    }
    boolean sawNull = false;
    for (Expression candidate : arguments.subList(1, arguments.size())) {
      Object literal = evaluate(candidate, row);
      sawNull |= literal == null;
      if (literal != null && compare(value, literal) == 0) {
        return true;
      }
    }
    return sawNull ? null : false;
  }

  private Object unary(Expression.Call call, Object a) {
    return switch (call.operator()) {
      case NOT -> !(Boolean) a;
      case NEGATE ->
          a instanceof Float f
              ? (Object) (-f)
              : a instanceof Double d ? (Object) (-d) : fit(exact(a).negate(), call.type());
      case CAST -> cast(a, call.type());
      default -> throw new AssertionError(call.operator());
    };
  }

  private Object binary(Expression.Call call, Object a, Object b) {
    return switch (call.operator()) {
      case EQUAL -> compare(a, b) == 0;
      case NOT_EQUAL -> compare(a, b) != 0;
      case LESS -> compare(a, b) < 0;
      case LESS_OR_EQUAL -> compare(a, b) <= 0;
      case GREATER -> compare(a, b) > 0;
      case GREATER_OR_EQUAL -> compare(a, b) >= 0;
      case STARTS_WITH -> ((String) a).startsWith((String) b);
      case ENDS_WITH -> ((String) a).endsWith((String) b);
      case CONTAINS -> ((String) a).contains((String) b);
      default -> call.type().isFloating() ? floating(call, a, b) : exactly(call, a, b);
    };
  }

  private Object floating(Expression.Call call, Object a, Object b) {
    boolean divides = call.operator() == Operator.DIVIDE || call.operator() == Operator.REMAINDER;
    if (divides && ((Number) b).doubleValue() == 0) {
      return fail(Code.DIVIDE_BY_ZERO);
    }
    if (a instanceof Float x) {
      float y = (Float) b;
      return switch (call.operator()) {
        case ADD -> x + y;
        case SUBTRACT -> x - y;
        case MULTIPLY -> x * y;
        case DIVIDE -> x / y;
        default -> x % y;
      };
    }
    double x = (Double) a;
    double y = (Double) b;
    return switch (call.operator()) {
      case ADD -> x + y;
      case SUBTRACT -> x - y;
      case MULTIPLY -> x * y;
      case DIVIDE -> x / y;
      default -> x % y;
    };
  }

  private Object exactly(Expression.Call call, Object a, Object b) {
    BigDecimal x = exact(a);
    BigDecimal y = exact(b);
    boolean decimal = call.type().kind() == DataType.Kind.DECIMAL;
    if (y.signum() == 0
        && (call.operator() == Operator.DIVIDE || call.operator() == Operator.REMAINDER)) {
      return fail(Code.DIVIDE_BY_ZERO);
    }
    BigDecimal result =
        switch (call.operator()) {
          case ADD -> x.add(y);
          case SUBTRACT -> x.subtract(y);
          case MULTIPLY -> decimal ? x.multiply(y, DIGITS_38) : x.multiply(y);
          case DIVIDE -> x.divide(y, 38, RoundingMode.HALF_UP);
          default -> remainder(x, y);
        };
    return fit(result, call.type());
  }

  /** A quotient of more than 38 digits has no remainder, in Spark either and in any mode. */
  private static BigDecimal remainder(BigDecimal x, BigDecimal y) {
    try {
      return x.remainder(y, DIGITS_38);
    } catch (ArithmeticException e) {
      throw new EvaluationException(Code.NUMERIC_VALUE_OUT_OF_RANGE);
    }
  }

  private Object fail(Code code) {
    if (ansi) {
      throw new EvaluationException(code);
    }
    return null;
  }

  private static int bits(DataType type) {
    return switch (type.kind()) {
      case TINYINT -> 8;
      case SMALLINT -> 16;
      case INTEGER -> 32;
      default -> 64;
    };
  }

  private Object fit(BigDecimal value, DataType type) {
    if (type instanceof DataType.Decimal decimal) {
      BigDecimal rounded = value.setScale(decimal.scale(), RoundingMode.HALF_UP);
      return rounded.precision() <= decimal.precision()
          ? rounded
          : fail(Code.NUMERIC_VALUE_OUT_OF_RANGE);
    }
    BigInteger whole = value.toBigInteger();
    if (whole.bitLength() < bits(type)) {
      return whole.longValue();
    }
    if (ansi) {
      throw new EvaluationException(Code.ARITHMETIC_OVERFLOW);
    }
    int shift = 64 - bits(type);
    return whole.longValue() << shift >> shift;
  }

  private Object cast(Object a, DataType to) {
    return switch (to.kind()) {
      case FLOAT ->
          a instanceof Float ? a : a instanceof Long n ? (float) n : exact(a).floatValue();
      case DOUBLE ->
          a instanceof Float f
              ? (double) f
              : a instanceof Double ? a : a instanceof Long n ? (double) n : exact(a).doubleValue();
      case TINYINT, SMALLINT, INTEGER, BIGINT, DECIMAL -> fit(exact(a), to);
      default -> a;
    };
  }

  static BigDecimal exact(Object value) {
    return value instanceof BigDecimal decimal ? decimal : BigDecimal.valueOf((Long) value);
  }

  static int compare(Object a, Object b) {
    if (a instanceof Float || a instanceof Double) {
      double x = ((Number) a).doubleValue() + 0.0;
      double y = ((Number) b).doubleValue() + 0.0;
      return Double.compare(x, y);
    }
    if (a instanceof String x) {
      return Arrays.compareUnsigned(
          x.getBytes(StandardCharsets.UTF_8), ((String) b).getBytes(StandardCharsets.UTF_8));
    }
    if (a instanceof Boolean x) {
      return Boolean.compare(x, (Boolean) b);
    }
    return exact(a).compareTo(exact(b));
  }
}
