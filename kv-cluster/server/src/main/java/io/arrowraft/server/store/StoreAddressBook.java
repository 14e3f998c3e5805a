package io.arrowraft.server.store;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.raft.grpc.StoreAddresses;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcException;
import io.arrowraft.runtime.rpc.RpcStatus;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Where other stores listen, as the placement driver says. What it said is believed for a while: a
 * store that comes back under another address is found again soon. While nobody answers, the last
 * word counts.
 */
final class StoreAddressBook implements StoreAddresses {
  private static final Duration BELIEVED = Duration.ofSeconds(1);

  private final PdClient pd;
  private final TimeSource time;
  private final ConcurrentMap<Long, Known> known = new ConcurrentHashMap<>();

  private record Known(String address, long sinceNanos) {}

  StoreAddressBook(PdClient pd, TimeSource time) {
    this.pd = pd;
    this.time = time;
  }

  @Override
  public CompletionStage<String> addressOf(long storeId) {
    Known entry = known.get(storeId);
    if (entry != null && time.nanos() - entry.sinceNanos() < BELIEVED.toNanos()) {
      return CompletableFuture.completedFuture(entry.address());
    }
    return pd.store(storeId)
        .handle(
            (found, failure) -> {
              if (failure != null && entry != null) {
                // Stores must find each other again also while the placement driver is away.
                return entry.address();
              }
              if (failure != null) {
                throw new CompletionException(Async.cause(failure));
              }
              String address =
                  found
                      .orElseThrow(
                          () ->
                              new RpcException(
                                  RpcStatus.NOT_FOUND, "store " + storeId + " is not known"))
                      .peerAddress();
              known.put(storeId, new Known(address, time.nanos()));
              return address;
            });
  }
}
