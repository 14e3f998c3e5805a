package io.arrowraft.spark;

import java.util.OptionalLong;

/**
 * The timestamp at which all scans of one query read one cluster: asked for when the first of them
 * needs it, the same for all. Safe for use by any thread.
 */
final class QueryTimestamp {
  private final TikvCluster cluster;
  private OptionalLong value;

  private QueryTimestamp(TikvCluster cluster, OptionalLong value) {
    this.cluster = cluster;
    this.value = value;
  }

  static QueryTimestamp fresh(TikvCluster cluster) {
    return new QueryTimestamp(cluster, OptionalLong.empty());
  }

  static QueryTimestamp fixed(TikvCluster cluster, long timestamp) {
    return new QueryTimestamp(cluster, OptionalLong.of(timestamp));
  }

  synchronized long value() {
    if (value.isEmpty()) {
      value = OptionalLong.of(cluster.timestamp());
    }
    return value.getAsLong();
  }

  /** Whether two scans read at one timestamp. */
  boolean isSameAs(QueryTimestamp other) {
    return this == other || value() == other.value();
  }
}
