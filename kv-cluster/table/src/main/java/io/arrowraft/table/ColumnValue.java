package io.arrowraft.table;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/** Brings Java values into the one form that {@link DataType} documents, or refuses them. */
public final class ColumnValue {
  private ColumnValue() {}

  /**
   * The canonical form of {@code value}, which is not null. Numbers are widened and narrowed only
   * when exact; decimals take the declared scale only when no digit is lost.
   *
   * @throws ValueException naming the column, the type and the value
   */
  public static Object canonical(String column, DataType type, Object value) {
    if (type instanceof DataType.Unsigned unsigned) {
      return unsigned.checked(column, canonical(column, unsigned.valueType(), value));
    }
    return switch (type.kind()) {
      case BOOLEAN -> value instanceof Boolean ? value : refuse(column, type, value);
      case TINYINT -> (byte) integer(column, type, value, Byte.MIN_VALUE, Byte.MAX_VALUE);
      case SMALLINT -> (short) integer(column, type, value, Short.MIN_VALUE, Short.MAX_VALUE);
      case INTEGER -> (int) integer(column, type, value, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case BIGINT -> integer(column, type, value, Long.MIN_VALUE, Long.MAX_VALUE);
      case FLOAT -> floatValue(column, type, value);
      case DOUBLE -> doubleValue(column, type, value);
      case DECIMAL -> decimal(column, (DataType.Decimal) type, value);
      case STRING, JSON -> string(column, type, value);
      case BINARY -> value instanceof byte[] bytes ? bytes.clone() : refuse(column, type, value);
      case DATE -> date(column, type, value);
      case TIMESTAMP -> instant(column, type, value);
      case TIMESTAMP_NTZ -> localDateTime(column, type, value);
    };
  }

  /** The value that a column has where somebody must give it one and there is no other. */
  public static Object zero(DataType type) {
    Object zero =
        switch (type.kind()) {
          case BOOLEAN -> false;
          case TINYINT, SMALLINT, INTEGER, BIGINT, DECIMAL -> 0;
          case FLOAT, DOUBLE -> 0.0f;
          case STRING -> "";
          case JSON -> "null";
          case BINARY -> new byte[0];
          case DATE -> LocalDate.EPOCH;
          case TIMESTAMP -> Instant.EPOCH;
          case TIMESTAMP_NTZ -> LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC);
        };
    return canonical("zero", type, zero);
  }

  private static <T> T refuse(String column, DataType type, Object value) {
    throw new ValueException(
        "column "
            + column
            + " is "
            + type.sql()
            + " and does not take "
            + value.getClass().getSimpleName()
            + " "
            + value);
  }

  private static long integer(String column, DataType type, Object value, long min, long max) {
    long number;
    if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      number = ((Number) value).longValue();
    } else if (value instanceof BigInteger big && big.bitLength() < Long.SIZE) {
      number = big.longValue();
    } else {
      return ColumnValue.<Long>refuse(column, type, value);
    }
    if (number < min || number > max) {
      throw new ValueException(
          "column " + column + " is " + type.sql() + " and " + number + " is out of its range");
    }
    return number;
  }

  private static Float floatValue(String column, DataType type, Object value) {
    if (value instanceof Float number) {
      return number;
    }
    if (value instanceof Double number
        && (number.isNaN() || (double) number.floatValue() == number)) {
      return number.floatValue();
    }
    return refuse(column, type, value);
  }

  private static Double doubleValue(String column, DataType type, Object value) {
    if (value instanceof Double number) {
      return number;
    }
    if (value instanceof Float
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      return ((Number) value).doubleValue();
    }
    return refuse(column, type, value);
  }

  private static BigDecimal decimal(String column, DataType.Decimal type, Object value) {
    BigDecimal number;
    if (value instanceof BigDecimal exact) {
      number = exact;
    } else if (value instanceof BigInteger big) {
      number = new BigDecimal(big);
    } else if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      number = BigDecimal.valueOf(((Number) value).longValue());
    } else {
      return refuse(column, type, value);
    }
    boolean tooManyFractionDigits = number.stripTrailingZeros().scale() > type.scale();
    boolean tooManyIntegerDigits =
        number.signum() != 0
            && (long) number.precision() - number.scale() > type.precision() - type.scale();
    if (tooManyFractionDigits || tooManyIntegerDigits) {
      throw new ValueException(
          "column "
              + column
              + " is "
              + type.sql()
              + " and cannot hold "
              + (number.precision() > 60 ? "a number that long" : number.toString()));
    }
    return number.setScale(type.scale(), RoundingMode.UNNECESSARY);
  }

  private static String string(String column, DataType type, Object value) {
    if (value instanceof String text) {
      // An unpaired surrogate has no UTF-8 form and would come back as a question mark.
      if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
        throw new ValueException("column " + column + ": the string holds an unpaired surrogate");
      }
      return text;
    }
    return refuse(column, type, value);
  }

  private static LocalDate date(String column, DataType type, Object value) {
    LocalDate date;
    if (value instanceof LocalDate local) {
      date = local;
    } else if (value instanceof Date sql) {
      date = sql.toLocalDate();
    } else {
      return refuse(column, type, value);
    }
    checkYear(column, type, date.getYear());
    return date;
  }

  private static Instant instant(String column, DataType type, Object value) {
    Instant instant;
    if (value instanceof Instant given) {
      instant = given;
    } else if (value instanceof Timestamp sql) {
      instant = sql.toInstant();
    } else {
      return refuse(column, type, value);
    }
    checkYear(column, type, instant.atOffset(ZoneOffset.UTC).getYear());
    return instant.truncatedTo(ChronoUnit.MICROS);
  }

  private static LocalDateTime localDateTime(String column, DataType type, Object value) {
    if (value instanceof LocalDateTime given) {
      checkYear(column, type, given.getYear());
      return given.truncatedTo(ChronoUnit.MICROS);
    }
    return refuse(column, type, value);
  }

  private static void checkYear(String column, DataType type, int year) {
    if (year < 1 || year > 9999) {
      throw new ValueException(
          "column " + column + " is " + type.sql() + " and takes the years 1 to 9999, not " + year);
    }
  }
}
