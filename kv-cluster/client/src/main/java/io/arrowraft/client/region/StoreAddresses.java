package io.arrowraft.client.region;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.StoreInfo;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.EventLoop;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Where stores listen; as many entries as the cluster has stores. */
final class StoreAddresses {
  private final EventLoop loop;
  private final PdClient pd;
  private final Map<Long, Known> known = new TreeMap<>();
  private final Map<Long, CompletableFuture<Optional<String>>> lookups = new TreeMap<>();

  private record Known(String address, Map<String, String> labels) {}

  StoreAddresses(EventLoop loop, PdClient pd) {
    this.loop = loop;
    this.pd = pd;
  }

  CompletableFuture<Optional<String>> find(long storeId) {
    Known there = known.get(storeId);
    if (there != null) {
      return CompletableFuture.completedFuture(Optional.of(there.address()));
    }
    CompletableFuture<Optional<String>> running = lookups.get(storeId);
    if (running != null) {
      return running;
    }
    CompletableFuture<Optional<String>> lookup = new CompletableFuture<>();
    lookups.put(storeId, lookup);
    Async.on(loop, pd.store(storeId).thenApply(StoreAddresses::usable))
        .whenComplete(
            (found, failure) -> {
              lookups.remove(storeId);
              if (failure == null) {
                found.ifPresent(usable -> known.put(storeId, usable));
              }
              Async.settle(lookup, failure == null ? found.map(Known::address) : null, failure);
            });
    return lookup;
  }

  /** What a store is labelled with; nothing if it has not been looked up. */
  Map<String, String> labels(long storeId) {
    Known there = known.get(storeId);
    return there == null ? Map.of() : there.labels();
  }

  private static Optional<Known> usable(Optional<StoreInfo> found) {
    return found
        .filter(store -> !store.isTombstone() && !store.address().isEmpty())
        .map(store -> new Known(store.address(), labelsOf(store)));
  }

  private static Map<String, String> labelsOf(StoreInfo store) {
    Map<String, String> labels = new TreeMap<>();
    store.meta().getLabelsList().forEach(label -> labels.put(label.getKey(), label.getValue()));
    return labels;
  }

  /** Asks again the next time: the store may have come back elsewhere. */
  void invalidate(long storeId) {
    known.remove(storeId);
  }
}
