package io.arrowraft.spark;

import io.arrowraft.coprocessor.plan.PlanRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * How a table is read. An option of the read beats one of the session ({@code
 * spark.datasource.tikv.*}), which beats one of the catalog ({@code spark.sql.catalog.<name>.*}).
 *
 * @param timestamp the timestamp to read at; empty for a fresh one
 * @param pushFilters whether stores evaluate filters
 * @param pushAggregates whether stores aggregate
 * @param pushLimit whether stores apply limits
 * @param floatingSum whether stores may sum floating-point numbers, whose last bits then depend on
 *     how regions lie
 * @param batchRows most rows of a batch
 * @param partitionBytes small neighbouring regions share a task up to this size
 * @param prefetchBatches batches that a task lets a store send ahead
 * @param timeout how long a read waits for a batch, all retries included
 * @param holdMax how long a query may keep garbage collection from passing its timestamp; zero for
 *     not at all
 */
public record TikvReadOptions(
    OptionalLong timestamp,
    boolean pushFilters,
    boolean pushAggregates,
    boolean pushLimit,
    boolean floatingSum,
    int batchRows,
    long partitionBytes,
    int prefetchBatches,
    Duration timeout,
    Duration holdMax) {

  public static final String PD_ADDRESSES = "pd.addresses";
  public static final String TABLE = "table";
  public static final String CATALOG = "catalog";
  public static final String TIMESTAMP = "timestamp";
  public static final String VERSION_AS_OF = "versionAsOf";
  public static final String TIMESTAMP_AS_OF = "timestampAsOf";
  public static final String PUSH_FILTERS = "pushdown.filters";
  public static final String PUSH_AGGREGATES = "pushdown.aggregates";
  public static final String PUSH_LIMIT = "pushdown.limit";
  public static final String FLOATING_SUM = "pushdown.floating-sum";
  public static final String BATCH_ROWS = "batch.rows";
  public static final String PARTITION_BYTES = "partition.bytes";
  public static final String PREFETCH_BATCHES = "prefetch.batches";
  public static final String TIMEOUT_SECONDS = "timeout.seconds";
  public static final String HOLD_SECONDS_MAX = "hold.seconds.max";

  private static final List<String> NAMES =
      List.of(
          PD_ADDRESSES,
          TABLE,
          CATALOG,
          TIMESTAMP,
          VERSION_AS_OF,
          TIMESTAMP_AS_OF,
          PUSH_FILTERS,
          PUSH_AGGREGATES,
          PUSH_LIMIT,
          FLOATING_SUM,
          BATCH_ROWS,
          PARTITION_BYTES,
          PREFETCH_BATCHES,
          TIMEOUT_SECONDS,
          HOLD_SECONDS_MAX);

  /** What holds where nothing is said. */
  public static TikvReadOptions defaults() {
    return of(CaseInsensitiveStringMap.empty());
  }

  /**
   * Reads options.
   *
   * @throws TikvException naming the first option that is unknown, with all that are known, or the
   *     one whose value is not of its kind
   */
  public static TikvReadOptions of(CaseInsensitiveStringMap options) {
    refuseUnknown(options);
    return new TikvReadOptions(
        options.containsKey(TIMESTAMP)
            ? OptionalLong.of(number(options, TIMESTAMP, 0, 1, Long.MAX_VALUE))
            : OptionalLong.empty(),
        flag(options, PUSH_FILTERS, true),
        flag(options, PUSH_AGGREGATES, true),
        flag(options, PUSH_LIMIT, true),
        flag(options, FLOATING_SUM, false),
        (int)
            number(
                options,
                BATCH_ROWS,
                PlanRequest.BATCH_ROWS_DEFAULT,
                1,
                PlanRequest.BATCH_ROWS_LIMIT),
        number(options, PARTITION_BYTES, 64L << 20, 1, Long.MAX_VALUE),
        (int) number(options, PREFETCH_BATCHES, 4, 1, 1_024),
        Duration.ofSeconds(number(options, TIMEOUT_SECONDS, 60, 1, 86_400)),
        Duration.ofSeconds(number(options, HOLD_SECONDS_MAX, 86_400, 0, 30 * 86_400)));
  }

  /** The options of a catalog with those of one of its reads laid over them. */
  static CaseInsensitiveStringMap merged(
      CaseInsensitiveStringMap catalog, CaseInsensitiveStringMap read) {
    Map<String, String> both = new LinkedHashMap<>(catalog);
    both.putAll(read);
    return new CaseInsensitiveStringMap(both);
  }

  /** {@code host:port} of each placement driver, in the order given. */
  static List<String> pdAddresses(CaseInsensitiveStringMap options) {
    String text = options.get(PD_ADDRESSES);
    List<String> addresses = new ArrayList<>();
    for (String part : text == null ? new String[0] : text.split(",", -1)) {
      if (!part.isBlank()) {
        addresses.add(part.trim());
      }
    }
    if (addresses.isEmpty()) {
      throw new TikvException(
          TikvException.Code.INVALID_OPTION,
          "option '"
              + PD_ADDRESSES
              + "' is missing: name the placement drivers, such as 127.0.0.1:2379");
    }
    return List.copyOf(addresses);
  }

  private static void refuseUnknown(CaseInsensitiveStringMap options) {
    // Sorted, so that the same mistake gives the same message.
    for (String given : options.keySet().stream().sorted().toList()) {
      if (NAMES.stream().noneMatch(name -> name.equalsIgnoreCase(given))) {
        throw new TikvException(
            TikvException.Code.INVALID_OPTION,
            "unknown option '" + given + "' of tikv; there are: " + String.join(", ", NAMES));
      }
    }
  }

  private static boolean flag(CaseInsensitiveStringMap options, String name, boolean otherwise) {
    String text = options.get(name);
    if (text == null) {
      return otherwise;
    }
    return switch (text.trim().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new TikvException(
              TikvException.Code.INVALID_OPTION,
              "option '" + name + "' must be true or false, not '" + text + "'");
    };
  }

  private static long number(
      CaseInsensitiveStringMap options, String name, long otherwise, long least, long most) {
    String text = options.get(name);
    if (text == null) {
      return otherwise;
    }
    try {
      long value = Long.parseLong(text.trim());
      if (value >= least && value <= most) {
        return value;
      }
      throw outOfRange(name, text, least, most, null);
    } catch (NumberFormatException notANumber) {
      throw outOfRange(name, text, least, most, notANumber);
    }
  }

  private static TikvException outOfRange(
      String name, String text, long least, long most, Throwable cause) {
    return new TikvException(
        TikvException.Code.INVALID_OPTION,
        "option '"
            + name
            + "' must be a number from "
            + least
            + " to "
            + most
            + ", not '"
            + text
            + "'",
        cause);
  }
}
