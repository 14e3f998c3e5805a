package io.arrowraft.spark;

import io.arrowraft.table.SchemaException;
import io.arrowraft.table.TableName;
import io.arrowraft.table.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.catalyst.analysis.NoSuchNamespaceException;
import org.apache.spark.sql.catalyst.analysis.NoSuchTableException;
import org.apache.spark.sql.catalyst.analysis.TableAlreadyExistsException;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.NamespaceChange;
import org.apache.spark.sql.connector.catalog.SupportsNamespaces;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.connector.catalog.TableInfo;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * The tables of a cluster as a Spark catalog: {@code spark.sql.catalog.<name>} is this class, and
 * {@code spark.sql.catalog.<name>.pd.addresses} says where the cluster is. Makes and drops tables;
 * rows are read only.
 */
public class TikvCatalog implements TableCatalog, SupportsNamespaces {
  /** Logical part of a timestamp: below it the physical part counts milliseconds. */
  private static final int LOGICAL_BITS = 18;

  private String name;
  private CaseInsensitiveStringMap options;
  private TikvCluster cluster;

  @Override
  public final void initialize(String catalogName, CaseInsensitiveStringMap catalogOptions) {
    TikvReadOptions.of(catalogOptions);
    name = catalogName;
    options = catalogOptions;
    cluster = connect(TikvReadOptions.pdAddresses(catalogOptions));
  }

  /** The cluster behind the addresses; tests have another. */
  TikvCluster connect(List<String> pdAddresses) {
    return ConnectedCluster.at(pdAddresses);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Table loadTable(Identifier identifier) throws NoSuchTableException {
    return table(identifier, OptionalLong.empty());
  }

  /** {@code VERSION AS OF n}: a raw timestamp. */
  @Override
  public Table loadTable(Identifier identifier, String version) throws NoSuchTableException {
    try {
      long timestamp = Long.parseLong(version.trim());
      if (timestamp > 0) {
        return table(identifier, OptionalLong.of(timestamp));
      }
      throw noTimestamp(version, null);
    } catch (NumberFormatException notANumber) {
      throw noTimestamp(version, notANumber);
    }
  }

  private static TikvException noTimestamp(String version, Throwable cause) {
    return new TikvException(
        TikvException.Code.INVALID_TIMESTAMP,
        "a version is a read timestamp, a positive number, not '" + version + "'",
        cause);
  }

  /** {@code TIMESTAMP AS OF t}: everything committed in the millisecond of {@code t} or before. */
  @Override
  public Table loadTable(Identifier identifier, long micros) throws NoSuchTableException {
    long millis = Math.floorDiv(micros, 1_000L);
    if (millis <= 0) {
      throw new TikvException(
          TikvException.Code.INVALID_TIMESTAMP, "no data is older than 1970: " + millis + " ms");
    }
    return table(identifier, OptionalLong.of(millis << LOGICAL_BITS | (1L << LOGICAL_BITS) - 1));
  }

  private Table table(Identifier identifier, OptionalLong timeTravel) throws NoSuchTableException {
    Optional<TableSchema> schema = tableName(identifier).flatMap(cluster::table);
    if (schema.isEmpty()) {
      throw new NoSuchTableException(identifier);
    }
    return new TikvTable(cluster, schema.get(), options, timeTravel);
  }

  static Optional<TableName> tableName(Identifier identifier) {
    if (identifier.namespace().length != 1) {
      return Optional.empty();
    }
    try {
      return Optional.of(new TableName(identifier.namespace()[0], identifier.name()));
    } catch (SchemaException notAName) {
      // No table can have it, so there is none.
      return Optional.empty();
    }
  }

  @Override
  public Identifier[] listTables(String[] namespace) throws NoSuchNamespaceException {
    if (!namespaceExists(namespace)) {
      throw new NoSuchNamespaceException(namespace);
    }
    return cluster.tables(namespace[0]).stream()
        .map(table -> Identifier.of(new String[] {table.namespace()}, table.name()))
        .toArray(Identifier[]::new);
  }

  @Override
  public String[][] listNamespaces() {
    return cluster.namespaces().stream()
        .map(namespace -> new String[] {namespace})
        .toArray(String[][]::new);
  }

  @Override
  public String[][] listNamespaces(String[] parent) throws NoSuchNamespaceException {
    if (parent.length == 0) {
      return listNamespaces();
    }
    if (!namespaceExists(parent)) {
      throw new NoSuchNamespaceException(parent);
    }
    return new String[0][];
  }

  @Override
  public boolean namespaceExists(String[] namespace) {
    return namespace.length == 1 && cluster.namespaces().contains(namespace[0]);
  }

  @Override
  public Map<String, String> loadNamespaceMetadata(String[] namespace)
      throws NoSuchNamespaceException {
    if (!namespaceExists(namespace)) {
      throw new NoSuchNamespaceException(namespace);
    }
    return Map.of();
  }

  @Override
  public void createNamespace(String[] namespace, Map<String, String> metadata) {
    throw refused("CREATE NAMESPACE");
  }

  @Override
  public void alterNamespace(String[] namespace, NamespaceChange... changes) {
    throw refused("ALTER NAMESPACE");
  }

  @Override
  public boolean dropNamespace(String[] namespace, boolean cascade) {
    throw refused("DROP NAMESPACE");
  }

  @Override
  public Table createTable(Identifier identifier, TableInfo info)
      throws TableAlreadyExistsException {
    if (!cluster.createTable(NewTables.definition(identifier, info))) {
      throw new TableAlreadyExistsException(identifier);
    }
    try {
      return loadTable(identifier);
    } catch (NoSuchTableException dropped) {
      throw new TikvException(
          TikvException.Code.UNSUPPORTED,
          "table " + identifier + " was dropped as soon as it was made",
          dropped);
    }
  }

  @Override
  public Table alterTable(Identifier identifier, TableChange... changes) {
    throw refused("ALTER TABLE");
  }

  @Override
  public boolean dropTable(Identifier identifier) {
    return tableName(identifier).filter(cluster::dropTable).isPresent();
  }

  @Override
  public void renameTable(Identifier from, Identifier to) {
    throw refused("ALTER TABLE ... RENAME");
  }

  private TikvException refused(String statement) {
    return new TikvException(
        TikvException.Code.UNSUPPORTED, "catalog " + name + " does no " + statement);
  }
}
