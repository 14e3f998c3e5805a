package io.arrowraft.table;

import java.util.Locale;
import java.util.Objects;

/**
 * The type of a column. {@link Kind} is what code switches over; a {@link Decimal} carries its
 * precision and scale as well.
 *
 * <p>The Java value of each kind, as {@link ColumnValue#canonical} returns it: BOOLEAN {@code
 * Boolean}; TINYINT {@code Byte}; SMALLINT {@code Short}; INTEGER {@code Integer}; BIGINT {@code
 * Long}; FLOAT {@code Float}; DOUBLE {@code Double}; DECIMAL {@code BigDecimal} of the declared
 * scale; STRING and JSON {@code String}; BINARY {@code byte[]}; DATE {@code LocalDate}; TIMESTAMP
 * {@code Instant}; TIMESTAMP_NTZ {@code LocalDateTime}.
 */
public sealed interface DataType permits DataType.Simple, DataType.Decimal {

  /** Every kind of type. The order is part of no format; codecs carry numbers of their own. */
  enum Kind {
    BOOLEAN,
    TINYINT,
    SMALLINT,
    INTEGER,
    BIGINT,
    FLOAT,
    DOUBLE,
    DECIMAL,
    STRING,
    BINARY,
    DATE,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    JSON
  }

  DataType BOOLEAN = new Simple(Kind.BOOLEAN);
  DataType TINYINT = new Simple(Kind.TINYINT);
  DataType SMALLINT = new Simple(Kind.SMALLINT);
  DataType INTEGER = new Simple(Kind.INTEGER);
  DataType BIGINT = new Simple(Kind.BIGINT);
  DataType FLOAT = new Simple(Kind.FLOAT);
  DataType DOUBLE = new Simple(Kind.DOUBLE);
  DataType STRING = new Simple(Kind.STRING);
  DataType BINARY = new Simple(Kind.BINARY);
  DataType DATE = new Simple(Kind.DATE);

  /** An instant, microsecond precision. */
  DataType TIMESTAMP = new Simple(Kind.TIMESTAMP);

  /** A local date and time without a zone, microsecond precision. */
  DataType TIMESTAMP_NTZ = new Simple(Kind.TIMESTAMP_NTZ);

  /** JSON, kept and compared as its text. */
  DataType JSON = new Simple(Kind.JSON);

  int DECIMAL_PRECISION_MAX = 38;

  Kind kind();

  /** The type as SQL writes it, e.g. {@code DECIMAL(15,2)}; {@link #parse} reads it back. */
  String sql();

  static Decimal decimal(int precision, int scale) {
    return new Decimal(precision, scale);
  }

  /** A type without parameters; throws {@link SchemaException} for DECIMAL. */
  static DataType of(Kind kind) {
    return new Simple(kind);
  }

  /** TINYINT, SMALLINT, INTEGER or BIGINT. */
  default boolean isInteger() {
    return switch (kind()) {
      case TINYINT, SMALLINT, INTEGER, BIGINT -> true;
      default -> false;
    };
  }

  /** An integer, a decimal or a floating-point type. */
  default boolean isNumeric() {
    return isInteger() || isFloating() || kind() == Kind.DECIMAL;
  }

  default boolean isFloating() {
    return kind() == Kind.FLOAT || kind() == Kind.DOUBLE;
  }

  /** STRING, JSON or BINARY: a value of any length. */
  default boolean isVariableLength() {
    return kind() == Kind.STRING || kind() == Kind.JSON || kind() == Kind.BINARY;
  }

  /** Reads what {@link #sql()} writes, in any case; throws {@link SchemaException} otherwise. */
  static DataType parse(String sql) {
    String text = sql.trim().toUpperCase(Locale.ROOT);
    if (text.startsWith("DECIMAL(") && text.endsWith(")")) {
      String[] parts = text.substring("DECIMAL(".length(), text.length() - 1).split(",", -1);
      try {
        int precision = Integer.parseInt(parts[0].trim());
        int scale = parts.length > 1 ? Integer.parseInt(parts[1].trim()) : 0;
        if (parts.length <= 2) {
          return decimal(precision, scale);
        }
      } catch (NumberFormatException e) {
        throw new SchemaException("not a decimal type: " + sql, e);
      }
    }
    for (Kind kind : Kind.values()) {
      if (kind != Kind.DECIMAL && kind.name().equals(text)) {
        return of(kind);
      }
    }
    throw new SchemaException("unknown column type: " + sql);
  }

  /** A type without parameters. */
  record Simple(Kind kind) implements DataType {
    public Simple {
      Objects.requireNonNull(kind, "kind");
      if (kind == Kind.DECIMAL) {
        throw new SchemaException("DECIMAL needs a precision and a scale");
      }
    }

    @Override
    public String sql() {
      return kind.name();
    }

    @Override
    public String toString() {
      return sql();
    }
  }

  /** An exact number of at most {@code precision} digits, {@code scale} of them fractional. */
  record Decimal(int precision, int scale) implements DataType {
    public Decimal {
      if (precision < 1 || precision > DECIMAL_PRECISION_MAX) {
        throw new SchemaException(
            "decimal precision must be 1 to " + DECIMAL_PRECISION_MAX + ", not " + precision);
      }
      if (scale < 0 || scale > precision) {
        throw new SchemaException(
            "decimal scale must be 0 to the precision " + precision + ", not " + scale);
      }
    }

    @Override
    public Kind kind() {
      return Kind.DECIMAL;
    }

    /** Whether every value fits a long as unscaled number (18 digits or fewer). */
    public boolean fitsLong() {
      return precision <= 18;
    }

    @Override
    public String sql() {
      return "DECIMAL(" + precision + "," + scale + ")";
    }

    @Override
    public String toString() {
      return sql();
    }
  }
}
