package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.Expression.Literal;
import io.arrowraft.table.DataType;
import io.arrowraft.table.DataType.Kind;
import java.util.List;

/** Turns validated expressions into evaluators; picks the kernel by type once, not per row. */
final class ExpressionCompiler {
  private final boolean ansi;

  ExpressionCompiler(boolean ansi) {
    this.ansi = ansi;
  }

  Evaluator compile(Expression expression) {
    if (expression instanceof Expression.ColumnReference column) {
      int index = column.index();
      return batch -> batch.columns[index];
    }
    if (expression instanceof Literal literal) {
      Vector vector = LiteralVectors.of(literal);
      return batch -> vector;
    }
    return compileCall((Expression.Call) expression);
  }

  List<Evaluator> compileAll(List<Expression> expressions) {
    return expressions.stream().map(this::compile).toList();
  }

  private Evaluator compileCall(Expression.Call call) {
    List<Expression> arguments = call.arguments();
    return switch (call.operator()) {
      case EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, NULL_SAFE_EQUAL ->
          compileComparison(call);
      case AND -> new Logic(compileAll(arguments), true);
      case OR -> new Logic(compileAll(arguments), false);
      case NOT -> Logic.not(compile(arguments.get(0)));
      case IS_NULL -> Logic.isNull(compile(arguments.get(0)), true);
      case IS_NOT_NULL -> Logic.isNull(compile(arguments.get(0)), false);
      case IN -> Membership.of(compile(arguments.get(0)), arguments);
      case ADD, SUBTRACT, MULTIPLY, DIVIDE, REMAINDER -> compileArithmetic(call);
      case NEGATE -> new Negation(compile(arguments.get(0)), call.type(), ansi);
      case CAST -> compileCast(arguments.get(0), call.type());
      case STARTS_WITH, ENDS_WITH, CONTAINS ->
          new StringMatch(call.operator(), compile(arguments.get(0)), compile(arguments.get(1)));
      case IF, CASE_WHEN -> new CaseWhen(compileAll(arguments), call.type());
    };
  }

  private Evaluator compileComparison(Expression.Call call) {
    Expression left = call.arguments().get(0);
    Expression right = call.arguments().get(1);
    return new Comparison(
        call.operator(),
        compile(left),
        compile(right),
        scaleOf(left.type()),
        scaleOf(right.type()));
  }

  private Evaluator compileArithmetic(Expression.Call call) {
    Expression left = call.arguments().get(0);
    Expression right = call.arguments().get(1);
    Evaluator a = compile(left);
    Evaluator b = compile(right);
    if (call.type().isFloating()) {
      return new DoubleArithmetic(call.operator(), a, b, call.type(), ansi);
    }
    if (call.type().isInteger()) {
      return new IntegerArithmetic(call.operator(), a, b, call.type(), ansi);
    }
    return new DecimalArithmetic(
        call.operator(),
        a,
        b,
        scaleOf(left.type()),
        scaleOf(right.type()),
        (DataType.Decimal) call.type(),
        ansi);
  }

  private Evaluator compileCast(Expression argument, DataType to) {
    Evaluator evaluator = compile(argument);
    if (argument.type().equals(to)) {
      return evaluator;
    }
    return new Cast(evaluator, argument.type(), to, ansi);
  }

  static int scaleOf(DataType type) {
    return type.kind() == Kind.DECIMAL ? ((DataType.Decimal) type).scale() : 0;
  }
}
