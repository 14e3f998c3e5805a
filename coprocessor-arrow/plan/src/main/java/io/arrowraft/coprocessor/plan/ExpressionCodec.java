package io.arrowraft.coprocessor.plan;

import com.google.protobuf.ByteString;
import io.arrowraft.coprocessor.plan.PlanException.Code;
import io.arrowraft.coprocessor.plan.proto.Literal;
import io.arrowraft.coprocessor.plan.proto.Type;
import io.arrowraft.coprocessor.plan.proto.TypeKind;
import io.arrowraft.table.Bytes;
import io.arrowraft.table.DataType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Expressions, literals and types to and from their messages. */
final class ExpressionCodec {
  private ExpressionCodec() {}

  static io.arrowraft.coprocessor.plan.proto.Expression encode(Expression expression) {
    var target =
        io.arrowraft.coprocessor.plan.proto.Expression.newBuilder()
            .setType(encodeType(expression.type()));
    if (expression instanceof Expression.ColumnReference column) {
      target.setColumnIndex(column.index());
    } else if (expression instanceof Expression.Literal literal) {
      target.setLiteral(encodeLiteral(literal));
    } else if (expression instanceof Expression.Call call) {
      var encoded = target.getCallBuilder().setOperator(call.operator().code());
      call.arguments().forEach(argument -> encoded.addArguments(encode(argument)));
    }
    return target.build();
  }

  private static Literal encodeLiteral(Expression.Literal literal) {
    Literal.Builder target = Literal.newBuilder();
    if (literal.isNull()) {
      return target.build();
    }
    Object value = literal.value().orElseThrow();
    switch (literal.type().kind()) {
      case BOOLEAN -> target.setBoolean((Boolean) value);
      case TINYINT, SMALLINT, INTEGER, BIGINT, DATE, TIMESTAMP, TIMESTAMP_NTZ ->
          target.setNumber((Long) value);
      case FLOAT -> target.setFloatBits(Float.floatToRawIntBits((Float) value));
      case DOUBLE -> target.setDoubleBits(Double.doubleToRawLongBits((Double) value));
      case DECIMAL ->
          target.setUnscaledDecimal(
              ByteString.copyFrom(((BigDecimal) value).unscaledValue().toByteArray()));
      case STRING, JSON -> target.setText((String) value);
      case BINARY -> target.setBinary(ByteString.copyFrom(((Bytes) value).toByteArray()));
    }
    return target.build();
  }

  static Type encodeType(DataType type) {
    Type.Builder target = Type.newBuilder().setKind(encodeKind(type.kind()));
    if (type instanceof DataType.Decimal decimal) {
      target.setPrecision(decimal.precision()).setScale(decimal.scale());
    }
    return target.build();
  }

  private static TypeKind encodeKind(DataType.Kind kind) {
    return switch (kind) {
      case BOOLEAN -> TypeKind.KIND_BOOLEAN;
      case TINYINT -> TypeKind.KIND_TINYINT;
      case SMALLINT -> TypeKind.KIND_SMALLINT;
      case INTEGER -> TypeKind.KIND_INTEGER;
      case BIGINT -> TypeKind.KIND_BIGINT;
      case FLOAT -> TypeKind.KIND_FLOAT;
      case DOUBLE -> TypeKind.KIND_DOUBLE;
      case DECIMAL -> TypeKind.KIND_DECIMAL;
      case STRING -> TypeKind.KIND_STRING;
      case BINARY -> TypeKind.KIND_BINARY;
      case DATE -> TypeKind.KIND_DATE;
      case TIMESTAMP -> TypeKind.KIND_TIMESTAMP;
      case TIMESTAMP_NTZ -> TypeKind.KIND_TIMESTAMP_NTZ;
      case JSON -> TypeKind.KIND_JSON;
    };
  }

  static DataType decodeType(Type type) {
    return switch (type.getKind()) {
      case KIND_BOOLEAN -> DataType.BOOLEAN;
      case KIND_TINYINT -> DataType.TINYINT;
      case KIND_SMALLINT -> DataType.SMALLINT;
      case KIND_INTEGER -> DataType.INTEGER;
      case KIND_BIGINT -> DataType.BIGINT;
      case KIND_FLOAT -> DataType.FLOAT;
      case KIND_DOUBLE -> DataType.DOUBLE;
      case KIND_DECIMAL -> decodeDecimalType(type);
      case KIND_STRING -> DataType.STRING;
      case KIND_BINARY -> DataType.BINARY;
      case KIND_DATE -> DataType.DATE;
      case KIND_TIMESTAMP -> DataType.TIMESTAMP;
      case KIND_TIMESTAMP_NTZ -> DataType.TIMESTAMP_NTZ;
      case KIND_JSON -> DataType.JSON;
      case KIND_UNSPECIFIED, UNRECOGNIZED ->
          throw new PlanException(
              Code.UNSUPPORTED_OPERATION, "unknown type number " + type.getKindValue());
    };
  }

  private static DataType decodeDecimalType(Type type) {
    try {
      return DataType.decimal(type.getPrecision(), type.getScale());
    } catch (IllegalArgumentException e) {
      throw new PlanException(Code.INVALID, e.getMessage(), e);
    }
  }

  static List<Expression> decodeAll(List<io.arrowraft.coprocessor.plan.proto.Expression> encoded) {
    List<Expression> expressions = new ArrayList<>(encoded.size());
    encoded.forEach(each -> expressions.add(decode(each)));
    return expressions;
  }

  static Expression decode(io.arrowraft.coprocessor.plan.proto.Expression expression) {
    DataType type = decodeType(expression.getType());
    return switch (expression.getFormCase()) {
      case COLUMN_INDEX -> new Expression.ColumnReference(expression.getColumnIndex(), type);
      case LITERAL -> decodeLiteral(type, expression.getLiteral());
      case CALL ->
          new Expression.Call(
              Operator.ofCode(expression.getCall().getOperator()),
              decodeAll(expression.getCall().getArgumentsList()),
              type);
      case FORM_NOT_SET ->
          throw new PlanException(
              Code.UNSUPPORTED_OPERATION, "an expression of a form that this store does not know");
    };
  }

  private static Expression.Literal decodeLiteral(DataType type, Literal literal) {
    Optional<Object> value =
        switch (literal.getValueCase()) {
          case BOOLEAN -> Optional.of(literal.getBoolean());
          case NUMBER -> Optional.of(literal.getNumber());
          case FLOAT_BITS -> Optional.of(Float.intBitsToFloat(literal.getFloatBits()));
          case DOUBLE_BITS -> Optional.of(Double.longBitsToDouble(literal.getDoubleBits()));
          case UNSCALED_DECIMAL -> Optional.of(decodeDecimal(type, literal.getUnscaledDecimal()));
          case TEXT -> Optional.of(literal.getText());
          case BINARY -> Optional.of(Bytes.copyOf(literal.getBinary().toByteArray()));
          case VALUE_NOT_SET -> Optional.empty();
        };
    return new Expression.Literal(type, value);
  }

  private static BigDecimal decodeDecimal(DataType type, ByteString unscaled) {
    if (!(type instanceof DataType.Decimal decimal) || unscaled.isEmpty()) {
      throw new PlanException(
          Code.MALFORMED, "a decimal literal of " + unscaled.size() + " bytes for " + type.sql());
    }
    return new BigDecimal(new BigInteger(unscaled.toByteArray()), decimal.scale());
  }
}
