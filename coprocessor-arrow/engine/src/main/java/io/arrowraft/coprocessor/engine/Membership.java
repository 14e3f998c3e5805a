package io.arrowraft.coprocessor.engine;

import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.coprocessor.plan.Expression.Literal;
import io.arrowraft.table.DataType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/** {@code IN} over literals: a search in a sorted array for each row. */
final class Membership implements Evaluator {
  private final Evaluator argument;
  private final boolean holdsNull;
  private final Set set;
  private final LongVector result = new LongVector(DataType.BOOLEAN);

  /** The literals that are not NULL. */
  @FunctionalInterface
  private interface Set {
    boolean contains(Vector vector, int row);
  }

  private Membership(Evaluator argument, boolean holdsNull, Set set) {
    this.argument = argument;
    this.holdsNull = holdsNull;
    this.set = set;
  }

  /**
   * @param arguments those of the IN: the value, then literals
   */
  static Evaluator of(Evaluator value, List<Expression> arguments) {
    List<Object> literals =
        arguments.stream()
            .skip(1)
            .flatMap(literal -> ((Literal) literal).value().stream())
            .toList();
    boolean holdsNull = literals.size() < arguments.size() - 1;
    DataType type = arguments.get(0).type();
    Set set =
        switch (type.kind()) {
          case FLOAT, DOUBLE -> doubles(literals);
          case STRING, JSON, BINARY -> byteStrings(type, literals);
          case DECIMAL -> decimals(literals);
          default -> longs(literals);
        };
    return new Membership(value, holdsNull, set);
  }

  private static Set longs(List<Object> literals) {
    long[] sorted =
        literals.stream()
            .mapToLong(each -> each instanceof Boolean flag ? (flag ? 1 : 0) : (Long) each)
            .sorted()
            .toArray();
    return (vector, row) -> Arrays.binarySearch(sorted, ((LongVector) vector).values[row]) >= 0;
  }

  private static Set decimals(List<Object> literals) {
    TreeSet<BigInteger> all = new TreeSet<>();
    literals.forEach(each -> all.add(((BigDecimal) each).unscaledValue()));
    long[] sorted =
        all.stream()
            .filter(each -> each.bitLength() < Long.SIZE)
            .mapToLong(BigInteger::longValue)
            .toArray();
    return (vector, row) -> {
      LongVector values = (LongVector) vector;
      return values.wide
          ? all.contains(values.bigAt(row))
          : Arrays.binarySearch(sorted, values.values[row]) >= 0;
    };
  }

  private static Set doubles(List<Object> literals) {
    long[] sorted =
        literals.stream()
            .mapToLong(each -> DoubleVector.keyBits(((Number) each).doubleValue()))
            .sorted()
            .toArray();
    return (vector, row) ->
        Arrays.binarySearch(sorted, DoubleVector.keyBits(((DoubleVector) vector).values[row])) >= 0;
  }

  private static Set byteStrings(DataType type, List<Object> literals) {
    byte[][] sorted =
        literals.stream()
            .map(LiteralVectors::bytesOf)
            .sorted(Arrays::compareUnsigned)
            .toArray(byte[][]::new);
    BytesVector all = new BytesVector(type);
    all.reset(sorted.length);
    for (int i = 0; i < sorted.length; i++) {
      all.set(i, sorted[i]);
    }
    return (vector, row) -> {
      int low = 0;
      int high = sorted.length - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        int sign = BytesVector.compare(all, middle, (BytesVector) vector, row);
        if (sign == 0) {
          return true;
        }
        if (sign < 0) {
          low = middle + 1;
        } else {
          high = middle - 1;
        }
      }
      return false;
    };
  }

  @Override
  public Vector evaluate(RowBatch batch) {
    int count = batch.count;
    Vector value = argument.evaluate(batch);
    StrictOperands.begin(result, value, count);
    for (int i = 0; i < count; i++) {
      if (!StrictOperands.needsValue(result, i)) {
        result.values[i] = 0;
      } else if (set.contains(value, i)) {
        result.values[i] = 1;
      } else if (holdsNull) {
        result.markNull(i);
      } else {
        result.values[i] = 0;
      }
    }
    return result;
  }
}
