package io.arrowraft.coprocessor.engine;

import io.arrowraft.table.DataType;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * SUM of integers and decimals in 128 bits. What a group has beyond 124 bits is moved to a number
 * of any length, so nothing ever overflows; a result that does not fit the declared type comes in
 * parts that each do.
 */
final class SumAccumulator extends Accumulator {
  // Below this, one more value of at most 38 digits cannot leave 128 bits.
  private static final long HIGH_LIMIT = 1L << 60;

  private final BigInteger limit;
  // The limit as a long, or 0 if it is beyond: then a sum within a long needs no look.
  private final long longLimit;
  private long[] low = new long[0];
  private long[] high = new long[0];
  private boolean[] seen = new boolean[0];
  private BigInteger[] moved = new BigInteger[0];

  SumAccumulator(DataType type) {
    limit =
        type instanceof DataType.Decimal decimal
            ? Int128.bigPower(decimal.precision()).subtract(BigInteger.ONE)
            : BigInteger.valueOf(Long.MAX_VALUE);
    longLimit = limit.bitLength() < Long.SIZE ? limit.longValue() : 0;
  }

  @Override
  void grow(int groups) {
    low = Arrays.copyOf(low, groups);
    high = Arrays.copyOf(high, groups);
    seen = Arrays.copyOf(seen, groups);
    moved = Arrays.copyOf(moved, groups);
  }

  @Override
  int bytesPerGroup() {
    return 2 * Long.BYTES + 1 + Integer.BYTES;
  }

  @Override
  void add(Vector values, int[] groupOf, int count) {
    LongVector numbers = (LongVector) values;
    if (numbers.hasNulls) {
      for (int i = 0; i < count; i++) {
        seen[groupOf[i]] |= !numbers.nulls[i];
      }
    } else {
      for (int i = 0; i < count; i++) {
        seen[groupOf[i]] = true;
      }
    }
    // NULL rows hold zero and add nothing.
    if (numbers.wide) {
      addWide(numbers, groupOf, count);
    } else {
      addNarrow(numbers.values, groupOf, count);
    }
  }

  private void addNarrow(long[] values, int[] groupOf, int count) {
    for (int i = 0; i < count; i++) {
      int group = groupOf[i];
      long value = values[i];
      long sum = low[group] + value;
      low[group] = sum;
      // The carry out of the lower half, and the sign of the value in the upper one.
      high[group] += (value >> 63) + (sum + Long.MIN_VALUE < value + Long.MIN_VALUE ? 1 : 0);
    }
  }

  private void addWide(LongVector values, int[] groupOf, int count) {
    for (int i = 0; i < count; i++) {
      int group = groupOf[i];
      long value = values.values[i];
      long sum = low[group] + value;
      low[group] = sum;
      high[group] += values.high[i] + (sum + Long.MIN_VALUE < value + Long.MIN_VALUE ? 1 : 0);
      if (high[group] >= HIGH_LIMIT || high[group] <= -HIGH_LIMIT) {
        moved[group] = total(group);
        low[group] = 0;
        high[group] = 0;
      }
    }
  }

  private BigInteger total(int group) {
    BigInteger sum = Int128.toBigInteger(low[group], high[group]);
    return moved[group] == null ? sum : sum.add(moved[group]);
  }

  private boolean isWithinLimit(int group) {
    if (moved[group] != null || high[group] != low[group] >> 63) {
      return total(group).abs().compareTo(limit) <= 0;
    }
    return longLimit == 0 || (low[group] <= longLimit && low[group] >= -longLimit);
  }

  @Override
  int parts(int group) {
    if (isWithinLimit(group)) {
      return 1;
    }
    BigInteger[] parts = total(group).abs().divideAndRemainder(limit);
    return parts[0].intValueExact() + (parts[1].signum() == 0 ? 0 : 1);
  }

  @Override
  void emit(int group, int part, Vector target, int row) {
    if (!seen[group]) {
      target.markNull(row);
      return;
    }
    LongVector result = (LongVector) target;
    if (isWithinLimit(group)) {
      if (part > 0) {
        result.markNull(row);
      } else {
        result.setBig(row, total(group));
      }
      return;
    }
    BigInteger total = total(group);
    BigInteger signedLimit = total.signum() < 0 ? limit.negate() : limit;
    BigInteger rest = total.subtract(signedLimit.multiply(BigInteger.valueOf(part)));
    if (rest.signum() != total.signum()) {
      result.markNull(row);
    } else {
      result.setBig(row, rest.abs().compareTo(limit) > 0 ? signedLimit : rest);
    }
  }
}
