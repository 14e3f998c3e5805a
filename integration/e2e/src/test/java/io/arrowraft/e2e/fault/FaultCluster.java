package io.arrowraft.e2e.fault;

import io.arrowraft.client.ArrowraftClient;
import io.arrowraft.client.options.ClientOptions;
import io.arrowraft.e2e.LocalCluster;
import io.arrowraft.pd.client.RegionInfo;
import io.arrowraft.runtime.Bytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A placement driver and stores as processes that nobody starts again but the test. On a {@link
 * TestNetwork} node 0 is the placement driver and the stores follow; without one all listen on the
 * loopback.
 */
final class FaultCluster implements AutoCloseable {
  private static final int PD_PORT = 2379;
  private static final int STORE_PORT = 20160;
  private static final int STATUS_PORT = 20180;
  private static final String PD_JVM = "-Xms64m -Xmx256m -XX:MaxDirectMemorySize=64m";
  private static final String STORE_JVM = "-Xms128m -Xmx512m -XX:MaxDirectMemorySize=256m";

  private final Path data;
  private final Optional<TestNetwork> network;
  private final int[] ports;
  private final Options options;
  private final ServerNode pd;
  private final List<ServerNode> stores = new ArrayList<>();

  /**
   * How the processes are run.
   *
   * @param network of at least one node more than there will be stores; stays its owner's
   * @param storesMax how many stores there may be in the end
   * @param words more words for the command of every process
   * @param storeWords more words for each store's command
   */
  record Options(
      Optional<TestNetwork> network, int storesMax, List<String> words, List<String> storeWords) {
    /** What a process has not synced is lost when it is killed. */
    static final List<String> FORGETFUL = List.of("--manual-wal-flush");

    /** As shipped. */
    static Options of(Optional<TestNetwork> network, int storesMax) {
      return new Options(network, storesMax, List.of(), List.of());
    }

    Options withWords(List<String> others) {
      return new Options(network, storesMax, others, storeWords);
    }

    Options withStoreWords(String... others) {
      return new Options(network, storesMax, words, List.of(others));
    }
  }

  private FaultCluster(Path data, Options options) throws IOException {
    this.data = data;
    this.network = options.network();
    this.options = options;
    this.ports = LocalCluster.freePorts(1 + 2 * options.storesMax());
    pd = newPd();
  }

  /** Starts the placement driver and {@code stores} stores and waits until they serve. */
  static FaultCluster start(Path data, int stores, Options options) throws IOException {
    FaultCluster cluster = new FaultCluster(data, options);
    try {
      cluster.pd.start().awaitReady();
      for (int i = 0; i < stores; i++) {
        cluster.stores.add(cluster.newStore(cluster.data.resolve("store-" + (i + 1))).start());
        if (i == 0) {
          // The first makes the cluster.
          cluster.stores.get(0).awaitReady();
        }
      }
      cluster.stores.forEach(ServerNode::awaitReady);
      return cluster;
    } catch (RuntimeException failure) {
      cluster.close();
      throw failure;
    }
  }

  /**
   * The same, with one store more.
   *
   * @param disk where that one's data lie
   */
  static FaultCluster start(Path data, int stores, Options options, Path disk) throws IOException {
    FaultCluster cluster = start(data, stores, options);
    try {
      cluster.addStore(disk.resolve("store"));
      return cluster;
    } catch (RuntimeException failure) {
      cluster.close();
      throw failure;
    }
  }

  private ServerNode newPd() {
    return new ServerNode(
        "pd",
        new ServerNode.Addresses(pdAddress(), pdAddress()),
        command(0, "pd", "--host=" + host(0), "--port=" + pdPort(), "--data=" + data.resolve("pd")),
        PD_JVM,
        data.resolve("pd-log"));
  }

  private ServerNode newStore(Path directory) {
    int number = stores.size() + 1;
    String address =
        host(number) + ":" + (network.isPresent() ? STORE_PORT : ports[2 * number - 1]);
    String status = host(number) + ":" + (network.isPresent() ? STATUS_PORT : ports[2 * number]);
    List<String> words =
        new ArrayList<>(
            List.of(
                "store",
                "run",
                "--address=" + address,
                "--status-address=" + status,
                "--pd=" + pdAddress(),
                "--data=" + directory));
    words.addAll(options.storeWords());
    return new ServerNode(
        "store-" + number,
        new ServerNode.Addresses(address, status),
        command(number, words.toArray(String[]::new)),
        STORE_JVM,
        data.resolve("store-" + number + "-log"));
  }

  private List<String> command(int node, String... words) {
    List<String> command = new ArrayList<>();
    network.ifPresent(present -> command.addAll(present.at(node)));
    command.add(LocalCluster.launcher().toString());
    command.addAll(List.of(words));
    command.addAll(options.words());
    command.add("--stop-with-parent");
    return command;
  }

  private String host(int node) {
    return network.map(present -> present.address(node)).orElse("127.0.0.1");
  }

  private int pdPort() {
    return network.isPresent() ? PD_PORT : ports[0];
  }

  String pdAddress() {
    return host(0) + ":" + pdPort();
  }

  ArrowraftClient connect() {
    return ArrowraftClient.connect(ClientOptions.of(pdAddress()));
  }

  ServerNode pd() {
    return pd;
  }

  List<ServerNode> stores() {
    return List.copyOf(stores);
  }

  /** The placement driver, then the stores. */
  List<ServerNode> all() {
    List<ServerNode> all = new ArrayList<>(stores);
    all.add(0, pd);
    return all;
  }

  /** A node's number in the {@link TestNetwork}. */
  int place(ServerNode node) {
    return all().indexOf(node);
  }

  /** Starts one store more, on a directory of its own. */
  ServerNode addStore() {
    return addStore(data.resolve("store-" + (stores.size() + 1)));
  }

  ServerNode addStore(Path directory) {
    ServerNode store = newStore(directory);
    stores.add(store);
    return store.start().awaitReady();
  }

  /** The region of a raw key, as the placement driver knows it. */
  static RegionInfo region(ArrowraftClient client, Bytes rawKey) {
    return client.await(client.placement().scanRegions(rawKey, Bytes.EMPTY, 1)).get(0);
  }

  /** The store that leads the region of a raw key. */
  ServerNode leader(ArrowraftClient client, Bytes rawKey) {
    long storeId =
        region(client, rawKey)
            .leader()
            .orElseThrow(() -> new IllegalStateException("no leader is known of " + rawKey))
            .getStoreId();
    String address =
        client.await(client.placement().stores()).stream()
            .filter(store -> store.id() == storeId)
            .findFirst()
            .orElseThrow()
            .address();
    return stores.stream()
        .filter(store -> store.address().equals(address))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void close() {
    List<ServerNode> victims = all();
    for (ServerNode victim : victims) {
      if (victim.isAlive()) {
        victim.kill();
      }
    }
  }
}
