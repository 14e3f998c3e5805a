package io.arrowraft.table;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/** Between canonical Java values and what rows and keys store. */
final class RowValues {
  private RowValues() {}

  static byte[] bytesOf(Object canonical) {
    return canonical instanceof byte[] bytes
        ? bytes
        : ((String) canonical).getBytes(StandardCharsets.UTF_8);
  }

  static long packedTimeOf(DataType type, Object canonical) {
    return switch (type.kind()) {
      case DATE -> PackedTime.ofEpochDay(((LocalDate) canonical).toEpochDay());
      case TIMESTAMP ->
          PackedTime.ofMicros(ChronoUnit.MICROS.between(Instant.EPOCH, (Instant) canonical));
      default -> PackedTime.ofDateTime((LocalDateTime) canonical);
    };
  }

  static void decimalDatum(KeyBuilder builder, DataType.Decimal type, Object canonical) {
    BigInteger unscaled = ((BigDecimal) canonical).setScale(type.scale()).unscaledValue();
    builder.decimalDatum(unscaled, DecimalLayout.of(type.precision(), type.scale()));
  }

  /** The canonical value of an integer type or BOOLEAN. */
  static Object ofLong(DataType type, long value) {
    return switch (type.kind()) {
      case BOOLEAN -> value != 0;
      case TINYINT -> (byte) value;
      case SMALLINT -> (short) value;
      case INTEGER -> (int) value;
      default -> value;
    };
  }

  private static Object ofPackedTime(DataType type, long packed) {
    return switch (type.kind()) {
      case DATE -> LocalDate.ofEpochDay(PackedTime.toEpochDay(packed));
      case TIMESTAMP -> Instant.EPOCH.plus(PackedTime.toMicros(packed), ChronoUnit.MICROS);
      default ->
          LocalDateTime.ofInstant(
              Instant.EPOCH.plus(PackedTime.toMicros(packed), ChronoUnit.MICROS), ZoneOffset.UTC);
    };
  }

  /** The canonical value of a column from the row value's bytes. */
  static Object read(Column column, ByteBuffer buffer, int at, int end) {
    if (column.declared() instanceof DataType.Unsigned unsigned) {
      return unsigned.ofBits(RowLayout.readUnsigned(buffer, at, end));
    }
    DataType type = column.type();
    return switch (type.kind()) {
      case BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT ->
          ofLong(type, RowLayout.readInt(buffer, at, end));
      case FLOAT -> (float) RowLayout.readDouble(buffer, at, end);
      case DOUBLE -> RowLayout.readDouble(buffer, at, end);
      case DECIMAL -> readDecimal(column, buffer, at, end);
      case STRING, JSON -> new String(copy(buffer, at, end), StandardCharsets.UTF_8);
      case BINARY -> copy(buffer, at, end);
      case DATE, TIMESTAMP, TIMESTAMP_NTZ ->
          ofPackedTime(type, RowLayout.readUnsigned(buffer, at, end));
    };
  }

  private static BigDecimal readDecimal(Column column, ByteBuffer buffer, int at, int end) {
    if (end - at < 3) {
      throw new CorruptRowException("a decimal of " + (end - at) + " bytes");
    }
    DecimalLayout layout = DecimalLayout.of(buffer.get(at), buffer.get(at + 1));
    if (layout.size() != end - at - 2) {
      throw new CorruptRowException(
          "a decimal of " + (end - at - 2) + " bytes where " + layout.size() + " are due");
    }
    return scaled(column, layout.read(buffer, at + 2));
  }

  private static BigDecimal scaled(Column column, BigDecimal value) {
    try {
      return value.setScale(((DataType.Decimal) column.type()).scale());
    } catch (ArithmeticException e) {
      throw new CorruptRowException(
          "column " + column.name() + " is " + column.type().sql() + " but the row holds " + value);
    }
  }

  private static byte[] copy(ByteBuffer buffer, int at, int end) {
    byte[] bytes = new byte[end - at];
    buffer.get(at, bytes);
    return bytes;
  }

  /** The canonical value of a column from a datum of the row key. */
  static Object readDatum(Column column, ByteBuffer key, int at, int end) {
    if (column.declared() instanceof DataType.Unsigned unsigned) {
      return unsigned.ofBits(Memcomparable.unsignedDatum(key, at, end));
    }
    DataType type = column.type();
    return switch (type.kind()) {
      case BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT ->
          ofLong(type, Memcomparable.intDatum(key, at, end));
      case FLOAT -> (float) Memcomparable.doubleDatum(key, at, end);
      case DOUBLE -> Memcomparable.doubleDatum(key, at, end);
      case DECIMAL -> scaled(column, Memcomparable.decimalDatum(key, at, end));
      case STRING, JSON ->
          new String(Memcomparable.bytesDatum(key, at, end), StandardCharsets.UTF_8);
      case BINARY -> Memcomparable.bytesDatum(key, at, end);
      case DATE, TIMESTAMP, TIMESTAMP_NTZ ->
          ofPackedTime(type, Memcomparable.unsignedDatum(key, at, end));
    };
  }
}
