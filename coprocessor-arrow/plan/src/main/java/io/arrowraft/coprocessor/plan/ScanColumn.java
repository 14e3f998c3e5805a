package io.arrowraft.coprocessor.plan;

import io.arrowraft.table.Bytes;
import io.arrowraft.table.Column;
import io.arrowraft.table.ColumnSource;
import io.arrowraft.table.ColumnValue;
import io.arrowraft.table.DataType;
import io.arrowraft.table.TableSchema;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;

/**
 * One column that a scan yields.
 *
 * @param source whether the value is in the row's value or in its key
 * @param type of its values
 * @param defaultValue of rows that were written before the column existed; empty means NULL
 * @param unsigned whether the values are integers that are stored without a sign
 */
public record ScanColumn(
    long columnId,
    DataType type,
    ColumnSource source,
    Optional<Expression.Literal> defaultValue,
    boolean unsigned) {
  public ScanColumn {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(defaultValue, "defaultValue");
    boolean takesUnsigned =
        type.isInteger() || (type instanceof DataType.Decimal decimal && decimal.scale() == 0);
    if (unsigned && (!takesUnsigned || source instanceof ColumnSource.Handle)) {
      throw new PlanException(
          PlanException.Code.MALFORMED,
          "column id " + columnId + " of type " + type.sql() + " cannot be stored unsigned");
    }
  }

  /** A column whose integers, if it has such, are stored with a sign. */
  public ScanColumn(
      long columnId,
      DataType type,
      ColumnSource source,
      Optional<Expression.Literal> defaultValue) {
    this(columnId, type, source, defaultValue, false);
  }

  /** The scan column for a column of a table. */
  public static ScanColumn of(TableSchema schema, Column column) {
    return new ScanColumn(
        column.id(),
        column.type(),
        schema.sourceOf(column),
        column.defaultValue().map(value -> literalOf(column.name(), column.type(), value)),
        column.isUnsigned());
  }

  /** The literal for a value in the form that {@link ColumnValue#canonical} accepts. */
  public static Expression.Literal literalOf(String name, DataType type, Object value) {
    Object canonical = ColumnValue.canonical(name, type, value);
    return Expression.Literal.of(type, physical(type, canonical));
  }

  private static Object physical(DataType type, Object canonical) {
    return switch (type.kind()) {
      case TINYINT, SMALLINT, INTEGER, BIGINT -> ((Number) canonical).longValue();
      case DATE -> ((LocalDate) canonical).toEpochDay();
      case TIMESTAMP -> ChronoUnit.MICROS.between(Instant.EPOCH, (Instant) canonical);
      case TIMESTAMP_NTZ ->
          ChronoUnit.MICROS.between(
              Instant.EPOCH, ((LocalDateTime) canonical).toInstant(ZoneOffset.UTC));
      case BINARY -> Bytes.copyOf((byte[]) canonical);
      default -> canonical;
    };
  }
}
