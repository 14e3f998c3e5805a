package io.arrowraft.client.table.schema;

import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.table.TableSchema;
import java.util.Objects;

/**
 * A table's definition and when it was found to hold.
 *
 * @param first the earliest timestamp at which this version was seen
 * @param last the latest one; in between it held as well
 */
public record LoadedSchema(TableSchema schema, Timestamp first, Timestamp last) {
  public LoadedSchema {
    Objects.requireNonNull(schema, "schema");
  }

  /** Whether a read at {@code timestamp} may go by it. */
  boolean holdsAt(Timestamp timestamp) {
    return timestamp.compareTo(first) >= 0 && timestamp.compareTo(leaseEnd()) <= 0;
  }

  /** The newest timestamp at which a commit may go by it. */
  Timestamp leaseEnd() {
    return SchemaLease.endOf(last);
  }

  boolean isSameVersion(LoadedSchema other) {
    return schema.tableId() == other.schema.tableId()
        && schema.schemaVersion() == other.schema.schemaVersion();
  }

  /** What both say together of one version. */
  LoadedSchema and(LoadedSchema other) {
    return new LoadedSchema(
        schema,
        first.compareTo(other.first) <= 0 ? first : other.first,
        last.compareTo(other.last) >= 0 ? last : other.last);
  }
}
