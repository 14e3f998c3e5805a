package io.arrowraft.e2e.spark;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.region.KeySpace;
import io.arrowraft.client.table.LoadOptions;
import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.client.table.TableHandle;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.TableKeys;
import io.arrowraft.table.TableSchema;
import java.time.Duration;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * A table that is both in the cluster and in memory.
 *
 * @param rows values in column order, of the Java types that Spark and the cluster agree on
 * @param splitAt primary keys at which regions begin
 */
record TestTable(TableDefinition definition, List<Object[]> rows, List<Object[]> splitAt) {
  private static final Duration LOAD_BOUND = Duration.ofMinutes(2);

  /** {@code namespace.table}. */
  String name() {
    return definition.name().toString();
  }

  /** What queries call it. */
  String view() {
    return definition.name().name();
  }

  /** Makes the table, splits it and fills it through the plain client. */
  void load(ArrowraftClient client) {
    client.await(client.tables().createTable(definition));
    TableHandle table = client.await(client.tables().open(name()));
    TableSchema schema = table.schema();
    List<Bytes> starts =
        splitAt.stream().map(key -> Bytes.wrap(TableKeys.rowKey(schema, key, 0))).toList();
    client.await(client.split(KeySpace.TRANSACTIONAL, starts));
    client.await(
        table.load(rows.stream().map(table::row).iterator(), LoadOptions.defaults(), loaded -> {}),
        LOAD_BOUND);
  }

  /** The same rows without the cluster. */
  Dataset<Row> local(SparkSession spark, StructType schema) {
    return spark.createDataFrame(rows.stream().map(RowFactory::create).toList(), schema);
  }
}
