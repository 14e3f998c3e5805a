package io.arrowraft.client.keyvalue;

import io.arrowraft.runtime.Bytes;
import java.util.List;
import java.util.Optional;

/**
 * What a scan found.
 *
 * @param pairs in the order of the scan
 * @param continuation where to go on if the limit was reached: the start of what is left, or its
 *     end if the scan goes down; empty once the range is exhausted
 */
public record ScanPage(List<KeyValue> pairs, Optional<Bytes> continuation) {
  /** Of a range that holds nothing. */
  public static final ScanPage EMPTY = new ScanPage(List.of(), Optional.empty());

  public ScanPage {
    pairs = List.copyOf(pairs);
  }
}
