package io.arrowraft.table;

import java.math.BigDecimal;
import java.math.BigInteger;
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
 *
 * <p>An {@link Unsigned} type is one that a column is declared to have: a way to store integers.
 * Values are those of its {@link #valueType}, the next wider signed type, which is all that
 * expressions, plans and Spark get to see.
 */
public sealed interface DataType permits DataType.Simple, DataType.Decimal, DataType.Unsigned {

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

  DataType TINYINT_UNSIGNED = new Unsigned(Kind.TINYINT);
  DataType SMALLINT_UNSIGNED = new Unsigned(Kind.SMALLINT);
  DataType INTEGER_UNSIGNED = new Unsigned(Kind.INTEGER);
  DataType BIGINT_UNSIGNED = new Unsigned(Kind.BIGINT);

  /** An instant, microsecond precision. */
  DataType TIMESTAMP = new Simple(Kind.TIMESTAMP);

  /** A local date and time without a zone, microsecond precision. */
  DataType TIMESTAMP_NTZ = new Simple(Kind.TIMESTAMP_NTZ);

  /** JSON, kept and compared as its text. */
  DataType JSON = new Simple(Kind.JSON);

  int DECIMAL_PRECISION_MAX = 38;

  /** Of its values. */
  Kind kind();

  /** The type that values have: this one, but for integers that are stored without a sign. */
  default DataType valueType() {
    return this;
  }

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
    if (text.endsWith(Unsigned.SUFFIX)
        && parse(text.substring(0, text.length() - Unsigned.SUFFIX.length()))
            instanceof Simple stored
        && stored.isInteger()) {
      return new Unsigned(stored.kind());
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

  /**
   * Integers from 0 on, stored as TiDB stores unsigned ones: in rows in as few bytes as they need,
   * in keys as datums of their own flag.
   *
   * @param width the signed type of as many bits: TINYINT, SMALLINT, INTEGER or BIGINT
   */
  record Unsigned(Kind width) implements DataType {
    private static final String SUFFIX = " UNSIGNED";

    /** 2^64-1 has 20 digits. */
    private static final Decimal WIDEST = new Decimal(20, 0);

    public Unsigned {
      if (!of(width).isInteger()) {
        throw new SchemaException("only integers can be unsigned, not " + width);
      }
    }

    @Override
    public DataType valueType() {
      return switch (width) {
        case TINYINT -> SMALLINT;
        case SMALLINT -> INTEGER;
        case INTEGER -> BIGINT;
        default -> WIDEST;
      };
    }

    @Override
    public Kind kind() {
      return valueType().kind();
    }

    private int bits() {
      return switch (width) {
        case TINYINT -> Byte.SIZE;
        case SMALLINT -> Short.SIZE;
        case INTEGER -> Integer.SIZE;
        default -> Long.SIZE;
      };
    }

    /** Refuses a canonical value of the value type that lies outside of this one. */
    Object checked(String column, Object canonical) {
      BigInteger number = numberOf(canonical);
      if (number.signum() < 0 || number.bitLength() > bits()) {
        throw new ValueException(
            "column " + column + " is " + sql() + " and " + number + " is out of its range");
      }
      return canonical;
    }

    private static BigInteger numberOf(Object canonical) {
      return canonical instanceof BigDecimal decimal
          ? decimal.toBigIntegerExact()
          : BigInteger.valueOf(((Number) canonical).longValue());
    }

    /** The 64 bits in which a canonical value is stored. */
    long bitsOf(Object canonical) {
      return numberOf(canonical).longValue();
    }

    /** The canonical value of stored bits. */
    Object ofBits(long bits) {
      if (bits() < Long.SIZE && bits >>> bits() != 0) {
        throw new CorruptRowException(
            Long.toUnsignedString(bits) + " is stored in a column of type " + sql());
      }
      return width == Kind.BIGINT
          ? new BigDecimal(Long.toUnsignedString(bits))
          : RowValues.ofLong(valueType(), bits);
    }

    @Override
    public String sql() {
      return width.name() + SUFFIX;
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
