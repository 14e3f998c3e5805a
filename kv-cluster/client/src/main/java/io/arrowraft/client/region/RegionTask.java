package io.arrowraft.client.region;

import io.arrowraft.client.retry.Backoff;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Work on the items of one region. */
@FunctionalInterface
public interface RegionTask<T> {
  /**
   * @param backoff this batch's own branch
   * @return the items that are still to be done, in key order, after their regions have been looked
   *     up again; empty when the batch is done
   */
  CompletableFuture<List<T>> run(RegionBatch<T> batch, Backoff backoff);
}
