package io.arrowraft.client.table;

import io.arrowraft.runtime.Bytes;
import java.util.List;
import java.util.Optional;

/**
 * What a scan of a table found.
 *
 * @param rows in key order
 * @param continuation where to go on if the limit was reached; empty once the range is exhausted
 */
public record RowPage(List<StoredRow> rows, Optional<Bytes> continuation) {
  public RowPage {
    rows = List.copyOf(rows);
  }
}
