package io.arrowraft.client.table;

import io.arrowraft.runtime.Bytes;
import java.util.List;
import java.util.Optional;

/**
 * What a scan of a table found.
 *
 * @param rows in the order of the scan
 * @param continuation where to go on if the limit was reached: the start of what is left, or its
 *     end if the scan goes down; empty once the range is exhausted
 */
public record RowPage(List<StoredRow> rows, Optional<Bytes> continuation) {
  public RowPage {
    rows = List.copyOf(rows);
  }
}
