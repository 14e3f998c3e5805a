package io.arrowraft.raft;

import io.arrowraft.raft.core.Entry;
import java.util.List;

/**
 * A run of entries from a log store.
 *
 * @param previousTerm term of the entry before the first; 0 if it was not asked for
 */
public record StoredEntries(long previousTerm, List<Entry> entries) {
  public StoredEntries {
    entries = List.copyOf(entries);
  }
}
