package io.arrowraft.simulation.workload;

import io.arrowraft.runtime.Bytes;
import java.nio.charset.StandardCharsets;

/** Numbers and text as stored values, in a form that a dump shows as written. */
final class Values {
  private static final String PADDING = "/";

  private Values() {}

  /** A number in a value of a given length or more: long ones are stored in another way. */
  static Bytes padded(long number, int length) {
    String digits = Long.toString(number) + PADDING;
    return Bytes.ofUtf8(digits + "-".repeat(Math.max(0, length - digits.length())));
  }

  static Bytes of(long number) {
    return Bytes.ofUtf8(Long.toString(number));
  }

  /**
   * @throws IllegalStateException if there is no value: a reading that misses what was prepared
   */
  static long number(Bytes value) {
    if (value == null) {
      throw new IllegalStateException("a prepared value is missing");
    }
    String text = text(value);
    int padding = text.indexOf(PADDING);
    return Long.parseLong(padding < 0 ? text : text.substring(0, padding));
  }

  static String text(Bytes value) {
    return new String(value.toByteArray(), StandardCharsets.UTF_8);
  }
}
