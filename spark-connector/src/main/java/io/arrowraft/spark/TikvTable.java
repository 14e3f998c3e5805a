package io.arrowraft.spark;

import io.arrowraft.spark.pushdown.SparkTypes;
import io.arrowraft.table.Column;
import io.arrowraft.table.TableSchema;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** A table of a cluster as Spark sees it, at one schema version. */
final class TikvTable implements SupportsRead {
  private final TikvCluster cluster;
  private final TableSchema schema;
  private final CaseInsensitiveStringMap catalogOptions;
  private final OptionalLong timeTravel;

  /**
   * @param timeTravel the timestamp that the query names in its text; empty for none
   */
  TikvTable(
      TikvCluster cluster,
      TableSchema schema,
      CaseInsensitiveStringMap catalogOptions,
      OptionalLong timeTravel) {
    this.cluster = cluster;
    this.schema = schema;
    this.catalogOptions = catalogOptions;
    this.timeTravel = timeTravel;
  }

  TikvCluster cluster() {
    return cluster;
  }

  TableSchema tableSchema() {
    return schema;
  }

  @Override
  public String name() {
    return schema.tableName().toString();
  }

  @Override
  public String id() {
    return Long.toString(schema.tableId());
  }

  /** Of the schema, never a timestamp: Spark loads a table anew whose version it knows. */
  @Override
  public String version() {
    return Long.toString(schema.schemaVersion());
  }

  @Override
  @SuppressWarnings("deprecation") // Spark derives the columns from it, types and nullability alike
  public StructType schema() {
    return SparkTypes.schema(schema);
  }

  @Override
  public Map<String, String> properties() {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("provider", TikvSource.SHORT_NAME);
    properties.put(
        "primary-key",
        schema.primaryKeyColumns().stream().map(Column::name).collect(Collectors.joining(",")));
    return properties;
  }

  @Override
  public Set<TableCapability> capabilities() {
    return EnumSet.of(TableCapability.BATCH_READ);
  }

  @Override
  public ScanBuilder newScanBuilder(CaseInsensitiveStringMap relationOptions) {
    TikvReadOptions options =
        TikvReadOptions.of(TikvReadOptions.merged(catalogOptions, relationOptions));
    return new TikvScanBuilder(cluster, schema, options, timestamp(options, relationOptions));
  }

  private QueryTimestamp timestamp(
      TikvReadOptions options, CaseInsensitiveStringMap relationOptions) {
    OptionalLong fixed = timeTravel.isPresent() ? timeTravel : options.timestamp();
    if (fixed.isPresent()) {
      long now = cluster.timestamp();
      if (fixed.getAsLong() > now) {
        throw new TikvException(
            TikvException.Code.INVALID_TIMESTAMP,
            "timestamp " + fixed.getAsLong() + " lies in the future; it is now " + now);
      }
      return QueryTimestamp.fixed(cluster, fixed.getAsLong());
    }
    return relationOptions instanceof StampedOptions stamped
        ? stamped.timestamp()
        : QueryTimestamp.fresh(cluster);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TikvTable that
        && cluster.address().equals(that.cluster.address())
        && schema.equals(that.schema)
        && catalogOptions.equals(that.catalogOptions)
        && timeTravel.equals(that.timeTravel);
  }

  @Override
  public int hashCode() {
    return schema.hashCode();
  }

  @Override
  public String toString() {
    return name();
  }
}
