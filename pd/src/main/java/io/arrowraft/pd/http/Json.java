package io.arrowraft.pd.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.time.Duration;
import java.util.HexFormat;

/** How PD writes values. */
final class Json {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Json() {}

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** An id of 64 bits without a sign. */
  static BigInteger unsigned(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }

  static String key(ByteString key) {
    return HexFormat.of().withUpperCase().formatHex(key.toByteArray());
  }

  /** An amount with four digits and a unit, such as {@code 931.3GiB}. */
  static String amount(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros().toPlainString()
        + UNITS[unit];
  }

  /** A time span such as {@code 1h2m3s}. */
  static String span(Duration span) {
    StringBuilder text = new StringBuilder();
    if (span.toHours() > 0) {
      text.append(span.toHours()).append('h');
    }
    if (span.toMinutes() > 0) {
      text.append(span.toMinutesPart()).append('m');
    }
    return text.append(span.toSecondsPart()).append('s').toString();
  }

  static long mebibytes(long bytes) {
    return bytes >> 20;
  }
}
