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
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Placement drivers and stores as processes that nobody starts again but the test. On a {@link
 * TestNetwork} node 0 is the one placement driver and the stores follow; without one all listen on
 * the loopback.
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
  private final List<ServerNode> pds = new ArrayList<>();
  private final List<ServerNode> stores = new ArrayList<>();

  /**
   * How the processes are run.
   *
   * @param network of at least one node more than there will be stores; stays its owner's
   * @param storesMax how many stores there may be in the end
   * @param pdMembers members of the placement driver; one on a network
   * @param words more words for the command of every process
   * @param storeWords more words for each store's command
   */
  record Options(
      Optional<TestNetwork> network,
      int storesMax,
      int pdMembers,
      List<String> words,
      List<String> storeWords) {
    Options {
      if (pdMembers != 1 && network.isPresent()) {
        throw new IllegalArgumentException(
            "a network has a place for one placement driver, not " + pdMembers);
      }
    }

    /** What a process has not synced is lost when it is killed. */
    static final List<String> FORGETFUL = List.of("--manual-wal-flush");

    /** As shipped. */
    static Options of(Optional<TestNetwork> network, int storesMax) {
      return new Options(network, storesMax, 1, List.of(), List.of());
    }

    Options withWords(List<String> others) {
      return new Options(network, storesMax, pdMembers, others, storeWords);
    }

    Options withStoreWords(String... others) {
      return new Options(network, storesMax, pdMembers, words, List.of(others));
    }

    Options withPdMembers(int members) {
      return new Options(network, storesMax, members, words, storeWords);
    }
  }

  private FaultCluster(Path data, Options options) throws IOException {
    this.data = data;
    this.network = options.network();
    this.options = options;
    this.ports = LocalCluster.freePorts(options.pdMembers() + 2 * options.storesMax());
    for (int member = 1; member <= options.pdMembers(); member++) {
      pds.add(newPd(member));
    }
  }

  /** Starts the placement drivers and {@code stores} stores and waits until they serve. */
  static FaultCluster start(Path data, int stores, Options options) throws IOException {
    FaultCluster cluster = new FaultCluster(data, options);
    try {
      cluster.pds.forEach(ServerNode::start);
      cluster.pds.forEach(ServerNode::awaitReady);
      for (int i = 0; i < stores; i++) {
        Path directory = cluster.data.resolve("store-" + (i + 1));
        cluster.stores.add(cluster.newStore(directory, cluster.host(i + 1)).start());
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

  private ServerNode newPd(int member) {
    String name = "pd-" + member;
    List<String> words =
        new ArrayList<>(
            List.of(
                "pd",
                "--name=" + name,
                "--host=" + host(0),
                "--port=" + pdPort(member),
                "--data=" + data.resolve(name)));
    if (options.pdMembers() > 1) {
      words.add(
          "--initial-cluster="
              + IntStream.rangeClosed(1, options.pdMembers())
                  .mapToObj(each -> "pd-" + each + "=" + pdAddress(each))
                  .collect(Collectors.joining(",")));
    }
    return new ServerNode(
        name,
        new ServerNode.Addresses(pdAddress(member), pdAddress(member)),
        command(0, words.toArray(String[]::new)),
        PD_JVM,
        data.resolve(name + "-log"));
  }

  /**
   * @param reachedAt host that others are told
   */
  private ServerNode newStore(Path directory, String reachedAt) {
    int number = stores.size() + 1;
    int port = storePort(number);
    String status =
        host(number) + ":" + (network.isPresent() ? STATUS_PORT : ports[place(number) + 1]);
    List<String> words =
        new ArrayList<>(
            List.of(
                "store",
                "run",
                "--address=" + host(number) + ":" + port,
                "--advertise-host=" + reachedAt,
                "--status-address=" + status,
                "--pd=" + pdAddress(),
                "--data=" + directory));
    words.addAll(options.storeWords());
    return new ServerNode(
        "store-" + number,
        new ServerNode.Addresses(reachedAt + ":" + port, status),
        command(number, words.toArray(String[]::new)),
        STORE_JVM,
        data.resolve("store-" + number + "-log"));
  }

  private int storePort(int number) {
    return network.isPresent() ? STORE_PORT : ports[place(number)];
  }

  /** The first of a store's two ports. */
  private int place(int number) {
    return options.pdMembers() + 2 * (number - 1);
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

  private int pdPort(int member) {
    return network.isPresent() ? PD_PORT : ports[member - 1];
  }

  private String pdAddress(int member) {
    return host(0) + ":" + pdPort(member);
  }

  /** Of all members, separated by commas. */
  String pdAddress() {
    return IntStream.rangeClosed(1, options.pdMembers())
        .mapToObj(this::pdAddress)
        .collect(Collectors.joining(","));
  }

  ArrowraftClient connect() {
    return ArrowraftClient.connect(ClientOptions.of(pdAddress()));
  }

  /** The only placement driver, or the first. */
  ServerNode pd() {
    return pds.get(0);
  }

  /** All members of the placement driver. */
  List<ServerNode> pds() {
    return List.copyOf(pds);
  }

  List<ServerNode> stores() {
    return List.copyOf(stores);
  }

  /** The placement drivers, then the stores. */
  List<ServerNode> all() {
    List<ServerNode> all = new ArrayList<>(pds);
    all.addAll(stores);
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
    return addStore(directory, host(stores.size() + 1));
  }

  /** The same, with a host that others are told instead of its own. */
  ServerNode addStoreReachedAt(String reachedAt) {
    return addStore(data.resolve("store-" + (stores.size() + 1)), reachedAt);
  }

  private ServerNode addStore(Path directory, String reachedAt) {
    ServerNode store = newStore(directory, reachedAt);
    stores.add(store);
    return store.start().awaitReady();
  }

  /** Where the store that is added next is going to listen. */
  int nextStorePort() {
    return storePort(stores.size() + 1);
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
