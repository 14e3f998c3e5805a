package io.arrowraft.simulation.workload;

import io.arrowraft.runtime.Bytes;
import java.nio.charset.StandardCharsets;

/** Numbers and text as stored values, in a form that a dump shows as written. */
final class Values {
  private Values() {}

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
    return Long.parseLong(text(value));
  }

  static String text(Bytes value) {
    return new String(value.toByteArray(), StandardCharsets.UTF_8);
  }
}
