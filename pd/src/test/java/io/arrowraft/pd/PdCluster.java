package io.arrowraft.pd;

import io.arrowraft.pd.client.PdClient;
import io.arrowraft.pd.client.PdClientConfig;
import io.arrowraft.pd.client.RpcPdClient;
import io.arrowraft.pd.replication.GroupConfig;
import io.arrowraft.pd.replication.InitialMember;
import io.arrowraft.pd.replication.ReplicatedState;
import io.arrowraft.pd.service.Member;
import io.arrowraft.pd.testing.Machines;
import io.arrowraft.pd.testing.Machines.Machine;
import io.arrowraft.pd.testing.MemoryLog;
import io.arrowraft.rpc.http.HttpAnswer;
import io.arrowraft.rpc.http.HttpHandler;
import io.arrowraft.rpc.http.HttpRequest;
import io.arrowraft.rpc.http.Telemetry;
import io.arrowraft.storage.memory.MemoryEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Members of one group on machines of their own, and clients on another. */
final class PdCluster {
  static final int PORT = 2379;

  final Machines machines;
  final List<Node> nodes = new ArrayList<>();
  final Machine clients;

  /** The members are not started. */
  PdCluster(long seed, int members) {
    machines = new Machines(seed);
    clients = machines.machine("clients");
    List<InitialMember> initial =
        IntStream.rangeClosed(1, members)
            .mapToObj(i -> new InitialMember("pd-" + i, "pd-" + i + ":" + PORT))
            .toList();
    for (InitialMember member : initial) {
      nodes.add(
          new Node(GroupConfig.alone("").withName(member.name()).withInitialCluster(initial)));
    }
  }

  /** Starts all members and waits until all of them serve or follow. */
  PdCluster start() {
    List<CompletableFuture<Long>> started = nodes.stream().map(Node::start).toList();
    started.forEach(machines.clock::await);
    return this;
  }

  /** A newcomer that asks the first member. */
  Node newcomer(String name) {
    Node node = new Node(GroupConfig.alone(name).withJoin(List.of("pd-1:" + PORT, "pd-2:" + PORT)));
    nodes.add(node);
    return node;
  }

  void advance(Duration duration) {
    machines.clock.advance(duration);
  }

  <T> T await(CompletableFuture<T> future) {
    return machines.clock.await(future);
  }

  /** A client that knows all members that there are now. */
  PdClient client() {
    List<String> addresses = nodes.stream().map(Node::address).toList();
    return client(PdClientConfig.defaults(addresses));
  }

  PdClient client(PdClientConfig config) {
    return new RpcPdClient(
        config, clients.client(), clients.environment(), clients.loop("pd-client"));
  }

  /** The one member that says that it leads, once there is one. */
  Node leader() {
    for (int i = 0; i < 10_000; i++) {
      Optional<Node> leader = nodes.stream().filter(Node::leads).findFirst();
      if (leader.isPresent()) {
        return leader.get();
      }
      advance(Duration.ofMillis(1));
    }
    throw new AssertionError("nobody leads after ten seconds");
  }

  List<Node> followers() {
    Node leader = leader();
    return nodes.stream().filter(node -> node != leader && node.machine.isUp()).toList();
  }

  /** One member and its machine. */
  final class Node {
    final String name;
    final Machine machine;
    private final GroupConfig group;
    final MemoryLog log;
    MemoryEngine engine = new MemoryEngine();
    PlacementDriver driver;
    CompletableFuture<Long> started;
    private HttpHandler http;

    Node(GroupConfig group) {
      this.name = group.name();
      this.group = group;
      this.machine = machines.machine(name);
      this.log = new MemoryLog(machine.loop("disk"));
    }

    String address() {
      return name + ":" + PORT;
    }

    CompletableFuture<Long> start() {
      driver =
          new PlacementDriver(
              PdConfig.defaults(name, PORT).withGroup(group),
              machine.environment(),
              machine.servers(),
              machine.client(),
              new ReplicatedState.Storage(log, engine));
      http = driver.http(Telemetry.unexposed(machine.meters), machine.loop("http"));
      started = driver.start();
      return started;
    }

    /** Loses what was not synced. */
    void kill() {
      machine.crash();
      engine = engine.crash(machines.random);
    }

    CompletableFuture<Long> restart() {
      machine.boot();
      log.crash(machine.loop("disk"));
      return start();
    }

    /** Whether this member says that it leads. */
    boolean leads() {
      return machine.isUp()
          && driver != null
          && driver.leader().map(leader -> leader.name().equals(name)).orElse(false);
    }

    /** Asks for a change and does not wait for it. */
    void post(String uri) {
      http.handle(HttpRequest.of("POST", uri, ""));
    }

    void delete(String uri) {
      http.handle(HttpRequest.of("DELETE", uri, ""));
    }

    /** Whom this member knows. */
    Set<String> memberNames() {
      Set<String> names = new TreeSet<>();
      driver.members().forEach(member -> names.add(member.name()));
      return names;
    }

    Set<String> voters() {
      Set<String> names = new TreeSet<>();
      driver.members().stream().filter(Member::voter).forEach(member -> names.add(member.name()));
      return names;
    }

    HttpAnswer ask(String method, String uri, String body) {
      return await(http.handle(HttpRequest.of(method, uri, body)).toCompletableFuture());
    }
  }
}
