package io.arrowraft.spark.pushdown;

import io.arrowraft.coprocessor.plan.Operator;
import io.arrowraft.table.DataType;

/**
 * The result types of decimal arithmetic by Spark's rules, since an expression that is pushed down
 * states none. The formulas are those of Hive and SQL Server; where more than 38 digits would be
 * needed, fractional digits are given up down to a minimum of 6 if the session allows precision to
 * be lost, and integral digits otherwise.
 */
final class DecimalTypes {
  private static final int PRECISION_MAX = DataType.DECIMAL_PRECISION_MAX;
  private static final int SCALE_MIN_WHEN_ADJUSTED = 6;

  private final boolean allowPrecisionLoss;

  /**
   * @param allowPrecisionLoss the session's {@code spark.sql.decimalOperations.allowPrecisionLoss}
   */
  DecimalTypes(boolean allowPrecisionLoss) {
    this.allowPrecisionLoss = allowPrecisionLoss;
  }

  /** A result type, and whether every result of the operands' types fits it. */
  record Result(DataType.Decimal type, boolean canOverflow) {}

  Result resultOf(Operator operator, DataType.Decimal left, DataType.Decimal right) {
    int p1 = left.precision();
    int s1 = left.scale();
    int p2 = right.precision();
    int s2 = right.scale();
    return switch (operator) {
      case ADD, SUBTRACT -> {
        int scale = Math.max(s1, s2);
        yield limited(Math.max(p1 - s1, p2 - s2) + scale + 1, scale);
      }
      case MULTIPLY -> limited(p1 + p2 + 1, s1 + s2);
      case DIVIDE -> division(p1, s1, p2, s2);
      case REMAINDER -> {
        int scale = Math.max(s1, s2);
        yield limited(Math.min(p1 - s1, p2 - s2) + scale, scale);
      }
      default -> throw new IllegalArgumentException(operator + " is no decimal arithmetic");
    };
  }

  private Result division(int p1, int s1, int p2, int s2) {
    int integral = p1 - s1 + s2;
    int fractional = Math.max(SCALE_MIN_WHEN_ADJUSTED, s1 + p2 + 1);
    if (allowPrecisionLoss) {
      return limited(integral + fractional, fractional);
    }
    int boundedIntegral = Math.min(PRECISION_MAX, integral);
    int boundedFractional = Math.min(PRECISION_MAX, fractional);
    int excess = boundedIntegral + boundedFractional - PRECISION_MAX;
    if (excess > 0) {
      boundedFractional -= excess / 2 + 1;
      boundedIntegral = PRECISION_MAX - boundedFractional;
    }
    return new Result(
        DataType.decimal(boundedIntegral + boundedFractional, boundedFractional),
        boundedIntegral < integral);
  }

  private Result limited(int precision, int scale) {
    if (precision <= PRECISION_MAX) {
      return new Result(DataType.decimal(precision, scale), false);
    }
    if (!allowPrecisionLoss) {
      return new Result(DataType.decimal(PRECISION_MAX, Math.min(scale, PRECISION_MAX)), true);
    }
    int integral = precision - scale;
    int scaleKept = Math.min(scale, SCALE_MIN_WHEN_ADJUSTED);
    int adjusted = Math.max(PRECISION_MAX - integral, scaleKept);
    return new Result(
        DataType.decimal(PRECISION_MAX, adjusted), PRECISION_MAX - adjusted < integral);
  }
}
