package io.arrowraft.cli.quickstart;

import io.trino.tpch.TpchColumn;
import io.trino.tpch.TpchTable;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The same rows in Parquet, straight from the generator: what every answer is compared with. */
final class ParquetReference {
  /** How many generator parts make one file each. */
  private static final int PARTS = 4;

  private ParquetReference() {}

  /**
   * Writes one table below {@code directory} and registers it as the view {@code viewPrefix +
   * name}.
   */
  static void write(
      SparkSession spark, TpchTable<?> table, double scale, Path directory, String viewPrefix) {
    String name = TpchTables.name(table);
    String file = directory.resolve(name).toString();
    StructType schema = schemaOf(table);
    // The two smallest tables have no parts.
    int parts = table == TpchTable.REGION || table == TpchTable.NATION ? 1 : PARTS;
    spark
        .range(0, parts, 1, parts)
        .flatMap(new GeneratePart(name, scale, parts), Encoders.row(schema))
        .write()
        .mode("overwrite")
        .parquet(file);
    spark.read().schema(schema).parquet(file).createOrReplaceTempView(viewPrefix + name);
  }

  private static StructType schemaOf(TpchTable<?> table) {
    StructType schema = new StructType();
    for (TpchColumn<?> column : table.getColumns()) {
      schema =
          schema.add(
              new StructField(
                  column.getColumnName(),
                  typeOf(column),
                  false,
                  org.apache.spark.sql.types.Metadata.empty()));
    }
    return schema;
  }

  private static DataType typeOf(TpchColumn<?> column) {
    return switch (column.getType().getBase()) {
      case IDENTIFIER -> DataTypes.LongType;
      case INTEGER -> DataTypes.IntegerType;
      case DATE -> DataTypes.DateType;
      case DOUBLE -> DataTypes.createDecimalType(15, 2);
      case VARCHAR -> DataTypes.StringType;
    };
  }

  /** Runs in a task: makes the rows of one part. */
  private record GeneratePart(String table, double scale, int parts)
      implements FlatMapFunction<Long, Row> {
    @Override
    public Iterator<Row> call(Long part) {
      Iterator<List<Object>> rows =
          TpchTables.rows(TpchTable.getTable(table), scale, (int) (part + 1), parts);
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return rows.hasNext();
        }

        @Override
        public Row next() {
          return RowFactory.create(
              rows.next().stream()
                  .map(
                      value ->
                          value instanceof java.time.LocalDate date
                              ? (Object) java.sql.Date.valueOf(date)
                              : value)
                  .toArray());
        }
      };
    }
  }
}
