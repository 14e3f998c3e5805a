package io.arrowraft.coprocessor.plan;

import io.arrowraft.coprocessor.plan.PlanException.Code;
import io.arrowraft.table.DataType;
import io.arrowraft.table.DataType.Kind;
import java.util.List;

/** Checks expressions: indexes, argument counts and types, depth, and their total number. */
final class ExpressionValidator {
  static final int DEPTH_MAX = 100;

  /** Expressions of a whole plan. */
  static final int EXPRESSIONS_MAX = 20_000;

  private int seen;

  void check(Expression expression, List<DataType> input) {
    check(expression, input, 1);
  }

  private void check(Expression expression, List<DataType> input, int depth) {
    if (depth > DEPTH_MAX || ++seen > EXPRESSIONS_MAX) {
      throw new PlanException(
          Code.TOO_LARGE,
          "expressions nest at most " + DEPTH_MAX + " deep and number at most " + EXPRESSIONS_MAX);
    }
    if (expression instanceof Expression.ColumnReference column) {
      if (column.index() < 0 || column.index() >= input.size()) {
        throw new PlanException(
            Code.INVALID,
            "column " + column.index() + " is not among the " + input.size() + " of the input");
      }
      DataType actual = input.get(column.index());
      if (!actual.equals(column.type())) {
        throw new PlanException(
            Code.INVALID,
            "column " + column.index() + " is " + actual.sql() + ", not " + column.type().sql());
      }
    } else if (expression instanceof Expression.Call call) {
      for (Expression argument : call.arguments()) {
        check(argument, input, depth + 1);
      }
      checkCall(call);
    }
  }

  static void require(boolean holds, String message, Expression expression) {
    if (!holds) {
      throw new PlanException(Code.INVALID, message + expression.type().sql());
    }
  }

  private static void checkCall(Expression.Call call) {
    int least = leastArguments(call.operator());
    int most = mostArguments(call.operator());
    int count = call.arguments().size();
    if (count < least || count > most) {
      throw new PlanException(
          Code.INVALID, call.operator() + " does not take " + count + " arguments");
    }
    if (!typesFit(call)) {
      StringBuilder types = new StringBuilder();
      for (int i = 0; i < Math.min(count, 4); i++) {
        types.append(i == 0 ? "" : ", ").append(call.arguments().get(i).type().sql());
      }
      throw new PlanException(
          Code.INVALID,
          call.operator() + " over (" + types + ") cannot yield " + call.type().sql());
    }
  }

  private static int leastArguments(Operator operator) {
    return switch (operator) {
      case NOT, IS_NULL, IS_NOT_NULL, NEGATE, CAST -> 1;
      case IF -> 3;
      default -> 2;
    };
  }

  private static int mostArguments(Operator operator) {
    return switch (operator) {
      case NOT, IS_NULL, IS_NOT_NULL, NEGATE, CAST -> 1;
      case IF -> 3;
      case AND, OR, IN, CASE_WHEN -> Integer.MAX_VALUE;
      default -> 2;
    };
  }

  private static boolean typesFit(Expression.Call call) {
    List<Expression> arguments = call.arguments();
    DataType result = call.type();
    DataType first = arguments.get(0).type();
    return switch (call.operator()) {
      case EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, NULL_SAFE_EQUAL ->
          isBoolean(result) && comparable(first, arguments.get(1).type());
      case AND, OR, NOT ->
          isBoolean(result) && arguments.stream().allMatch(each -> isBoolean(each.type()));
      case IS_NULL, IS_NOT_NULL -> isBoolean(result);
      case IN -> isBoolean(result) && comparable(first, first) && literalsOf(first, arguments);
      case ADD, SUBTRACT, MULTIPLY, REMAINDER -> arithmetic(arguments, result);
      case DIVIDE -> !result.isInteger() && arithmetic(arguments, result);
      case NEGATE -> first.isNumeric() && first.equals(result);
      case CAST -> castable(first, result);
      case STARTS_WITH, ENDS_WITH, CONTAINS ->
          isBoolean(result)
              && first.kind() == Kind.STRING
              && arguments.get(1).type().kind() == Kind.STRING;
      case IF -> isBoolean(first) && branchesFit(arguments, result);
      case CASE_WHEN -> branchesFit(arguments, result);
    };
  }

  private static boolean isBoolean(DataType type) {
    return type.kind() == Kind.BOOLEAN;
  }

  private static boolean isExact(DataType type) {
    return type.isInteger() || type.kind() == Kind.DECIMAL;
  }

  private static boolean comparable(DataType left, DataType right) {
    if (isExact(left) && isExact(right)) {
      return true;
    }
    return left.equals(right) && left.kind() != Kind.JSON;
  }

  private static boolean literalsOf(DataType type, List<Expression> arguments) {
    return arguments.subList(1, arguments.size()).stream()
        .allMatch(each -> each instanceof Expression.Literal && each.type().equals(type));
  }

  private static boolean arithmetic(List<Expression> arguments, DataType result) {
    if (result.isFloating()) {
      return arguments.stream().allMatch(each -> each.type().equals(result));
    }
    if (result.isInteger()) {
      return arguments.stream()
          .allMatch(
              each -> each.type().isInteger() && each.type().kind().compareTo(result.kind()) <= 0);
    }
    return result.kind() == Kind.DECIMAL
        && arguments.stream().allMatch(each -> isExact(each.type()));
  }

  private static boolean castable(DataType from, DataType to) {
    if (from.equals(to)) {
      return true;
    }
    if (isExact(from)) {
      return isExact(to) || to.isFloating();
    }
    return from.kind() == Kind.FLOAT && to.kind() == Kind.DOUBLE;
  }

  /** Conditions at even positions, values at odd ones, a lone last argument being "else". */
  private static boolean branchesFit(List<Expression> arguments, DataType result) {
    int count = arguments.size();
    for (int i = 0; i < count; i++) {
      boolean condition = i % 2 == 0 && i + 1 < count;
      DataType type = arguments.get(i).type();
      if (condition ? !isBoolean(type) : !type.equals(result)) {
        return false;
      }
    }
    return true;
  }
}
