package io.arrowraft.server.lockwait;

import io.arrowraft.proto.waits.WaitAnswer;
import io.arrowraft.proto.waits.WaitNews;
import io.arrowraft.raft.grpc.StoreAddresses;
import io.arrowraft.runtime.Async;
import io.arrowraft.runtime.TimeSource;
import io.arrowraft.runtime.rpc.RpcClient;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the waits of this store to the one that watches over all. Safe for use by any thread. */
public final class ClusterDeadlockDetector implements DeadlockDetector {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterDeadlockDetector.class);
  private static final Duration CALL_TIMEOUT = Duration.ofMillis(500);
  private static final Duration BELIEVED = Duration.ofSeconds(2);

  private final long storeId;
  private final WaitWatch own;
  private final Supplier<? extends CompletionStage<Long>> firstLeader;
  private final StoreAddresses addresses;
  private final RpcClient client;
  private final TimeSource time;
  private volatile Known known;

  private record Known(long storeId, long sinceNanos) {}

  /**
   * @param firstLeader asks which store leads the region with the empty key
   */
  public ClusterDeadlockDetector(
      long storeId,
      WaitWatch own,
      Supplier<? extends CompletionStage<Long>> firstLeader,
      StoreAddresses addresses,
      RpcClient client,
      TimeSource time) {
    this.storeId = storeId;
    this.own = own;
    this.firstLeader = firstLeader;
    this.addresses = addresses;
    this.client = client;
    this.time = time;
  }

  @Override
  public CompletionStage<Optional<Deadlock>> waits(WaitFor edge, Duration bound) {
    WaitNews news =
        WaitNews.newBuilder().setBegins(edge.toProto()).setBoundMs(bound.toMillis() + 1).build();
    return tell(news)
        .handle(
            (answer, failure) -> {
              if (failure != null) {
                LOG.debug("nobody watches the waits now", Async.cause(failure));
                return Optional.empty();
              }
              return deadlock(answer);
            });
  }

  private static Optional<Deadlock> deadlock(WaitAnswer answer) {
    return answer.getChainCount() == 0
        ? Optional.empty()
        : Optional.of(new Deadlock(answer.getChainList().stream().map(WaitFor::of).toList()));
  }

  @Override
  public void ended(WaitFor edge) {
    tell(WaitNews.newBuilder().addEnded(edge.toProto()).build())
        .whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                // The wait ends by its bound there.
                LOG.debug("the end of a wait was not told", Async.cause(failure));
              }
            });
  }

  /** Tells whom we believe in; if that is not the one, asks again who is, once. */
  private CompletionStage<WaitAnswer> tell(WaitNews news) {
    return watcher()
        .thenCompose(store -> tell(store, news))
        .thenCompose(
            answer -> {
              if (!answer.getElsewhere()) {
                return CompletableFuture.completedFuture(answer);
              }
              known = null;
              return watcher().thenCompose(store -> tell(store, news));
            });
  }

  private CompletionStage<WaitAnswer> tell(long store, WaitNews news) {
    if (store == storeId) {
      return own.tell(news);
    }
    return addresses
        .addressOf(store)
        .thenCompose(address -> client.call(address, WaitWatch.TELL, news, CALL_TIMEOUT))
        .whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                known = null;
              }
            });
  }

  private CompletionStage<Long> watcher() {
    Known last = known;
    if (last != null && time.nanos() - last.sinceNanos() < BELIEVED.toNanos()) {
      return CompletableFuture.completedFuture(last.storeId());
    }
    return firstLeader
        .get()
        .thenApply(
            store -> {
              known = new Known(store, time.nanos());
              return store;
            });
  }
}
