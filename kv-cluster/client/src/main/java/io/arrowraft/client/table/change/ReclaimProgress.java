package io.arrowraft.client.table.change;

import io.arrowraft.client.table.schema.SchemaLease;
import io.arrowraft.pd.client.Timestamp;
import io.arrowraft.runtime.Bytes;
import io.arrowraft.table.KeyRange;
import java.util.Optional;

/**
 * How far the space of a dropped table or index has been given back.
 *
 * @param id of the schema change that dropped it, or a number of its own for a table
 * @param waitsFor what garbage collection must pass first; empty before anybody has looked
 * @param next the first key that is still there; empty while it waits
 */
public record ReclaimProgress(
    long id, KeyRange keys, Optional<Timestamp> waitsFor, Optional<Bytes> next) {
  static ReclaimProgress of(Reclaim reclaim) {
    return new ReclaimProgress(
        reclaim.id(),
        reclaim.keys(),
        reclaim.droppedBy() == 0
            ? Optional.empty()
            : Optional.of(SchemaLease.endOf(new Timestamp(reclaim.droppedBy()))),
        Optional.of(reclaim.next()).filter(key -> !key.isEmpty()));
  }
}
