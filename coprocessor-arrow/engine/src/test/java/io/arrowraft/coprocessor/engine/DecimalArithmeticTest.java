package io.arrowraft.coprocessor.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.Operator;
import io.arrowraft.coprocessor.plan.PlanNode;
import io.arrowraft.coprocessor.plan.PlanRequest;
import io.arrowraft.table.DataType;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Decimals of every width meet: 64-bit, 128-bit and BigDecimal paths give one answer. */
class DecimalArithmeticTest {
  private static final Operator[] OPERATORS = {
    Operator.ADD,
    Operator.SUBTRACT,
    Operator.MULTIPLY,
    Operator.DIVIDE,
    Operator.LESS,
    Operator.EQUAL
  };

  private static BigDecimal random(Random random, int bits, DataType.Decimal type) {
    BigInteger unscaled =
        new BigInteger(random.nextInt(bits + 1), random).mod(BigInteger.TEN.pow(type.precision()));
    if (random.nextInt(6) == 0) {
      unscaled = BigInteger.TEN.pow(type.precision()).subtract(BigInteger.ONE);
    }
    return new BigDecimal(random.nextBoolean() ? unscaled : unscaled.negate(), type.scale());
  }

  @Property(tries = 600)
  void everyWidthGivesTheExactAnswer(@ForAll long seed) {
    Random random = new Random(seed);
    int scale = random.nextInt(8);
    DataType.Decimal left = DataType.decimal(10 + random.nextInt(29), scale);
    DataType.Decimal right =
        DataType.decimal(10 + random.nextInt(29), random.nextBoolean() ? scale : random.nextInt(8));
    TableSchema schema =
        TableSchema.builder(1, TableName.parse("t.decimals"))
            .column("a", left)
            .column("b", right)
            .build();
    TestRows table = new TestRows(schema);
    List<List<Object>> rows = new ArrayList<>();
    int bits = 20 + random.nextInt(110);
    for (int i = 0; i < 20; i++) {
      BigDecimal a = random(random, bits, left);
      BigDecimal b = random(random, bits, right);
      table.add(a, b);
      rows.add(List.of(a, b));
    }
    List<Expression> expressions = new ArrayList<>();
    for (Operator operator : OPERATORS) {
      int exact =
          operator == Operator.MULTIPLY
              ? left.scale() + right.scale()
              : Math.max(left.scale(), right.scale());
      int precision = 15 + random.nextInt(24);
      DataType type =
          operator.isComparison()
              ? DataType.BOOLEAN
              : DataType.decimal(
                  precision,
                  Math.min(precision, random.nextInt(3) == 0 ? random.nextInt(12) : exact));
      expressions.add(
          Expression.call(operator, type, Expression.column(0, left), Expression.column(1, right)));
    }
    Oracle oracle = new Oracle(false);
    List<List<Object>> expected = new ArrayList<>();
    for (List<Object> row : rows) {
      List<Object> values = new ArrayList<>();
      expressions.forEach(each -> values.add(oracle.evaluate(each, row)));
      expected.add(values);
    }
    PlanNode plan = new PlanNode.Projection(table.scan(), expressions);
    assertThat(table.run(PlanRequest.of(plan).withAnsi(false))).isEqualTo(expected);
  }
}
