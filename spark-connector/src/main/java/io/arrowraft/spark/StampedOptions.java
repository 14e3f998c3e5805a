package io.arrowraft.spark;

import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * The options of a relation together with the timestamp of the query that it is part of. The
 * timestamp is no part of what equality compares: Spark finds cached data by comparing plans, and a
 * cached relation must be found again by later queries, which have other timestamps.
 */
final class StampedOptions extends CaseInsensitiveStringMap {
  private final QueryTimestamp timestamp;

  StampedOptions(CaseInsensitiveStringMap options, QueryTimestamp timestamp) {
    super(options.asCaseSensitiveMap());
    this.timestamp = timestamp;
  }

  QueryTimestamp timestamp() {
    return timestamp;
  }
}
