package io.arrowraft.spark;

import io.arrowraft.client.table.TableDefinition;
import io.arrowraft.spark.pushdown.SparkTypes;
import io.arrowraft.table.DataType;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.TableInfo;

/**
 * Tables that {@code CREATE TABLE} describes. The property {@code primary-key} names the columns of
 * the primary key, separated by commas; without it rows get a hidden id.
 */
final class NewTables {
  static final String PRIMARY_KEY = "primary-key";

  private NewTables() {}

  static TableDefinition definition(Identifier identifier, TableInfo info) {
    if (info.partitions().length > 0) {
      throw unsupported("tables are divided by key alone, so PARTITIONED BY has no meaning");
    }
    List<TableDefinition.ColumnDefinition> columns = new ArrayList<>();
    for (Column column : info.columns()) {
      DataType type =
          SparkTypes.fromSpark(column.dataType())
              .orElseThrow(
                  () ->
                      unsupported(
                          "column "
                              + column.name()
                              + ": no table has type "
                              + column.dataType().sql()));
      columns.add(new TableDefinition.ColumnDefinition(column.name(), type, column.nullable()));
    }
    List<String> key = new ArrayList<>();
    for (String name : info.properties().getOrDefault(PRIMARY_KEY, "").split(",", -1)) {
      if (!name.isBlank()) {
        key.add(name.trim());
      }
    }
    return new TableDefinition(
        TikvCatalog.tableName(identifier)
            .orElseThrow(() -> unsupported("a table is named namespace.name, not " + identifier)),
        columns,
        key);
  }

  private static TikvException unsupported(String message) {
    return new TikvException(TikvException.Code.UNSUPPORTED, message);
  }
}
