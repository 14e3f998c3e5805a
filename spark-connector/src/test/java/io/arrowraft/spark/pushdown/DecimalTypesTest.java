package io.arrowraft.spark.pushdown;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.coprocessor.plan.Operator;
import io.arrowraft.table.DataType;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.spark.sql.catalyst.expressions.Add;
import org.apache.spark.sql.catalyst.expressions.Divide;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.Multiply;
import org.apache.spark.sql.catalyst.expressions.NumericEvalContext;
import org.apache.spark.sql.catalyst.expressions.Remainder;
import org.apache.spark.sql.catalyst.expressions.Subtract;
import org.apache.spark.sql.types.DataTypes;

class DecimalTypesTest {
  @Property(tries = 2_000)
  void resultTypesAreThoseOfSparksAnalyzer(
      @ForAll @IntRange(min = 1, max = 38) int p1,
      @ForAll @IntRange(min = 0, max = 38) int scale1,
      @ForAll @IntRange(min = 1, max = 38) int p2,
      @ForAll @IntRange(min = 0, max = 38) int scale2,
      @ForAll boolean allowPrecisionLoss) {
    int s1 = Math.min(p1, scale1);
    int s2 = Math.min(p2, scale2);
    Expression left = Literal.create(null, DataTypes.createDecimalType(p1, s1));
    Expression right = Literal.create(null, DataTypes.createDecimalType(p2, s2));
    NumericEvalContext context = NumericEvalContext.apply(EvalMode.ANSI(), allowPrecisionLoss);
    DecimalTypes types = new DecimalTypes(allowPrecisionLoss);
    DataType.Decimal ours1 = DataType.decimal(p1, s1);
    DataType.Decimal ours2 = DataType.decimal(p2, s2);

    assertSame(types, Operator.ADD, ours1, ours2, new Add(left, right, context));
    assertSame(types, Operator.SUBTRACT, ours1, ours2, new Subtract(left, right, context));
    assertSame(types, Operator.MULTIPLY, ours1, ours2, new Multiply(left, right, context));
    assertSame(types, Operator.DIVIDE, ours1, ours2, new Divide(left, right, context));
    if (Math.min(p1 - s1, p2 - s2) + Math.max(s1, s2) > 0) {
      assertSame(types, Operator.REMAINDER, ours1, ours2, new Remainder(left, right, context));
    }
  }

  private static void assertSame(
      DecimalTypes types,
      Operator operator,
      DataType.Decimal left,
      DataType.Decimal right,
      Expression spark) {
    assertThat(SparkTypes.toSpark(types.resultOf(operator, left, right).type()))
        .as(operator + " of " + left + " and " + right)
        .isEqualTo(spark.dataType());
  }
}
