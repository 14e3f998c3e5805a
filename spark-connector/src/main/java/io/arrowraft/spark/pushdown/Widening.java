package io.arrowraft.spark.pushdown;

import io.arrowraft.table.DataType;

/** Which casts keep every value. */
final class Widening {
  private Widening() {}

  static boolean isWidening(DataType from, DataType to) {
    if (from.isInteger() && to.isInteger()) {
      return rank(from) <= rank(to);
    }
    if (from.isInteger() && to instanceof DataType.Decimal decimal) {
      return decimal.precision() - decimal.scale() >= digits(from);
    }
    if (from instanceof DataType.Decimal narrow && to instanceof DataType.Decimal wide) {
      return wide.scale() >= narrow.scale()
          && wide.precision() - wide.scale() >= narrow.precision() - narrow.scale();
    }
    if (from.kind() == DataType.Kind.FLOAT) {
      return to.kind() == DataType.Kind.DOUBLE;
    }
    // Up to 32 bits fit a double's 53 exactly.
    return to.kind() == DataType.Kind.DOUBLE && from.isInteger() && rank(from) <= 2;
  }

  private static int rank(DataType type) {
    return switch (type.kind()) {
      case TINYINT -> 0;
      case SMALLINT -> 1;
      case INTEGER -> 2;
      case BIGINT -> 3;
      default -> throw new IllegalArgumentException(type.sql() + " is no integer type");
    };
  }

  /** Decimal digits that every value of an integer type fits. */
  private static int digits(DataType type) {
    return switch (rank(type)) {
      case 0 -> 3;
      case 1 -> 5;
      case 2 -> 10;
      default -> 19;
    };
  }
}
