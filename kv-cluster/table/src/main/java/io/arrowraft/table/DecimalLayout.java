package io.arrowraft.table;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * MySQL's binary decimal of one precision and scale: nine digits in four bytes, fewer in as few as
 * they need, big endian, integer digits first; a negative number has all bits inverted, and the top
 * bit is flipped so that bytes order as numbers do.
 *
 * <p>In keys and values two bytes, precision and scale, come before it.
 */
public final class DecimalLayout {
  private static final int DIGITS_PER_WORD = 9;
  private static final int WORD_BASE = 1_000_000_000;
  private static final int[] BYTES_OF_DIGITS = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};
  private static final int[] POWERS = {
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, WORD_BASE
  };
  private static final BigInteger BIG_BASE = BigInteger.valueOf(WORD_BASE);

  /** Greatest precision that the published format knows. */
  static final int PRECISION_MAX = 65;

  private final int precision;
  private final int scale;
  private final int leadingDigits;
  private final int integerWords;
  private final int fractionWords;
  private final int trailingDigits;
  private final int size;

  private DecimalLayout(int precision, int scale) {
    this.precision = precision;
    this.scale = scale;
    int integerDigits = precision - scale;
    leadingDigits = integerDigits % DIGITS_PER_WORD;
    integerWords = integerDigits / DIGITS_PER_WORD;
    fractionWords = scale / DIGITS_PER_WORD;
    trailingDigits = scale % DIGITS_PER_WORD;
    size =
        BYTES_OF_DIGITS[leadingDigits]
            + 4 * (integerWords + fractionWords)
            + BYTES_OF_DIGITS[trailingDigits];
  }

  /** Throws {@link CorruptRowException} if no such decimal exists in the format. */
  public static DecimalLayout of(int precision, int scale) {
    if (precision < 1 || precision > PRECISION_MAX || scale < 0 || scale > precision) {
      throw new CorruptRowException("no decimal has precision " + precision + ", scale " + scale);
    }
    return new DecimalLayout(precision, scale);
  }

  public int precision() {
    return precision;
  }

  public int scale() {
    return scale;
  }

  /** Bytes of the digits, the two bytes before them not counted. */
  public int size() {
    return size;
  }

  /** Whether any value of this layout is an unscaled number of at most 18 digits. */
  public boolean fitsLong() {
    return precision <= 18;
  }

  /**
   * The unscaled number at {@code at}, just past precision and scale, of a layout that {@link
   * #fitsLong()}. The caller has checked that {@link #size()} bytes are there.
   */
  public long readUnscaled(ByteBuffer buffer, int at) {
    if (size <= Long.BYTES && at + Long.BYTES <= buffer.limit()) {
      return readWithinOneWord(buffer, at);
    }
    long mask = buffer.get(at) < 0 ? 0 : -1L;
    int position = at;
    long value = 0;
    int width = BYTES_OF_DIGITS[leadingDigits];
    if (width > 0) {
      value = word(buffer, position, width, mask, position == at);
      position += width;
    }
    for (int i = integerWords + fractionWords; i > 0; i--) {
      value = value * WORD_BASE + word(buffer, position, 4, mask, position == at);
      position += 4;
    }
    width = BYTES_OF_DIGITS[trailingDigits];
    if (width > 0) {
      value = value * POWERS[trailingDigits] + word(buffer, position, width, mask, position == at);
    }
    return (value ^ mask) - mask;
  }

  /** All digits by one load; the bytes behind the number are shifted out. */
  private long readWithinOneWord(ByteBuffer buffer, int at) {
    long raw = buffer.getLong(at);
    if (buffer.order() == ByteOrder.LITTLE_ENDIAN) {
      raw = Long.reverseBytes(raw);
    }
    // With the top bit flipped back, an arithmetic shift leaves the sign in all upper bits.
    raw = (raw ^ Long.MIN_VALUE) >> (Long.SIZE - 8 * size);
    long mask = raw >> (Long.SIZE - 1);
    raw ^= mask;
    int shift = 8 * (size - BYTES_OF_DIGITS[leadingDigits]);
    long value = shift == Long.SIZE ? 0 : raw >>> shift;
    for (int i = integerWords + fractionWords; i > 0; i--) {
      shift -= 32;
      value = value * WORD_BASE + (raw >>> shift & 0xFFFFFFFFL);
    }
    if (trailingDigits > 0) {
      value = value * POWERS[trailingDigits] + (raw & (1L << shift) - 1);
    }
    return (value ^ mask) - mask;
  }

  /**
   * Puts the unscaled number of any layout of at most 38 digits into {@code target}: the low 64
   * bits at {@code slot}, the high 64 bits after them.
   */
  public void readUnscaled128(ByteBuffer buffer, int at, long[] target, int slot) {
    if (precision > DataType.DECIMAL_PRECISION_MAX) {
      throw new CorruptRowException("a decimal of " + precision + " digits is beyond 128 bits");
    }
    long mask = buffer.get(at) < 0 ? 0 : -1L;
    int position = at;
    long low = 0;
    long high = 0;
    int steps = integerWords + fractionWords + 2;
    for (int step = 0; step < steps; step++) {
      int digits = step == 0 ? leadingDigits : step == steps - 1 ? trailingDigits : DIGITS_PER_WORD;
      int width = BYTES_OF_DIGITS[digits];
      if (width == 0) {
        continue;
      }
      int word = word(buffer, position, width, mask, position == at);
      position += width;
      // 128-bit value * power + word, with a power below 2^30.
      long power = POWERS[digits];
      long lowPart = (low & 0xFFFFFFFFL) * power + word;
      long midPart = (low >>> 32) * power + (lowPart >>> 32);
      low = midPart << 32 | (lowPart & 0xFFFFFFFFL);
      high = high * power + (midPart >>> 32);
    }
    if (mask != 0) {
      low = -low;
      high = ~high + (low == 0 ? 1 : 0);
    }
    target[slot] = low;
    target[slot + 1] = high;
  }

  /** The value at {@code at}, just past precision and scale. */
  public BigDecimal read(ByteBuffer buffer, int at) {
    if (fitsLong()) {
      return BigDecimal.valueOf(readUnscaled(buffer, at), scale);
    }
    long mask = buffer.get(at) < 0 ? 0 : -1L;
    int position = at;
    BigInteger value = BigInteger.ZERO;
    int steps = integerWords + fractionWords + 2;
    for (int step = 0; step < steps; step++) {
      int digits = step == 0 ? leadingDigits : step == steps - 1 ? trailingDigits : DIGITS_PER_WORD;
      int width = BYTES_OF_DIGITS[digits];
      if (width > 0) {
        int word = word(buffer, position, width, mask, position == at);
        value = value.multiply(BigInteger.valueOf(POWERS[digits])).add(BigInteger.valueOf(word));
        position += width;
      }
    }
    return new BigDecimal(mask == 0 ? value : value.negate(), scale);
  }

  private static int word(ByteBuffer buffer, int at, int width, long mask, boolean first) {
    int raw = 0;
    for (int i = 0; i < width; i++) {
      raw = raw << 8 | (buffer.get(at + i) & 0xFF);
    }
    if (first) {
      raw ^= 0x80 << (8 * (width - 1));
    }
    int bits = width == 4 ? -1 : (1 << (8 * width)) - 1;
    return (raw ^ (int) mask) & bits;
  }

  /**
   * Writes precision, scale and the number; returns the offset behind it.
   *
   * @param unscaled of at most {@link #precision()} digits, else {@link ValueException}
   */
  int write(BigInteger unscaled, byte[] target, int at) {
    if (fitsLong() && unscaled.bitLength() < Long.SIZE) {
      return write(unscaled.longValue(), target, at);
    }
    BigInteger rest = unscaled.abs();
    int end = begin(target, at);
    int position = end;
    int steps = integerWords + fractionWords + 2;
    for (int step = steps - 1; step >= 0; step--) {
      int digits = step == 0 ? leadingDigits : step == steps - 1 ? trailingDigits : DIGITS_PER_WORD;
      BigInteger[] parts =
          rest.divideAndRemainder(
              digits == DIGITS_PER_WORD ? BIG_BASE : BigInteger.valueOf(POWERS[digits]));
      position = putWord(target, position, BYTES_OF_DIGITS[digits], parts[1].intValue());
      rest = parts[0];
    }
    finish(target, at, end, unscaled.signum() < 0, rest.signum() == 0, unscaled);
    return end;
  }

  /** As {@link #write(BigInteger, byte[], int)}, for a number within a long. */
  int write(long unscaled, byte[] target, int at) {
    if (unscaled == Long.MIN_VALUE) {
      return write(BigInteger.valueOf(unscaled), target, at);
    }
    long rest = Math.abs(unscaled);
    int end = begin(target, at);
    int position = end;
    int steps = integerWords + fractionWords + 2;
    for (int step = steps - 1; step >= 0; step--) {
      int digits = step == 0 ? leadingDigits : step == steps - 1 ? trailingDigits : DIGITS_PER_WORD;
      int power = POWERS[digits];
      position = putWord(target, position, BYTES_OF_DIGITS[digits], (int) (rest % power));
      rest /= power;
    }
    finish(target, at, end, unscaled < 0, rest == 0, unscaled);
    return end;
  }

  private int begin(byte[] target, int at) {
    target[at] = (byte) precision;
    target[at + 1] = (byte) scale;
    return at + 2 + size;
  }

  /** Puts a word that ends before {@code end}; returns where it begins. */
  private static int putWord(byte[] target, int end, int width, int word) {
    for (int i = 1; i <= width; i++) {
      target[end - i] = (byte) word;
      word >>>= 8;
    }
    return end - width;
  }

  private void finish(
      byte[] target, int at, int end, boolean negative, boolean fits, Object unscaled) {
    if (!fits) {
      throw new ValueException(
          "unscaled "
              + unscaled
              + " has more than the "
              + precision
              + " digits of DECIMAL("
              + precision
              + ","
              + scale
              + ")");
    }
    if (negative) {
      for (int i = at + 2; i < end; i++) {
        target[i] = (byte) ~target[i];
      }
    }
    target[at + 2] ^= (byte) 0x80;
  }
}
