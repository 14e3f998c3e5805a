package io.arrowraft.spark;

import io.arrowraft.table.SchemaException;
import io.arrowraft.table.TableName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.SessionConfigSupport;
import org.apache.spark.sql.connector.catalog.SupportsCatalogOptions;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import scala.jdk.javaapi.CollectionConverters;

/**
 * {@code spark.read.format("tikv")}. Needs the options {@code pd.addresses} and {@code table}; the
 * catalog that Spark wants is found among the session's or made for those addresses.
 */
public final class TikvSource
    implements SupportsCatalogOptions, SessionConfigSupport, DataSourceRegister {
  static final String SHORT_NAME = "tikv";

  private static final String CATALOG_PREFIX = "spark.sql.catalog.";

  @Override
  public String shortName() {
    return SHORT_NAME;
  }

  @Override
  public String keyPrefix() {
    return SHORT_NAME;
  }

  @Override
  public Identifier extractIdentifier(CaseInsensitiveStringMap options) {
    TikvReadOptions.of(options);
    String table = options.get(TikvReadOptions.TABLE);
    if (table == null || table.isBlank()) {
      throw new TikvException(
          TikvException.Code.INVALID_OPTION,
          "option '" + TikvReadOptions.TABLE + "' is missing: name a table, such as tpch.lineitem");
    }
    try {
      TableName name = TableName.parse(table.trim());
      return Identifier.of(new String[] {name.namespace()}, name.name());
    } catch (SchemaException notAName) {
      throw new TikvException(
          TikvException.Code.INVALID_OPTION,
          "option '" + TikvReadOptions.TABLE + "': " + notAName.getMessage(),
          notAName);
    }
  }

  @Override
  public String extractCatalog(CaseInsensitiveStringMap options) {
    SparkSession session = SparkSession.active();
    String named = options.get(TikvReadOptions.CATALOG);
    if (named != null && session.conf().getOption(CATALOG_PREFIX + named).isDefined()) {
      return named;
    }
    List<String> addresses = TikvReadOptions.pdAddresses(options);
    String joined = String.join(",", addresses);
    if (named == null) {
      Optional<String> known = knownCatalog(session, joined);
      if (known.isPresent()) {
        return known.get();
      }
    }
    String name = named != null ? named : SHORT_NAME + "_" + joined.replaceAll("[^A-Za-z0-9]", "_");
    session.conf().set(CATALOG_PREFIX + name + "." + TikvReadOptions.PD_ADDRESSES, joined);
    session.conf().set(CATALOG_PREFIX + name, TikvCatalog.class.getName());
    return name;
  }

  /** A catalog of ours over these addresses that the session has already. */
  private static Optional<String> knownCatalog(SparkSession session, String addresses) {
    Map<String, String> settings = CollectionConverters.asJava(session.conf().getAll());
    return settings.entrySet().stream()
        .filter(setting -> setting.getKey().startsWith(CATALOG_PREFIX))
        .filter(setting -> setting.getValue().equals(TikvCatalog.class.getName()))
        .map(Map.Entry::getKey)
        .filter(key -> addresses.equals(settings.get(key + "." + TikvReadOptions.PD_ADDRESSES)))
        .map(key -> key.substring(CATALOG_PREFIX.length()))
        .sorted()
        .findFirst();
  }

  @Override
  public Optional<String> extractTimeTravelVersion(CaseInsensitiveStringMap options) {
    return Optional.ofNullable(options.get(TikvReadOptions.VERSION_AS_OF));
  }

  @Override
  public Optional<String> extractTimeTravelTimestamp(CaseInsensitiveStringMap options) {
    return Optional.ofNullable(options.get(TikvReadOptions.TIMESTAMP_AS_OF));
  }

  @Override
  public StructType inferSchema(CaseInsensitiveStringMap options) {
    throw onlyByCatalog();
  }

  @Override
  public Table getTable(
      StructType schema, Transform[] partitioning, Map<String, String> properties) {
    throw onlyByCatalog();
  }

  private static TikvException onlyByCatalog() {
    return new TikvException(
        TikvException.Code.UNSUPPORTED, "tikv tables are loaded through their catalog");
  }
}
