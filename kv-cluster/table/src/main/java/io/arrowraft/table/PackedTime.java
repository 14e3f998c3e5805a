package io.arrowraft.table;

import java.time.LocalDate;
import java.time.LocalDateTime;

/**
 * MySQL's packed date and time, as TiDB stores DATE, DATETIME and TIMESTAMP: from the top bits,
 * {@code year * 13 + month}, day (5 bits), hour (5), minute (6), second (6), microsecond (24). The
 * calendar is the proleptic Gregorian one. Timestamps are packed in UTC.
 */
public final class PackedTime {
  private static final long MICROS_PER_SECOND = 1_000_000L;
  private static final long SECONDS_PER_DAY = 86_400L;
  private static final long MICROS_PER_DAY = SECONDS_PER_DAY * MICROS_PER_SECOND;
  private static final int DATE_SHIFT = 41;

  private PackedTime() {}

  /** Packs a date given as days since 1970-01-01. */
  public static long ofEpochDay(long epochDay) {
    LocalDate date = LocalDate.ofEpochDay(epochDay);
    return ofDate(date.getYear(), date.getMonthValue(), date.getDayOfMonth());
  }

  private static long ofDate(int year, int month, int day) {
    if (year < 1 || year > 9999) {
      throw new ValueException("dates have the years 1 to 9999, not " + year);
    }
    return ((year * 13L + month) << 5 | day) << DATE_SHIFT;
  }

  /** Packs microseconds since 1970-01-01 00:00:00. */
  public static long ofMicros(long micros) {
    long days = Math.floorDiv(micros, MICROS_PER_DAY);
    long rest = Math.floorMod(micros, MICROS_PER_DAY);
    long second = rest / MICROS_PER_SECOND;
    long time = (second / 3600) << 12 | (second / 60 % 60) << 6 | (second % 60);
    return ofEpochDay(days) | time << 24 | rest % MICROS_PER_SECOND;
  }

  public static long ofDateTime(LocalDateTime value) {
    return ofMicros(
        value.toLocalDate().toEpochDay() * MICROS_PER_DAY
            + value.toLocalTime().toNanoOfDay() / 1000);
  }

  /**
   * Days since 1970-01-01 of the date part, without allocation.
   *
   * <p>Counts the year from March, so that the leap day is the last of its year and days before a
   * month are linear in the month (H. Hinnant, "chrono-compatible low-level date algorithms").
   */
  public static int toEpochDay(long packed) {
    int date = (int) (packed >>> DATE_SHIFT);
    int day = date & 31;
    int yearMonth = date >>> 5;
    int year = yearMonth / 13;
    int month = yearMonth - year * 13;
    if (month < 1 || day < 1) {
      throw new CorruptRowException("no date: packed time " + Long.toHexString(packed));
    }
    int marchYear = month <= 2 ? year - 1 : year;
    int marchMonth = month <= 2 ? month + 9 : month - 3;
    int dayOfYear = (153 * marchMonth + 2) / 5 + day - 1;
    // Years are 1 or greater, so plain division floors; year 0 (from January of year 1) is 0 too.
    return marchYear * 365
        + marchYear / 4
        - marchYear / 100
        + marchYear / 400
        + dayOfYear
        - 719_468;
  }

  /** Microseconds since 1970-01-01 00:00:00, without allocation. */
  public static long toMicros(long packed) {
    long micro = packed & 0xFFFFFF;
    int time = (int) (packed >>> 24) & 0x1FFFF;
    long second = (time >>> 12) * 3600L + (time >>> 6 & 63) * 60L + (time & 63);
    return toEpochDay(packed) * MICROS_PER_DAY + second * MICROS_PER_SECOND + micro;
  }
}
