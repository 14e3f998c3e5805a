package io.arrowraft.spark.pushdown;

import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.Operator;
import io.arrowraft.table.Column;
import io.arrowraft.table.DataType;
import io.arrowraft.table.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.connector.expressions.Cast;
import org.apache.spark.sql.connector.expressions.GeneralScalarExpression;
import org.apache.spark.sql.connector.expressions.Literal;
import org.apache.spark.sql.connector.expressions.NamedReference;
import org.apache.spark.sql.connector.expressions.filter.Predicate;

/**
 * Turns Spark's connector expressions into expressions of a plan, or refuses. The references of a
 * result count the columns of the whole table; {@link ScanPlan} renumbers them for a scan.
 *
 * <p>An expression is taken only if the store gives Spark's answer bit for bit. What arrives says
 * neither result types nor evaluation modes, so types are derived here, and only arithmetic that
 * Spark sends in one mode alone (ANSI) is taken at all.
 */
public final class TikvExpressions {
  private final TableSchema schema;
  private final DecimalTypes decimalTypes;

  public TikvExpressions(TableSchema schema, boolean allowPrecisionLoss) {
    this.schema = schema;
    this.decimalTypes = new DecimalTypes(allowPrecisionLoss);
  }

  /** The expression, or empty if it must be computed by Spark. */
  public Optional<Expression> translate(
      org.apache.spark.sql.connector.expressions.Expression expression) {
    if (expression instanceof NamedReference reference) {
      return column(reference).map(Expression.class::cast);
    }
    if (expression instanceof Literal<?> literal) {
      return PlanLiterals.of(literal).map(Expression.class::cast);
    }
    if (expression instanceof Cast cast) {
      return cast(cast);
    }
    if (expression instanceof Predicate predicate) {
      return predicate(predicate);
    }
    if (expression instanceof GeneralScalarExpression scalar) {
      return scalar(scalar);
    }
    return Optional.empty();
  }

  /** The reference to a column of the table; a nested field is none. */
  public Optional<Expression.ColumnReference> column(NamedReference reference) {
    String[] path = reference.fieldNames();
    if (path.length != 1) {
      return Optional.empty();
    }
    Optional<Column> column = schema.column(path[0]);
    // JSON is shown as a string, but stores do not compare it as one.
    if (column.isEmpty() || column.get().type().kind() == DataType.Kind.JSON) {
      return Optional.empty();
    }
    return Optional.of(Expression.column(schema.indexOf(column.get().id()), column.get().type()));
  }

  private Optional<Expression> cast(Cast cast) {
    Optional<DataType> target = SparkTypes.fromSpark(cast.dataType());
    Optional<Expression> argument = translate(cast.expression());
    if (target.isEmpty() || argument.isEmpty()) {
      return Optional.empty();
    }
    DataType from = argument.get().type();
    if (from.equals(target.get())) {
      return argument;
    }
    // Casts that lose nothing have one meaning in every mode and time zone.
    return Widening.isWidening(from, target.get())
        ? Optional.of(Expression.call(Operator.CAST, target.get(), argument.get()))
        : Optional.empty();
  }

  private Optional<Expression> predicate(Predicate predicate) {
    return switch (predicate.name()) {
      case "ALWAYS_TRUE" -> Optional.of(Expression.Literal.of(true));
      case "ALWAYS_FALSE" -> Optional.of(Expression.Literal.of(false));
      case "AND" -> logical(Operator.AND, predicate, 2);
      case "OR" -> logical(Operator.OR, predicate, 2);
      case "NOT" -> logical(Operator.NOT, predicate, 1);
      case "BOOLEAN_EXPRESSION" -> translate(predicate.children()[0]).filter(this::isBoolean);
      case "IS_NULL" -> unary(Operator.IS_NULL, predicate);
      case "IS_NOT_NULL" -> unary(Operator.IS_NOT_NULL, predicate);
      case "=" -> comparison(Operator.EQUAL, predicate);
      case "<>" -> comparison(Operator.NOT_EQUAL, predicate);
      case "<=>" -> comparison(Operator.NULL_SAFE_EQUAL, predicate);
      case "<" -> comparison(Operator.LESS, predicate);
      case "<=" -> comparison(Operator.LESS_OR_EQUAL, predicate);
      case ">" -> comparison(Operator.GREATER, predicate);
      case ">=" -> comparison(Operator.GREATER_OR_EQUAL, predicate);
      case "IN" -> in(predicate);
      case "STARTS_WITH" -> stringMatch(Operator.STARTS_WITH, predicate);
      case "ENDS_WITH" -> stringMatch(Operator.ENDS_WITH, predicate);
      case "CONTAINS" -> stringMatch(Operator.CONTAINS, predicate);
      case "CASE_WHEN" -> caseWhen(predicate);
      default -> Optional.empty();
    };
  }

  private boolean isBoolean(Expression expression) {
    return expression.type().kind() == DataType.Kind.BOOLEAN;
  }

  private Optional<Expression> logical(Operator operator, Predicate predicate, int arity) {
    return all(predicate.children())
        .filter(arguments -> arguments.size() == arity)
        .filter(arguments -> arguments.stream().allMatch(this::isBoolean))
        .map(arguments -> new Expression.Call(operator, arguments, DataType.BOOLEAN));
  }

  private Optional<Expression> unary(Operator operator, Predicate predicate) {
    return translate(predicate.children()[0])
        .map(argument -> Expression.predicate(operator, argument));
  }

