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
  private final Map<Long, String> known = new TreeMap<>();
  private final Map<Long, CompletableFuture<Optional<String>>> lookups = new TreeMap<>();

  StoreAddresses(EventLoop loop, PdClient pd) {
    this.loop = loop;
    this.pd = pd;
  }

  CompletableFuture<Optional<String>> find(long storeId) {
    String address = known.get(storeId);
    if (address != null) {
      return CompletableFuture.completedFuture(Optional.of(address));
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
                found.ifPresent(there -> known.put(storeId, there));
              }
              Async.settle(lookup, found, failure);
            });
    return lookup;
  }

  private static Optional<String> usable(Optional<StoreInfo> found) {
    return found
        .filter(store -> !store.isTombstone() && !store.address().isEmpty())
        .map(StoreInfo::address);
  }

  /** Asks again the next time: the store may have come back elsewhere. */
  void invalidate(long storeId) {
    known.remove(storeId);
  }
}
