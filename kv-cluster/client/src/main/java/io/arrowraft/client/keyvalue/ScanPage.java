package io.arrowraft.client.keyvalue;

import io.arrowraft.runtime.Bytes;
import java.util.List;
import java.util.Optional;

/**
 * What a scan found.
 *
 * @param pairs in key order
 * @param continuation where to go on if the limit was reached; empty once the range is exhausted
 */
public record ScanPage(List<KeyValue> pairs, Optional<Bytes> continuation) {
  public ScanPage {
    pairs = List.copyOf(pairs);
  }
}
