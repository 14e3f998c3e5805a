package io.arrowraft.server.status;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with units, as people write them and TiKV's configuration has them. */
final class Quantities {
  private static final long COUNT_MAX = Integer.MAX_VALUE;
  private static final Pattern NUMBER = Pattern.compile("(\\d{1,15})\\s*([a-zA-Z]*)");

  private Quantities() {}

  static long count(String text) {
    Matcher number = NUMBER.matcher(text.trim());
    if (!number.matches()
        || !number.group(2).isEmpty()
        || Long.parseLong(number.group(1)) > COUNT_MAX) {
      throw new IllegalArgumentException("write a whole number without a unit, such as 20");
    }
    return Long.parseLong(number.group(1));
  }

  /** Units are powers of 1024, whether or not they are written with an i. */
  static long bytes(String text) {
    Matcher number = NUMBER.matcher(text.trim());
    int shift = number.matches() ? byteShift(number.group(2)) : -1;
    if (shift < 0) {
      throw new IllegalArgumentException("write a size such as 100MiB, 64KiB, 2GiB or 1024B");
    }
    return Math.multiplyExact(Long.parseLong(number.group(1)), 1L << shift);
  }

  private static int byteShift(String unit) {
    return switch (unit.toUpperCase(Locale.ROOT)) {
      case "", "B" -> 0;
      case "K", "KB", "KIB" -> 10;
      case "M", "MB", "MIB" -> 20;
      case "G", "GB", "GIB" -> 30;
      case "T", "TB", "TIB" -> 40;
      default -> -1;
    };
  }

  static Duration duration(String text) {
    Matcher number = NUMBER.matcher(text.trim());
    long millis =
        number.matches()
            ? switch (number.group(2).toLowerCase(Locale.ROOT)) {
              case "ms" -> 1;
              case "s" -> 1_000;
              case "m" -> 60_000;
              case "h" -> 3_600_000;
              default -> -1;
            }
            : -1;
    if (millis < 0) {
      throw new IllegalArgumentException("write a duration such as 500ms, 2s, 1m or 1h");
    }
    return Duration.ofMillis(Math.multiplyExact(Long.parseLong(number.group(1)), millis));
  }
}
