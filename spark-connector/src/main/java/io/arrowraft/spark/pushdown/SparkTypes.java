package io.arrowraft.spark.pushdown;

import io.arrowraft.table.Column;
import io.arrowraft.table.DataType;
import io.arrowraft.table.TableSchema;
import java.util.Optional;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The types of tables and Spark's, both ways. */
public final class SparkTypes {
  private SparkTypes() {}

  /** Spark's type for a column's; JSON is shown as its text. */
  public static org.apache.spark.sql.types.DataType toSpark(DataType type) {
    return switch (type.kind()) {
      case BOOLEAN -> DataTypes.BooleanType;
      case TINYINT -> DataTypes.ByteType;
      case SMALLINT -> DataTypes.ShortType;
      case INTEGER -> DataTypes.IntegerType;
      case BIGINT -> DataTypes.LongType;
      case FLOAT -> DataTypes.FloatType;
      case DOUBLE -> DataTypes.DoubleType;
      case DECIMAL -> {
        DataType.Decimal decimal = (DataType.Decimal) type;
        yield DataTypes.createDecimalType(decimal.precision(), decimal.scale());
      }
      case STRING, JSON -> DataTypes.StringType;
      case BINARY -> DataTypes.BinaryType;
      case DATE -> DataTypes.DateType;
      case TIMESTAMP -> DataTypes.TimestampType;
      case TIMESTAMP_NTZ -> DataTypes.TimestampNTZType;
    };
  }

  /**
   * The column type for Spark's, empty if no column can have it: collated strings, CHAR and
   * VARCHAR, intervals, and nested types.
   */
  public static Optional<DataType> fromSpark(org.apache.spark.sql.types.DataType type) {
    if (type instanceof DecimalType decimal) {
      return decimal.scale() < 0 || decimal.scale() > decimal.precision()
          ? Optional.empty()
          : Optional.of(DataType.decimal(decimal.precision(), decimal.scale()));
    }
    for (DataType.Kind kind : DataType.Kind.values()) {
      if (kind != DataType.Kind.DECIMAL
          && kind != DataType.Kind.JSON
          && toSpark(DataType.of(kind)).equals(type)) {
        return Optional.of(DataType.of(kind));
      }
    }
    return Optional.empty();
  }

  /** The schema that Spark sees of a table. */
  public static StructType schema(TableSchema table) {
    StructType result = new StructType();
    for (Column column : table.columns()) {
      result = result.add(field(column));
    }
    return result;
  }

  /** The field that Spark sees of a column. */
  public static StructField field(Column column) {
    return DataTypes.createStructField(column.name(), toSpark(column.type()), column.nullable());
  }
}
