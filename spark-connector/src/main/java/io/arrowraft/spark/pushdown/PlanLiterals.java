package io.arrowraft.spark.pushdown;

import io.arrowraft.coprocessor.plan.Expression;
import io.arrowraft.table.Bytes;
import io.arrowraft.table.DataType;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import org.apache.spark.sql.connector.expressions.Literal;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.unsafe.types.UTF8String;

/** Spark's literals, which hold Spark's internal values, as literals of a plan. */
final class PlanLiterals {
  private PlanLiterals() {}

  /** The literal, or empty if a plan has none of its type or value. */
  static Optional<Expression.Literal> of(Literal<?> literal) {
    Optional<DataType> type = SparkTypes.fromSpark(literal.dataType());
    if (type.isEmpty()) {
      return Optional.empty();
    }
    if (literal.value() == null) {
      return Optional.of(Expression.Literal.nullOf(type.get()));
    }
    return physical(type.get(), literal.value())
        .map(value -> Expression.Literal.of(type.get(), value));
  }

  private static Optional<Object> physical(DataType type, Object value) {
    return switch (type.kind()) {
      case BOOLEAN -> Optional.of(value).filter(Boolean.class::isInstance);
      case TINYINT, SMALLINT, INTEGER, BIGINT, DATE, TIMESTAMP, TIMESTAMP_NTZ ->
          value instanceof Number number ? Optional.of(number.longValue()) : Optional.empty();
      case FLOAT -> Optional.of(value).filter(Float.class::isInstance);
      case DOUBLE -> Optional.of(value).filter(Double.class::isInstance);
      case DECIMAL ->
          value instanceof Decimal decimal
              ? inScale(decimal.toJavaBigDecimal(), (DataType.Decimal) type).map(Object.class::cast)
              : Optional.empty();
      case STRING -> text(value).map(Object.class::cast);
      case BINARY ->
          value instanceof byte[] bytes ? Optional.of(Bytes.copyOf(bytes)) : Optional.empty();
      case JSON -> Optional.empty();
    };
  }

  private static Optional<BigDecimal> inScale(BigDecimal value, DataType.Decimal type) {
    if (value.stripTrailingZeros().scale() > type.scale()) {
      return Optional.empty();
    }
    BigDecimal scaled = value.setScale(type.scale(), RoundingMode.UNNECESSARY);
    return scaled.precision() <= type.precision() ? Optional.of(scaled) : Optional.empty();
  }

  private static Optional<String> text(Object value) {
    if (!(value instanceof UTF8String utf8)) {
      return Optional.empty();
    }
    String text = utf8.toString();
    // Bytes that are no UTF-8 would be replaced on the way through a Java string.
    return UTF8String.fromString(text).equals(utf8) ? Optional.of(text) : Optional.empty();
  }

  /** The same value as a literal of {@code type}, or empty if it has no such form. */
  static Optional<Expression.Literal> inType(Expression.Literal literal, DataType type) {
    if (literal.type().equals(type)) {
      return Optional.of(literal);
    }
    if (literal.type().kind() != type.kind()) {
      return Optional.empty();
    }
    if (literal.isNull()) {
      return Optional.of(Expression.Literal.nullOf(type));
    }
    return inScale((BigDecimal) literal.value().orElseThrow(), (DataType.Decimal) type)
        .map(value -> Expression.Literal.of(type, value));
  }
}
