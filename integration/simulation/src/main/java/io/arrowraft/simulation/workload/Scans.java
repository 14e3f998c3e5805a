package io.arrowraft.simulation.workload;

import io.arrowraft.client.keyvalue.KeyValue;
import io.arrowraft.client.keyvalue.ScanPage;
import io.arrowraft.client.txn.TransactionalReader;
import io.arrowraft.runtime.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Whole ranges, page by page. */
final class Scans {
  private Scans() {}

  /** Everything in [start, end) as {@code reader} sees it. */
  static CompletableFuture<List<KeyValue>> all(
      TransactionalReader reader, Bytes start, Bytes end, int pageRows) {
    return more(reader, start, end, pageRows, new ArrayList<>());
  }

  private static CompletableFuture<List<KeyValue>> more(
      TransactionalReader reader, Bytes start, Bytes end, int pageRows, List<KeyValue> found) {
    return reader
        .scan(start, end, pageRows)
        .thenCompose(
            (ScanPage page) -> {
              found.addAll(page.pairs());
              return page.continuation().isEmpty()
                  ? CompletableFuture.completedFuture(found)
                  : more(reader, page.continuation().get(), end, pageRows, found);
            });
  }
}
