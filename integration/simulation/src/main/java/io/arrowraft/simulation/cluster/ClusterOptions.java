package io.arrowraft.simulation.cluster;

import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.client.options.LockTimes;
import io.arrowraft.client.options.Timeouts;
import io.arrowraft.runtime.rpc.RpcClient;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/**
 * How large a cluster is and how its clients behave.
 *
 * @param members of the placement driver
 * @param requestTimeout of one attempt of a client
 * @param operationTimeout of a client's operation with its retries
 * @param lockTtl how long the locks of a client that died stay
 * @param kinds how clients commit and read
 * @param clientRpc put between each client and the network; the identity but for planted faults
 */
public record ClusterOptions(
    int members,
    int stores,
    StoreTuning tuning,
    int clients,
    Duration requestTimeout,
    Duration operationTimeout,
    Duration lockTtl,
    ClientKinds kinds,
    UnaryOperator<RpcClient> clientRpc) {
  /** Copies of each region. */
  static final int REPLICAS = 3;

  /** Three stores and three clients with times that suit short runs. */
  public static ClusterOptions defaults() {
    return new ClusterOptions(
        1,
        3,
        StoreTuning.defaults(),
        3,
        Duration.ofSeconds(2),
        Duration.ofSeconds(10),
        Duration.ofMillis(1_500),
        ClientKinds.alike(false),
        UnaryOperator.identity());
  }

  /** What a seed draws: mostly three to five stores, two to four clients. */
  public static ClusterOptions drawn(RandomGenerator random) {
    return new ClusterOptions(
        drawn(random, List.of(1, 1, 1, 3, 3, 3, 3, 3, 3, 5)),
        drawn(random, List.of(1, 3, 3, 3, 3, 3, 4, 4, 5, 5)),
        StoreTuning.drawn(random),
        random.nextInt(2, 5),
        Duration.ofMillis(random.nextInt(250, 3_000)),
        Duration.ofMillis(random.nextInt(6_000, 15_000)),
        Duration.ofMillis(random.nextInt(500, 3_000)),
        ClientKinds.drawn(random),
        UnaryOperator.identity());
  }

  private static int drawn(RandomGenerator random, List<Integer> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /** The same with another number of members of the placement driver. */
  public ClusterOptions withMembers(int count) {
    return new ClusterOptions(
        count,
        stores,
        tuning,
        clients,
        requestTimeout,
        operationTimeout,
        lockTtl,
        kinds,
        clientRpc);
  }

  /** The same with another number of stores. */
  public ClusterOptions withStores(int count) {
    return new ClusterOptions(
        members,
        count,
        tuning,
        clients,
        requestTimeout,
        operationTimeout,
        lockTtl,
        kinds,
        clientRpc);
  }

  /** The same with something between the clients and the network. */
  public ClusterOptions withClientRpc(UnaryOperator<RpcClient> wrapper) {
    return new ClusterOptions(
        members,
        stores,
        tuning,
        clients,
        requestTimeout,
        operationTimeout,
        lockTtl,
        kinds,
        wrapper);
  }

  ClientOptions clientOptions(List<String> placementAddresses, int client) {
    return ClientOptions.of(String.join(",", placementAddresses))
        .withTimeouts(
            new Timeouts(requestTimeout, operationTimeout, Duration.ofSeconds(1), operationTimeout))
        .withCommits(kinds.of(kinds.commits(), client))
        .withReads(kinds.of(kinds.reads(), client))
        .withLostAnswers(kinds.of(kinds.lostAnswers(), client))
        .withLocks(new LockTimes(lockTtl, lockTtl.multipliedBy(4), lockTtl.multipliedBy(2)));
  }

  @Override
  public String toString() {
    return "ClusterOptions[members=%d, stores=%d, %s, clients=%d, request %s, operation %s, locks %s, %s]"
        .formatted(
            members, stores, tuning, clients, requestTimeout, operationTimeout, lockTtl, kinds);
  }
}