  private Optional<Expression> comparison(Operator operator, Predicate predicate) {
    return all(predicate.children())
        .filter(arguments -> arguments.size() == 2)
        .filter(arguments -> comparable(arguments.get(0).type(), arguments.get(1).type()))
        .map(arguments -> new Expression.Call(operator, arguments, DataType.BOOLEAN));
  }

  private static boolean comparable(DataType left, DataType right) {
    return left.kind() == right.kind();
  }

  private Optional<Expression> in(Predicate predicate) {
    if (predicate.children().length < 2) {
      return Optional.empty();
    }
    Optional<List<Expression>> arguments = all(predicate.children());
    if (arguments.isEmpty()) {
      return Optional.empty();
    }
    DataType type = arguments.get().get(0).type();
    List<Expression> typed = new ArrayList<>();
    typed.add(arguments.get().get(0));
    for (Expression element : arguments.get().subList(1, arguments.get().size())) {
      Optional<Expression.Literal> literal =
          element instanceof Expression.Literal given
              ? PlanLiterals.inType(given, type)
              : Optional.empty();
      if (literal.isEmpty()) {
        return Optional.empty();
      }
      typed.add(literal.get());
    }
    return Optional.of(new Expression.Call(Operator.IN, typed, DataType.BOOLEAN));
  }

  private Optional<Expression> stringMatch(Operator operator, Predicate predicate) {
    return all(predicate.children())
        .filter(arguments -> arguments.size() == 2)
        .filter(arguments -> arguments.get(0).type().kind() == DataType.Kind.STRING)
        .filter(
            arguments ->
                arguments.get(1) instanceof Expression.Literal text
                    && text.type().kind() == DataType.Kind.STRING
                    && !text.isNull())
        .map(arguments -> new Expression.Call(operator, arguments, DataType.BOOLEAN));
  }

  private Optional<Expression> scalar(GeneralScalarExpression scalar) {
    return switch (scalar.name()) {
      case "+" -> arithmetic(Operator.ADD, scalar);
      case "-" ->
          scalar.children().length == 1 ? negation(scalar) : arithmetic(Operator.SUBTRACT, scalar);
      case "*" -> arithmetic(Operator.MULTIPLY, scalar);
      case "/" -> arithmetic(Operator.DIVIDE, scalar);
      case "%" -> arithmetic(Operator.REMAINDER, scalar);
      case "CASE_WHEN" -> caseWhen(scalar);
      default -> Optional.empty();
    };
  }

  private Optional<Expression> negation(GeneralScalarExpression scalar) {
    return translate(scalar.children()[0])
        .filter(argument -> argument.type().isNumeric())
        .map(argument -> Expression.call(Operator.NEGATE, argument.type(), argument));
  }

  private Optional<Expression> arithmetic(Operator operator, GeneralScalarExpression scalar) {
    Optional<List<Expression>> arguments = all(scalar.children());
    if (arguments.isEmpty() || arguments.get().size() != 2) {
      return Optional.empty();
    }
    DataType left = arguments.get().get(0).type();
    DataType right = arguments.get().get(1).type();
    DataType result;
    if (left instanceof DataType.Decimal first && right instanceof DataType.Decimal second) {
      result = decimalTypes.resultOf(operator, first, second).type();
    } else if (left.equals(right) && left.isFloating()) {
      result = left;
    } else if (left.equals(right) && left.isInteger() && operator != Operator.DIVIDE) {
      result = left;
    } else {
      return Optional.empty();
    }
    return Optional.of(new Expression.Call(operator, arguments.get(), result));
  }

  private Optional<Expression> caseWhen(GeneralScalarExpression scalar) {
    Optional<List<Expression>> translated = all(scalar.children());
    if (translated.isEmpty() || translated.get().size() < 2) {
      return Optional.empty();
    }
    List<Expression> parts = translated.get();
    boolean hasElse = parts.size() % 2 == 1;
    DataType type = parts.get(1).type();
    for (int i = 0; i < parts.size(); i++) {
      boolean isCondition = i % 2 == 0 && !(hasElse && i == parts.size() - 1);
      if (!parts.get(i).type().equals(isCondition ? DataType.BOOLEAN : type)) {
        return Optional.empty();
      }
      // A store may evaluate a branch for rows that do not take it.
      if (canFail(parts.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(new Expression.Call(Operator.CASE_WHEN, parts, type));
  }

  private Optional<List<Expression>> all(
      org.apache.spark.sql.connector.expressions.Expression[] expressions) {
    List<Expression> result = new ArrayList<>();
    for (org.apache.spark.sql.connector.expressions.Expression expression : expressions) {
      Optional<Expression> translated = translate(expression);
      if (translated.isEmpty()) {
        return Optional.empty();
      }
      result.add(translated.get());
    }
    return Optional.of(result);
  }

  /** Whether some row can make the expression an error: overflow, or division by zero. */
  boolean canFail(Expression expression) {
    if (!(expression instanceof Expression.Call call)) {
      return false;
    }
    for (Expression argument : call.arguments()) {
      if (canFail(argument)) {
        return true;
      }
    }
    return switch (call.operator()) {
      case ADD, SUBTRACT, MULTIPLY -> arithmeticCanOverflow(call);
      case DIVIDE, REMAINDER -> true;
      case NEGATE -> call.type().isInteger();
      default -> false;
    };
  }

  private boolean arithmeticCanOverflow(Expression.Call call) {
    if (call.type().isFloating()) {
      return false;
    }
    return !(call.arguments().get(0).type() instanceof DataType.Decimal left
        && call.arguments().get(1).type() instanceof DataType.Decimal right
        && !decimalTypes.resultOf(call.operator(), left, right).canOverflow());
  }
}
