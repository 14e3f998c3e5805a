package io.arrowraft.coprocessor.engine;

import java.math.BigDecimal;
import java.math.BigInteger;

/** 128-bit two's complement numbers in two longs, and powers of ten. */
final class Int128 {
  private static final BigInteger TWO_64 = BigInteger.ONE.shiftLeft(64);
  private static final long[] POWERS = new long[19];
  private static final BigInteger[] BIG_POWERS = new BigInteger[78];

  static {
    long power = 1;
    for (int i = 0; i < POWERS.length; i++) {
      POWERS[i] = power;
      power *= 10;
    }
    BIG_POWERS[0] = BigInteger.ONE;
    for (int i = 1; i < BIG_POWERS.length; i++) {
      BIG_POWERS[i] = BIG_POWERS[i - 1].multiply(BigInteger.TEN);
    }
  }

  private Int128() {}

  /** 10 to the {@code exponent}, which is 0 to 18. */
  static long power(int exponent) {
    return POWERS[exponent];
  }

  static BigInteger bigPower(int exponent) {
    return BIG_POWERS[exponent];
  }

  static BigInteger toBigInteger(long low, long high) {
    if (high == low >> 63) {
      return BigInteger.valueOf(low);
    }
    BigInteger lower = BigInteger.valueOf(low);
    return BigInteger.valueOf(high).shiftLeft(64).add(low < 0 ? lower.add(TWO_64) : lower);
  }

  static BigDecimal toBigDecimal(long low, long high, int scale) {
    return high == low >> 63
        ? BigDecimal.valueOf(low, scale)
        : new BigDecimal(toBigInteger(low, high), scale);
  }

  static int compare(long lowA, long highA, long lowB, long highB) {
    return highA != highB ? Long.compare(highA, highB) : Long.compareUnsigned(lowA, lowB);
  }

  /** Whether the number has at most {@code digits} digits. */
  static boolean fits(BigInteger value, int digits) {
    return value.abs().compareTo(BIG_POWERS[digits]) < 0;
  }

  /** Divides by a power of ten, a half rounded away from zero. */
  static long divideHalfUp(long value, long power) {
    long quotient = value / power;
    long rest = Math.abs(value % power);
    return rest >= power - rest ? quotient + (value < 0 ? -1 : 1) : quotient;
  }
}
