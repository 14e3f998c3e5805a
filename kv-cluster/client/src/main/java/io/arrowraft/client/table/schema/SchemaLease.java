package io.arrowraft.client.table.schema;

import io.arrowraft.pd.client.Timestamp;
import java.time.Duration;

/**
 * For how long a definition may be relied on after it was read. The same for every client of every
 * cluster, and no option: one that believed in a longer lease than the owner of a change waits for
 * would break the fence.
 */
public final class SchemaLease {
  public static final Duration LENGTH = Duration.ofSeconds(2);

  private SchemaLease() {}

  /** The last timestamp within a lease that began with {@code start}. */
  public static Timestamp endOf(Timestamp start) {
    return Timestamp.of(start.physicalMillis() + LENGTH.toMillis(), 0);
  }
}
