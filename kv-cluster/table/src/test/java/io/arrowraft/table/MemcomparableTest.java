package io.arrowraft.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MemcomparableTest {
  private static byte[] ints(long value) {
    return new KeyBuilder().intDatum(value).toByteArray();
  }

  @Property(tries = 500)
  void integersOrderAndReturn(@ForAll long a, @ForAll long b) {
    assertThat(Integer.signum(Arrays.compareUnsigned(ints(a), ints(b))))
        .isEqualTo(Long.compare(a, b));
    assertThat(Memcomparable.intDatum(ByteBuffer.wrap(ints(a)), 0, 9)).isEqualTo(a);
  }

  @Property(tries = 500)
  void doublesOrderAndReturn(@ForAll double a, @ForAll double b) {
    byte[] left = new KeyBuilder().doubleDatum(a).toByteArray();
    byte[] right = new KeyBuilder().doubleDatum(b).toByteArray();
    int expected = a == b ? 0 : Double.compare(a, b);
    assertThat(Integer.signum(Arrays.compareUnsigned(left, right))).isEqualTo(expected);
    assertThat(Memcomparable.doubleDatum(ByteBuffer.wrap(left), 0, 9))
        .isEqualTo(a == 0.0 ? 0.0 : a);
  }

  @Test
  void nanIsAboveInfinityAndNegativeZeroEqualsZeroInKeys() {
    byte[] nan = new KeyBuilder().doubleDatum(Double.NaN).toByteArray();
    byte[] infinity = new KeyBuilder().doubleDatum(Double.POSITIVE_INFINITY).toByteArray();
    assertThat(Arrays.compareUnsigned(nan, infinity)).isPositive();
    assertThat(Memcomparable.doubleDatum(ByteBuffer.wrap(nan), 0, 9)).isNaN();
    assertThat(new KeyBuilder().doubleDatum(-0.0).toByteArray())
        .isEqualTo(new KeyBuilder().doubleDatum(0.0).toByteArray());
  }

  @Property(tries = 500)
  void bytesOrderAndReturn(@ForAll @Size(max = 40) byte[] a, @ForAll @Size(max = 40) byte[] b) {
    byte[] left = new KeyBuilder().bytesDatum(a).toByteArray();
    byte[] right = new KeyBuilder().bytesDatum(b).toByteArray();
    assertThat(Integer.signum(Arrays.compareUnsigned(left, right)))
        .isEqualTo(Integer.signum(Arrays.compareUnsigned(a, b)));
    assertThat(Memcomparable.bytesDatum(ByteBuffer.wrap(left), 0, left.length)).isEqualTo(a);
    assertThat(Memcomparable.skipDatum(ByteBuffer.wrap(left), 0, left.length))
        .isEqualTo(left.length);
  }

  @Property(tries = 1000)
  void decimalsOrderAndReturn(
      @ForAll @BigRange(min = "-99999999999999999999999999", max = "99999999999999999999999999")
          BigInteger a,
      @ForAll @BigRange(min = "-99999999999999999999999999", max = "99999999999999999999999999")
          BigInteger b) {
    DecimalLayout layout = DecimalLayout.of(26, 11);
    byte[] left = new KeyBuilder().decimalDatum(a, layout).toByteArray();
    byte[] right = new KeyBuilder().decimalDatum(b, layout).toByteArray();
    assertThat(Integer.signum(Arrays.compareUnsigned(left, right))).isEqualTo(a.compareTo(b));
    ByteBuffer buffer = ByteBuffer.wrap(left).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(Memcomparable.decimalDatum(buffer, 0, left.length)).isEqualTo(new BigDecimal(a, 11));
    assertThat(Memcomparable.skipDatum(buffer, 0, left.length)).isEqualTo(left.length);
    assertThat(read128(layout, buffer, 3)).isEqualTo(a);
  }

  private static BigInteger read128(DecimalLayout layout, ByteBuffer buffer, int at) {
    long[] words = new long[2];
    layout.readUnscaled128(buffer, at, words, 0);
    return BigInteger.valueOf(words[1])
        .shiftLeft(64)
        .add(new BigInteger(Long.toUnsignedString(words[0])));
  }

  @Test
  void everyLayoutTakesItsLimitsAndZero() {
    for (int precision = 1; precision <= 38; precision++) {
      for (int scale = 0; scale <= precision; scale++) {
        DecimalLayout layout = DecimalLayout.of(precision, scale);
        BigInteger max = BigInteger.TEN.pow(precision).subtract(BigInteger.ONE);
        for (BigInteger value :
            new BigInteger[] {max, max.negate(), BigInteger.ZERO, BigInteger.ONE.negate()}) {
          byte[] bytes = new KeyBuilder().decimalDatum(value, layout).toByteArray();
          ByteBuffer buffer = ByteBuffer.wrap(bytes);
          assertThat(layout.read(buffer, 3)).isEqualTo(new BigDecimal(value, scale));
          assertThat(read128(layout, buffer, 3)).isEqualTo(value);
          if (layout.fitsLong()) {
            assertThat(layout.readUnscaled(buffer, 3)).isEqualTo(value.longValueExact());
            ByteBuffer roomy = ByteBuffer.wrap(Arrays.copyOf(bytes, bytes.length + 8));
            assertThat(layout.readUnscaled(roomy, 3)).isEqualTo(value.longValueExact());
            roomy.order(ByteOrder.LITTLE_ENDIAN);
            assertThat(layout.readUnscaled(roomy, 3)).isEqualTo(value.longValueExact());
          }
        }
        BigInteger tooLarge = max.add(BigInteger.ONE);
        assertThatThrownBy(() -> new KeyBuilder().decimalDatum(tooLarge, layout))
            .isInstanceOf(ValueException.class);
      }
    }
  }

  /** The example of MySQL's own documentation of its binary decimals. */
  @Test
  void decimalsHaveThePublishedBytes() {
    DecimalLayout layout = DecimalLayout.of(14, 4);
    byte[] positive =
        new KeyBuilder().decimalDatum(new BigInteger("12345678901234"), layout).toByteArray();
    byte[] negative =
        new KeyBuilder().decimalDatum(new BigInteger("-12345678901234"), layout).toByteArray();
    assertThat(HexFormat.of().formatHex(positive)).isEqualTo("060e04" + "810dfb38d204d2");
    assertThat(HexFormat.of().formatHex(negative)).isEqualTo("060e04" + "7ef204c72dfb2d");
  }

  @Test
  void cutDatumIsReportedAsDamage() {
    byte[] bytes = new KeyBuilder().bytesDatum(new byte[20]).toByteArray();
    assertThatThrownBy(() -> Memcomparable.bytesDatum(ByteBuffer.wrap(bytes), 0, bytes.length - 1))
        .isInstanceOf(CorruptRowException.class);
    assertThatThrownBy(() -> Memcomparable.intDatum(ByteBuffer.wrap(bytes), 0, bytes.length))
        .isInstanceOf(CorruptRowException.class);
  }
}
