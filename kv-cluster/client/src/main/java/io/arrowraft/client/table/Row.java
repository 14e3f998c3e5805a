package io.arrowraft.client.table;

import io.arrowraft.client.error.ErrorCode;
import io.arrowraft.client.error.InvalidRequestException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Values by column name; names match in any case. The Java type of each column type is that of
 * {@code io.arrowraft.table.DataType}. Immutable as long as nobody writes to a {@code byte[]} in
 * it.
 */
public final class Row {
  private final RowShape shape;
  private final Object[] values;

  Row(RowShape shape, Object[] values) {
    this.shape = shape;
    this.values = values;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Names of the columns that the row has a value or NULL for. */
  public List<String> columns() {
    return shape.columns();
  }

  /** The values in the order of {@link #columns}, null for NULL. */
  public List<Object> values() {
    return java.util.Collections.unmodifiableList(new ArrayList<>(Arrays.asList(values)));
  }

  /** Whether the row says something about a column. */
  public boolean has(String column) {
    return shape.position(column) >= 0;
  }

  /** The value of a column, null for NULL. */
  public Object get(String column) {
    int position = shape.position(column);
    if (position < 0) {
      throw new InvalidRequestException(
          ErrorCode.UNKNOWN_COLUMN,
          "the row has no column " + column + ", only " + shape.columns());
    }
    return values[position];
  }

  public boolean isNull(String column) {
    return get(column) == null;
  }

  /** The value of an integer column, which must not be NULL. */
  public long getLong(String column) {
    return as(Number.class, column).longValue();
  }

  /** The value of a FLOAT or DOUBLE column, which must not be NULL. */
  public double getDouble(String column) {
    return as(Number.class, column).doubleValue();
  }

  public boolean getBoolean(String column) {
    return as(Boolean.class, column);
  }

  public String getString(String column) {
    return as(String.class, column);
  }

  public BigDecimal getDecimal(String column) {
    return as(BigDecimal.class, column);
  }

  public LocalDate getDate(String column) {
    return as(LocalDate.class, column);
  }

  public Instant getTimestamp(String column) {
    return as(Instant.class, column);
  }

  public LocalDateTime getDateTime(String column) {
    return as(LocalDateTime.class, column);
  }

  public byte[] getBytes(String column) {
    return as(byte[].class, column);
  }

  private <T> T as(Class<T> type, String column) {
    Object value = get(column);
    if (!type.isInstance(value)) {
      throw new InvalidRequestException(
          ErrorCode.INVALID_VALUE,
          "column "
              + column
              + " holds "
              + (value == null ? "NULL" : value.getClass().getSimpleName() + " " + value)
              + ", not "
              + type.getSimpleName());
    }
    return type.cast(value);
  }

  RowShape shape() {
    return shape;
  }

  Object at(int position) {
    return values[position];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Row row
        && shape.columns().equals(row.shape.columns())
        && Arrays.deepEquals(values, row.values);
  }

  @Override
  public int hashCode() {
    return Arrays.deepHashCode(values);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    for (int i = 0; i < values.length; i++) {
      Object value =
          values[i] instanceof byte[] bytes ? java.util.HexFormat.of().formatHex(bytes) : values[i];
      text.append(i == 0 ? "" : ", ").append(shape.columns().get(i)).append('=').append(value);
    }
    return text.append('}').toString();
  }

  /** Gathers a row. */
  public static final class Builder {
    private final Map<String, Object> values = new LinkedHashMap<>();

    private Builder() {}

    /** Sets a column; null for NULL. */
    public Builder set(String column, Object value) {
      values.put(column, value);
      return this;
    }

    public Row build() {
      return new Row(new RowShape(List.copyOf(values.keySet())), values.values().toArray());
    }
  }
}
