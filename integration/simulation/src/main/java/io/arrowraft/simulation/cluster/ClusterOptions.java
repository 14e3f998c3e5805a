package io.arrowraft.simulation.cluster;

import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.options.LockTimes;
import io.arrowraft.client.options.Timeouts;
import io.arrowraft.runtime.rpc.RpcClient;
import java.time.Duration;
import java.util.function.UnaryOperator;

/**
 * How large a cluster is and how its clients behave.
 *
 * @param requestTimeout of one attempt of a client
 * @param operationTimeout of a client's operation with its retries
 * @param lockTtl how long the locks of a client that died stay
 * @param clientRpc put between each client and the network; the identity but for planted faults
 */
public record ClusterOptions(
    int stores,
    int clients,
    Duration requestTimeout,
    Duration operationTimeout,
    Duration lockTtl,
    UnaryOperator<RpcClient> clientRpc) {

  /** Three stores and three clients with times that suit short runs. */
  public static ClusterOptions defaults() {
    return new ClusterOptions(
        3,
        3,
        Duration.ofSeconds(2),
        Duration.ofSeconds(10),
        Duration.ofMillis(1_500),
        UnaryOperator.identity());
  }

  /** The same with another number of stores. */
  public ClusterOptions withStores(int count) {
    return new ClusterOptions(count, clients, requestTimeout, operationTimeout, lockTtl, clientRpc);
  }

  /** The same with something between the clients and the network. */
  public ClusterOptions withClientRpc(UnaryOperator<RpcClient> wrapper) {
    return new ClusterOptions(stores, clients, requestTimeout, operationTimeout, lockTtl, wrapper);
  }

  ClientOptions clientOptions(String placementAddress) {
    return ClientOptions.of(placementAddress)
        .withTimeouts(new Timeouts(requestTimeout, operationTimeout, Duration.ofSeconds(1)))
        .withLocks(new LockTimes(lockTtl, lockTtl.multipliedBy(4), lockTtl.multipliedBy(2)));
  }
}
